"""Tests of the whole reading: files in, parts out, whatever order and packing the files have."""

from __future__ import annotations

import gzip
import io
import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.ingest.reading import GOLDEN, NOW, golden_input

from cautery.errors import (
    InputError,
    MalformedFileError,
    NoInputError,
    TimeUnitError,
    TooManyRejectedError,
    UnknownFormatError,
)
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.ingest.schema import PART_SCHEMA, SKETCH_VERSION_KEY, part_schema
from cautery.ingest.sketches import SKETCH_VERSION
from cautery.ingest.table import ExchangeTable, RejectedShareError
from cautery.records.exchange import EXCHANGE_COLUMNS, SKETCH_COLUMNS
from cautery.records.progress import SilentProgress


def exchanges(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Plain exchanges of a few accounts."""
    return [
        {
            "time_start": f"2026-10-01T{index // 3600 % 24:02d}:{index // 60 % 60:02d}"
            f":{index % 60:02d}Z",
            "account_id": f"acct-{index % 60}",
            "client_address": f"203.0.{index % 60}.7",
            "input_text": f"please explain the number {index} in a few short words",
        }
        for index in range(start, start + count)
    ]


def lines_of(records: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def read(work: Path, *logs: Path | str, **changes: Any) -> ExchangeTable:
    """Read logs with the tests' clock into a fresh folder."""
    folder = work / f"work-{len(list(work.iterdir()))}"
    folder.mkdir()
    options = IngestOptions(logs=tuple(map(str, logs)), now=NOW, **changes)
    return read_logs(options, folder, SilentProgress())


def rows_of(table: ExchangeTable) -> Any:
    return pa.concat_tables([pq.read_table(part) for part in table.parts])


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


class TestMistakes:
    """The likely mistakes of ux.md, section 6, and what is said about each."""

    def test_1_wrong_path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A path that matches nothing names the nearest one that does."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "logs").mkdir()
        for name in ("a.json", "b.json"):
            (tmp_path / "logs" / name).write_text("{}")
        with pytest.raises(NoInputError) as caught:
            read(tmp_path, "log/*.json")
        assert str(caught.value) == (
            "no file matches 'log/*.json'. Did you mean 'logs/*.json' (2 files)?"
        )
        with pytest.raises(NoInputError, match=r"Did you mean 'logs/a\.json' \(1 file\)\?"):
            read(tmp_path, "logs/aa.json")

    def test_2_unknown_format(self, tmp_path: Path) -> None:
        """A log of nginx is recognised as one that has no account."""
        log = tmp_path / "access.log"
        log.write_text('10.2.0.4 - - [01/Oct/2026:00:00:01 +0000] "GET / HTTP/1.1" 200 1 "-" "x"\n')
        with pytest.raises(UnknownFormatError) as caught:
            read(tmp_path, log)
        text = str(caught.value)
        assert "access.log: cannot tell the format. Line 1 begins '10.2.0.4 - - [01/Oct" in text
        assert "looks like nginx combined, which has no account field" in text
        assert "--mapping FILE" in text

    def test_2_unknown_lines(self, tmp_path: Path) -> None:
        """Other unknown lines get the list of formats, and none of their control characters."""
        log = tmp_path / "a.log"
        log.write_bytes(b"\x1b[31mhello there\n")
        with pytest.raises(UnknownFormatError) as caught:
            read(tmp_path, log)
        assert "begins '?[31mhello there'" in str(caught.value)
        assert "otlp-json" in str(caught.value)

    def test_3_no_account(self, tmp_path: Path) -> None:
        """A log without accounts names the columns that it has."""
        log = tmp_path / "a.jsonl"
        record = json.loads(golden_input("litellm_spend_logs").split(b"\n")[4])
        log.write_bytes(lines_of([{**record, "tenant": "t1"}] * 1500))
        with pytest.raises(InputError) as caught:
            read(tmp_path, log)
        text = str(caught.value)
        assert "litellm-spend-logs file has no account, key or address in 1,000 of 1,000" in text
        assert "Linking needs an account. Columns seen: request_id, call_type" in text
        assert text.endswith("Use --account FIELD.")
        assert read(tmp_path, log, account_field="tenant").rows == 1500

    def test_4_bad_lines(self, tmp_path: Path) -> None:
        """A few bad lines are a warning with reasons and the first place of each."""
        log = tmp_path / "a.jsonl"
        records = exchanges(2000)
        records[9].pop("time_start")
        log.write_bytes(b"nonsense\nnonsense\n" + lines_of(records))
        assert read(tmp_path, log).notes[0] == (
            f"warning: 3 of 2,002 lines rejected (0.1 %): 2 'not JSON' (first: {log}:1), "
            "1 'time missing'. Kept in rejected.jsonl. Limit 1 % (--max-bad)."
        )

    def test_5_times_without_zone(self, tmp_path: Path) -> None:
        """Times without a zone are read in the given one, with a warning."""
        log = tmp_path / "a.jsonl"
        log.write_bytes(lines_of([{"time_start": "2026-07-01 12:00:00", "account_id": "a"}]))
        table = read(tmp_path, log)
        assert table.notes[0] == (
            "warning: 'time_start' has no time zone; read as UTC. If it is local time use --tz "
            "Europe/Berlin or the like. (Rhythm signals depend on it.)"
        )
        (moment,) = rows_of(read(tmp_path, log, time_zone="Europe/Berlin"))[
            "time_start"
        ].to_pylist()
        assert moment.isoformat() == "2026-07-01T10:00:00+00:00"

    def test_5_wrong_unit(self, tmp_path: Path) -> None:
        """Milliseconds read as seconds are an impossible year, with the unit to use."""
        log = tmp_path / "a.jsonl"
        log.write_bytes(lines_of([{"time_start": 1759276800000, "account_id": "a"}] * 3))
        with pytest.raises(TimeUnitError) as caught:
            read(tmp_path, log, time_unit="s")
        assert str(caught.value) == (
            f"{log}: 'time_start' = 1759276800000 reads as year 57719 in seconds. "
            "Use --time-unit ms."
        )
        assert read(tmp_path, log, time_unit="ms").rows == 3
        assert read(tmp_path, log).rows == 3

    def test_6_too_little(self, tmp_path: Path) -> None:
        """Few exchanges of few accounts are not calibrated, and the result says so."""
        log = tmp_path / "a.jsonl"
        records = [{**record, "account_id": f"a{i % 6}"} for i, record in enumerate(exchanges(212))]
        log.write_bytes(lines_of(records))
        (note,) = read(tmp_path, log).notes
        assert note == (
            "note: 212 exchanges from 6 accounts. Linking needs about 50 accounts or 5,000 "
            "exchanges; results below are not calibrated."
        )
        log.write_bytes(lines_of(exchanges(212)))
        assert read(tmp_path, log).notes == ()

    def test_7_no_prompts(self, tmp_path: Path) -> None:
        """A LiteLLM log without prompts names the setting that would log them."""
        log = tmp_path / "a.jsonl"
        record = json.loads(golden_input("litellm_spend_logs").split(b"\n")[3])
        record["metadata"]["requester_ip_address"] = "198.51.100.4"
        log.write_bytes(lines_of([record]))
        assert any(
            note.startswith(
                "note: this log has no prompt text (LiteLLM: store_prompts_in_spend_logs is off). "
            )
            for note in read(tmp_path, log).notes
        )

    def test_8_load_balancer(self, tmp_path: Path) -> None:
        """One address on nearly all rows switches the address signals off."""
        log = tmp_path / "a.jsonl"
        records = [{**record, "client_address": "10.0.0.3"} for record in exchanges(1000)]
        records[0]["client_address"] = "203.0.113.9"
        records[1]["client_address"] = "203.0.113.10"
        log.write_bytes(lines_of(records))
        table = read(tmp_path, log)
        (note,) = table.notes
        assert note == (
            "warning: 99.8 % of lines have client address 10.0.0.3, your load balancer? Address "
            "signals switched off. Log X-Forwarded-For and use --client-ip "
            "header:x-forwarded-for --trusted-proxy 10.0.0.3."
        )
        assert table.switched_off == {"client_address", "client_network", "asn"}
        assert table.share("client_address") == 0.0

    def test_8_one_address_of_few_accounts_is_kept(self, tmp_path: Path) -> None:
        """Four accounts on one address are a reason to link them, not a load balancer."""
        log = tmp_path / "a.jsonl"
        records = [
            {**record, "client_address": "10.0.0.3", "account_id": f"a{index % 4}"}
            for index, record in enumerate(exchanges(100))
        ]
        log.write_bytes(lines_of(records))
        assert read(tmp_path, log).switched_off == frozenset()

    def test_8_many_addresses_are_kept(self, tmp_path: Path) -> None:
        """An address on nine rows in ten is not switched off, and memory stays small."""
        log = tmp_path / "a.jsonl"
        records = exchanges(1000)
        for index, record in enumerate(records):
            record["client_address"] = (
                "10.0.0.3" if index % 10 else f"203.0.{index // 250}.{index % 250}"
            )
        log.write_bytes(lines_of(records))
        assert read(tmp_path, log).switched_off == frozenset()


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
