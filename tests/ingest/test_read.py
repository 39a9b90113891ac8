"""Tests of the whole reading: files in, parts out, whatever order and packing the files have."""

from __future__ import annotations

import gzip
import io
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.ingest.reading import GOLDEN, NOW, exchanges, golden_input, lines_of, read, rows_of

from cautery.errors import (
    MalformedFileError,
    TooManyRejectedError,
)
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.ingest.schema import PART_SCHEMA, SKETCH_VERSION_KEY, part_schema
from cautery.ingest.sketches import SKETCH_VERSION
from cautery.ingest.table import RejectedShareError
from cautery.records.exchange import EXCHANGE_COLUMNS, SKETCH_COLUMNS
from cautery.records.progress import SilentProgress


def test_parts_have_the_promised_schema(tmp_path: Path) -> None:
    """Parts hold canonical, source and sketch columns, and the version of the sketches."""
    log = tmp_path / "a.jsonl"
    log.write_bytes(lines_of(exchanges(10)))
    table = read(tmp_path, log)
    schema = pq.read_schema(table.parts[0])
    assert schema.equals(PART_SCHEMA, check_metadata=False)
    assert schema.metadata[SKETCH_VERSION_KEY] == str(SKETCH_VERSION).encode()
    rows = rows_of(table)
    assert rows["source_line"].to_pylist() == list(range(1, 11))
    assert set(rows["source_file"].to_pylist()) == {str(log)}
    assert rows["input_hash"].null_count == 0
    assert rows["client_network"][0].as_py() == "203.0.0.0/24"


def test_file_facts(tmp_path: Path) -> None:
    """Each input file is told with its digest, size, records and format."""
    from hashlib import sha256

    log = tmp_path / "a.jsonl.gz"
    log.write_bytes(gzip.compress(b"\n" + lines_of(exchanges(10)) + b"\n\n"))
    (file,) = read(tmp_path, log).files
    assert file.sha256 == sha256(log.read_bytes()).hexdigest()
    assert (file.bytes, file.lines, file.format) == (log.stat().st_size, 10, "canonical")


@pytest.mark.parametrize("packing", ["plain", "gz", "gz-members", "zst", "array", "parquet"])
def test_packing_changes_nothing(tmp_path: Path, packing: str) -> None:
    """The same exchanges give the same rows, however the file is packed."""
    records = exchanges(300)
    data = lines_of(records)
    plain = tmp_path / "plain.jsonl"
    plain.write_bytes(data)
    log = tmp_path / "log"
    match packing:
        case "plain":
            log.write_bytes(data.replace(b"\n", b"\r\n"))
        case "gz":
            log.write_bytes(gzip.compress(data))
        case "gz-members":
            log.write_bytes(gzip.compress(data[:999]) + gzip.compress(data[999:]))
        case "zst":
            log.write_bytes(pa.compress(data, codec="zstd", asbytes=True))
        case "array":
            log.write_bytes(json.dumps(records, indent=2).encode())
        case _:
            pq.write_table(pa.Table.from_pylist(records), log)
    left, right = (
        rows_of(read(tmp_path, path)).drop(["source_file", "source_line"]) for path in (plain, log)
    )
    assert left.equals(right)


def test_order_of_files_does_not_matter(tmp_path: Path) -> None:
    """Files are read by name, whatever order, folder or glob they come from, and each once."""
    folder = tmp_path / "logs" / "inner"
    folder.mkdir(parents=True)
    for index in range(4):
        (folder / f"{index}.jsonl").write_bytes(lines_of(exchanges(20, 20 * index)))
    (folder / "notes.txt").write_text("not a log")
    paths = [str(path) for path in sorted(folder.glob("*.jsonl"))]
    straight = read(tmp_path, *paths)
    shuffled = [*paths, *paths[:2], str(folder.parent), str(folder / "*.jsonl")]
    random.Random(5).shuffle(shuffled)
    again = read(tmp_path, *shuffled)
    assert straight.files == again.files
    assert rows_of(straight).equals(rows_of(again))
    assert [part.read_bytes() for part in straight.parts] == [
        part.read_bytes() for part in again.parts
    ]


def test_formats_may_be_mixed(tmp_path: Path) -> None:
    """Every file is sniffed on its own."""
    for name in ("canonical", "otlp_json", "anthropic_bodies"):
        (tmp_path / f"{name}.jsonl").write_bytes(golden_input(name))
    table = read(tmp_path, *sorted(tmp_path.glob("*.jsonl")), max_bad_share=1.0)
    assert [file.format for file in table.files] == ["anthropic-bodies", "canonical", "otlp-json"]


def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash reads standard input."""

    class Stdin:
        buffer = io.BytesIO(gzip.compress(lines_of(exchanges(5))))

    monkeypatch.setattr("sys.stdin", Stdin)
    table = read(tmp_path, "-")
    assert (table.rows, table.files[0].name) == (5, "-")


def test_drop_text_keeps_the_sketches(tmp_path: Path) -> None:
    """Without text the parts lack the text columns and keep what was computed from them."""
    log = tmp_path / "a.jsonl"
    log.write_bytes(lines_of(exchanges(10)))
    table = read(tmp_path, log, drop_text=True)
    rows = rows_of(table)
    assert rows.schema.equals(part_schema(drop_text=True), check_metadata=False)
    assert "input_text" not in rows.schema.names
    sketches = [column.name for column in SKETCH_COLUMNS]
    assert rows.select(sketches).equals(rows_of(read(tmp_path, log)).select(sketches))


def test_sketches_are_reused(tmp_path: Path) -> None:
    """A table without text, read again, keeps its sketches and its original lines."""
    log = tmp_path / "a.jsonl"
    log.write_bytes(lines_of(exchanges(10)))
    first = read(tmp_path, log, drop_text=True)
    again = read(tmp_path, *first.parts)
    left = rows_of(first)
    right = rows_of(again)
    assert right.select(left.schema.names).equals(left)
    assert again.share("input_text") == 0.0
    assert again.share("input_hash") == 1.0
    assert not any("no prompt text" in note for note in again.notes)


def test_sketches_of_another_version_are_made_anew(tmp_path: Path) -> None:
    """Sketches of another version are not believed."""
    log = tmp_path / "a.jsonl"
    log.write_bytes(lines_of(exchanges(10)))
    rows = rows_of(read(tmp_path, log))
    faked = rows.set_column(
        rows.schema.get_field_index("input_hash"), "input_hash", pa.array([7] * 10, pa.int64())
    )
    old = tmp_path / "old.parquet"
    pq.write_table(faked.replace_schema_metadata({SKETCH_VERSION_KEY: b"0"}), old)
    assert rows_of(read(tmp_path, old))["input_hash"].equals(rows["input_hash"])


def test_read_and_rejected_make_all_lines(tmp_path: Path) -> None:
    """Every line is read or stands in rejected.jsonl with file, line, reason and short text."""
    log = tmp_path / "a.jsonl"
    bad = b'{"time_start": "2026-10-01T00:00:00Z", "text": "' + b"x" * 900 + b'"}\n'
    log.write_bytes(lines_of(exchanges(300)) + b"nonsense\n" + bad)
    table = read(tmp_path, log)
    assert (table.rows, table.rejected, table.files[0].lines) == (300, 2, 302)
    assert table.rejected_path is not None
    first, second = map(json.loads, table.rejected_path.read_text().splitlines())
    assert first == {"file": str(log), "line": 301, "reason": "not JSON", "text": "nonsense"}
    assert (second["line"], second["reason"]) == (302, "account missing")
    assert len(second["text"]) == 200


def test_too_many_rejected_still_gives_the_table(tmp_path: Path) -> None:
    """Past the limit the error carries the table of what could be read."""
    log = tmp_path / "a.jsonl"
    log.write_bytes(lines_of(exchanges(90)) + b"nonsense\n" * 10)
    with pytest.raises(
        TooManyRejectedError, match=r"10 of 100 lines rejected \(10\.0 %\)"
    ) as caught:
        read(tmp_path, log)
    assert isinstance(caught.value, RejectedShareError)
    assert rows_of(caught.value.table).num_rows == 90
    assert read(tmp_path, log, max_bad_share=0.1).rejected == 10


def test_coverage_tells_every_column(tmp_path: Path) -> None:
    """Coverage has every canonical and sketch column, with the share that is not null."""
    log = tmp_path / "a.jsonl"
    records = exchanges(100)
    for record in records[:25]:
        record["temperature"] = 0.5
    log.write_bytes(lines_of(records))
    coverage = {item.column: item.share for item in read(tmp_path, log).coverage}
    assert list(coverage) == [column.name for column in (*EXCHANGE_COLUMNS, *SKETCH_COLUMNS)]
    assert (coverage["temperature"], coverage["seed"], coverage["account_id"]) == (0.25, 0.0, 1.0)


def test_empty_file(tmp_path: Path) -> None:
    """An empty file among others is no error; it has no lines."""
    (tmp_path / "a.jsonl").write_bytes(b"")
    (tmp_path / "b.jsonl").write_bytes(lines_of(exchanges(3)))
    table = read(tmp_path, tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    assert [file.lines for file in table.files] == [0, 3]


def test_cut_off_compression(tmp_path: Path) -> None:
    """A compressed file that was cut off is named, and nothing of it passes for whole."""
    data = lines_of(exchanges(20_000))
    for name, packed in (
        ("a.jsonl.gz", gzip.compress(data)),
        ("a.jsonl.zst", pa.compress(data, codec="zstd", asbytes=True)),
    ):
        (tmp_path / name).write_bytes(packed[: len(packed) // 2])
        with pytest.raises(MalformedFileError, match=rf"{name}: the compressed data is cut off"):
            read(tmp_path, tmp_path / name)


def test_broken_parquet(tmp_path: Path) -> None:
    """A Parquet file without its end is named."""
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(MalformedFileError, match="not a whole Parquet file"):
        read(tmp_path, path)


def test_many_parts(tmp_path: Path) -> None:
    """Rows go on in the next part when one is full, in order."""
    log = tmp_path / "a.jsonl"
    log.write_bytes(lines_of(exchanges(300)))
    (tmp_path / "w").mkdir()
    options = IngestOptions(logs=(str(log),), now=NOW)
    table = read_logs(options, tmp_path / "w", SilentProgress(), part_rows=1)
    assert table.rows == 300
    assert rows_of(table)["source_line"].to_pylist() == list(range(1, 301))


def test_mapping_wins_over_sniffing(tmp_path: Path) -> None:
    """With a mapping file every log is read through it."""
    log = tmp_path / "a.jsonl"
    log.write_bytes(golden_input("mapped"))
    table = read(tmp_path, log, mapping=GOLDEN / "mapped" / "map.toml", max_bad_share=1.0)
    assert (table.files[0].format, table.rows, table.rejected) == ("mapped", 2, 2)


def test_progress_hears_every_byte(tmp_path: Path) -> None:
    """Progress is told the compressed bytes, in one phase."""

    class Heard(SilentProgress):
        def __init__(self) -> None:
            self.total: int | None = 0
            self.sum = 0

        def start(self, phase: str, total: int | None, unit: str) -> None:
            assert (phase, unit) == ("reading", "bytes")
            self.total = total

        def advance(self, amount: int) -> None:
            self.sum += amount

    heard = Heard()
    for name, data in (("a.gz", gzip.compress(lines_of(exchanges(99)))), ("b", b"")):
        (tmp_path / name).write_bytes(data)
    pq.write_table(pa.Table.from_pylist(exchanges(5)), tmp_path / "c.parquet")
    (tmp_path / "w").mkdir()
    paths = tuple(str(tmp_path / name) for name in ("a.gz", "b", "c.parquet"))
    read_logs(IngestOptions(logs=paths, now=NOW), tmp_path / "w", heard)
    assert heard.sum == heard.total
