"""Tests of reading blocks of lines here and in other processes."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.ingest.reading import (
    Reading,
    exchanges,
    golden_input,
    json_lines,
    lines_of,
    options_for,
    read,
    rows_of,
)
from tests.ingest.signed_lines import line_of

from cautery.errors import MissingColumnError, TimeUnitError
from cautery.ingest import block_reading, line_blocks
from cautery.ingest import read as read_module
from cautery.ingest.block_reading import BlockReading, process_count
from cautery.ingest.line_blocks import LineBlock
from cautery.ingest.reading_process import answer_all, receive, send, unpacked
from cautery.ingest.reading_processes import ReadingProcess, ReadingProcesses
from cautery.registry import LOG_FORMATS

FORMATS = (
    "anthropic_bodies",
    "canonical",
    "litellm_spend_logs",
    "litellm_standard_payload",
    "mapped",
    "openai_bodies",
    "otlp_json",
)


def many(name: str, copies: int = 60) -> bytes:
    """The golden log over and over, with bad lines in between."""
    log = golden_input(name) + line_of(name)
    return b"".join(
        log + (b"not json\n[1, 2]\n" if copy % 3 == 0 else b"") for copy in range(copies)
    )


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of about 20,000 bytes, and other processes from the second block on."""

    def cut(stream: Any, longest_bytes: int) -> Iterator[LineBlock]:
        whole = BytesIO(stream.read())
        return line_blocks.line_blocks(_Trickle(whole), longest_bytes, block_bytes=20_000)

    monkeypatch.setattr(block_reading, "line_blocks", cut)


class _Trickle:
    def __init__(self, stream: BytesIO) -> None:
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        return self._stream.read(10_000)


def read_blocks(name: str, data: bytes, processes: int) -> Reading:
    """Read bytes block by block."""
    options = options_for(name)
    rejects: list[tuple[int, str, bytes]] = []
    reading = BlockReading(processes, alone_bytes=1)
    try:
        batches = list(
            reading.read(
                LOG_FORMATS.load(name),
                BytesIO(data),
                options,
                lambda line, reason, raw: rejects.append((line, reason, raw[:800])),
            )
        )
    finally:
        reading.close()
    return Reading(batches, rejects, options.findings)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", FORMATS)
def test_blocks_change_nothing(name: str) -> None:
    """Block by block, a log gives the rows, rejects and counts that it gives in one piece."""
    data = many(name)
    options = options_for(name)
    rejects: list[tuple[int, str, bytes]] = []
    whole = list(
        LOG_FORMATS.load(name).read(
            BytesIO(data), options, lambda *reject: rejects.append((*reject[:2], reject[2][:800]))
        )
    )
    blocks = read_blocks(name, data, 1)
    assert len(blocks.batches) > len(whole)
    assert pa.Table.from_batches(blocks.batches) == pa.Table.from_batches(whole)
    assert blocks.rejects == rejects
    assert asdict(blocks.findings) == asdict(options.findings)


@pytest.mark.usefixtures("small_blocks")
def test_processes_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes give the same batches, rejected lines and counts as one, in the same order."""
    data = many("litellm_spend_logs", 200)
    one = read_blocks("litellm_spend_logs", data, 1)
    assert len(one.batches) > 5
    here: list[int] = []
    read_here = block_reading._read_here

    def counted(member: Any, block: LineBlock, *rest: Any) -> Iterator[Any]:
        here.append(block.first_line)
        return read_here(member, block, *rest)

    monkeypatch.setattr(block_reading, "_read_here", counted)
    two = read_blocks("litellm_spend_logs", data, 2)
    assert here == [1], "all blocks but the first are read by the other processes"
    assert two.batches == one.batches
    assert two.rejects == one.rejects
    times = {"possible_times": 0}
    assert {**asdict(two.findings), **times} == {**asdict(one.findings), **times}


@pytest.mark.usefixtures("small_blocks")
def test_processes_that_are_gone_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a process that ended, or never began, are read by the caller."""

    class Gone(ReadingProcesses):
        def __init__(self, count: int) -> None:
            super().__init__(count)
            for process in self._all:
                process.end()

    monkeypatch.setattr(block_reading, "ReadingProcesses", Gone)
    data = many("canonical", 300)
    one, two = (read_blocks("canonical", data, processes) for processes in (1, 2))
    assert two.batches == one.batches
    assert two.rejects == one.rejects


def test_a_whole_reading_with_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables, their parts and rejected.jsonl are the same for any number of processes."""
    log = tmp_path / "log.jsonl"
    log.write_bytes(
        b"".join(lines_of(exchanges(900, start)) + b"bad\n" for start in range(0, 9_000, 900))
    )
    found = []
    for processes in (1, 2):
        monkeypatch.setattr(
            block_reading,
            "line_blocks",
            lambda s, n: line_blocks.line_blocks(s, n, most_lines=1_000),
        )
        monkeypatch.setattr(read_module, "BlockReading", partial(BlockReading, alone_bytes=1))
        table = read(tmp_path, log, processes=processes)
        assert table.rejected_path is not None
        found.append((table.parts[0].read_bytes(), table.rejected_path.read_bytes(), table.notes))
        assert rows_of(table).num_rows == 9_000
    assert found[0] == found[1]


def test_a_wrong_unit_is_still_found() -> None:
    """Blocks without a possible time raise the error that the whole log would, with its fields."""
    record = {"time_start": 3, "account_id": "a"}
    with pytest.raises(TimeUnitError, match="year 1970"):
        read_blocks("canonical", json_lines(*[record] * 5), 2)


@pytest.mark.usefixtures("small_blocks")
def test_one_block_without_times_is_no_wrong_unit() -> None:
    """A block of impossible times costs its lines, as long as another block has possible ones."""
    bad = json_lines(*[{"time_start": 3, "account_id": "a"}] * 600)
    good = lines_of(exchanges(200))
    reading = read_blocks("canonical", bad + good, 1)
    assert (reading.findings.accepted, len(reading.rejects)) == (200, 600)


def test_a_log_without_accounts_is_still_refused(tmp_path: Path) -> None:
    """The check for a missing account column works on blocks too."""
    log = tmp_path / "log.jsonl"
    log.write_bytes(json_lines(*[{"time_start": "2026-10-01T00:00:00Z"}] * 1_200))
    with pytest.raises(MissingColumnError, match="no account"):
        read(tmp_path, log, format="canonical")


def test_a_line_in_a_block_is_only_a_line() -> None:
    """A line that begins like an array, CSV or Parquet is one bad line in a block."""
    for name in FORMATS:
        for text in (b'[{"a": 1},\n', b"request_id,startTime,call_type,api_key\n", b"PAR1\n"):
            options = replace(options_for(name), block_first_line=7)
            lines: list[int] = []
            found = LOG_FORMATS.load(name).read(
                BytesIO(text), options, lambda line, *_, to=lines: to.append(line)
            )
            assert (list(found), lines) == ([], [7]), name


def test_messages_between_processes() -> None:
    """The other end answers every question in turn and ends with its input, even cut off."""
    block = LineBlock(11, lines_of(exchanges(3)) + b"bad\n")
    question = pickle.dumps(("canonical", options_for("canonical"), block.first_line))
    asked, answers = BytesIO(), BytesIO()
    send(asked, question, block.text)
    send(asked, question, b"")
    asked.write(b"\1\0")
    asked.seek(0)
    answer_all(asked, answers)
    answers.seek(0)
    first, second = (unpacked(receive(answers) or b"", receive(answers) or b"") for _ in range(2))
    assert [row["source_line"] for batch in first.batches for row in batch.to_pylist()] == [
        11,
        12,
        13,
    ]
    assert first.rejects == ((14, "not JSON", b"bad"),)
    assert (second.batches, second.rejects, second.findings.records) == ((), (), 0)
    assert receive(answers) is None


def test_a_process_over_which_a_block_goes_wrong() -> None:
    """A question that cannot be answered ends the process and gives None, now and later."""
    process = ReadingProcess()
    assert process.ask(pickle.dumps(("no such format", None, 1)), b"x") is None
    assert process.ask(pickle.dumps(("canonical", options_for("canonical"), 1)), b"x") is None


def test_how_many_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as asked for, at least one; one if no further Python can be started."""
    assert (process_count(3), process_count(0)) == (3, 1)
    assert process_count(None) >= 1
    monkeypatch.setattr(sys, "executable", "")
    assert process_count(3) == 1
