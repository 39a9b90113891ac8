"""Tests of opened Parquet logs: what was asked for is counted, and the whole file is hashed."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.reading import NOW, exchanges

from cautery.errors import MalformedFileError
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.ingest.streams import OpenLog, SoughtFile
from cautery.records.progress import SilentProgress

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(0, 2**20)),
        st.tuples(st.just("seek"), st.integers(0, 2**20)),
    ),
    max_size=12,
)


class Told(SilentProgress):
    """Progress that keeps what it was told; from some byte on it raises, as an interrupt does."""

    def __init__(self, failing: int | None = None) -> None:
        self.amounts: list[int] = []
        self.total: int | None = None
        self._failing = failing

    def start(self, phase: str, total: int | None, unit: str) -> None:
        self.total = total

    def advance(self, amount: int) -> None:
        self.amounts.append(amount)
        if self._failing is not None and sum(self.amounts) >= self._failing:
            raise KeyboardInterrupt


def digest_threads() -> list[str]:
    """Name the threads that hash files."""
    return [one.name for one in threading.enumerate() if one.name.startswith("cautery-digest")]


@pytest.fixture(scope="module", name="log")
def _log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of several groups, longer than what a reader of its footer takes at once."""
    path = tmp_path_factory.mktemp("streams") / "a.parquet"
    generator = random.Random(7)
    rows = [row | {"output_text": generator.randbytes(500).hex()} for row in exchanges(600)]
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=100)
    return path


@contextmanager
def opened_log(path: Path, told: Told) -> Iterator[OpenLog]:
    """Open a log and close it; no thread may stay."""
    with closing(OpenLog(path, told.advance)) as opened:
        yield opened
    assert digest_threads() == []


@given(STEPS)
def test_counts_and_digest(log: Path, steps: list[tuple[str, int]]) -> None:
    """Whatever is read how often, no more is told than the file has, and exactly it at the end."""
    told = Told()
    data = log.read_bytes()
    place = 0
    with opened_log(log, told) as opened:
        for step, number in steps:
            if step == "seek":
                place = opened.stream.seek(number)
            else:
                found = opened.stream.read(number)
                assert found == data[place : place + number]
                place += len(found)
            assert sum(told.amounts) <= len(data)
        assert opened.finish() == (sha256(data).hexdigest(), len(data))
    assert sum(told.amounts) == len(data)
    assert min(told.amounts) >= 0


def test_columns_that_nobody_reads_count(log: Path) -> None:
    """A table of which one column is read is told and hashed as a whole."""
    told = Told()
    with opened_log(log, told) as opened:
        assert opened.is_parquet
        ids = pq.ParquetFile(opened.stream, pre_buffer=False).read(["account_id"])
        assert len(ids) == 600
        assert 0 < sum(told.amounts) < log.stat().st_size // 2
        assert opened.finish() == (sha256(log.read_bytes()).hexdigest(), log.stat().st_size)
    assert sum(told.amounts) == log.stat().st_size


def test_progress_of_a_whole_reading(log: Path, tmp_path: Path) -> None:
    """A reading tells exactly the bytes that it announced, though it looks at the head twice."""
    told = Told()
    options = IngestOptions(logs=(str(log),), now=NOW)
    (file,) = read_logs(options, tmp_path, told).files
    data = log.read_bytes()
    assert (file.bytes, file.sha256) == (len(data), sha256(data).hexdigest())
    assert sum(told.amounts) == max(accumulate(told.amounts)) == told.total == file.bytes
    assert min(told.amounts) >= 0


@pytest.mark.parametrize("finished", [False, True])
def test_closing_twice(log: Path, finished: bool) -> None:
    """A log may be closed again, read or unread, and its file is closed once."""
    with opened_log(log, Told()) as opened:
        if finished:
            opened.finish()
        opened.close()
        opened.close()
        assert opened.stream.closed


def test_the_callers_file_stays_open(log: Path) -> None:
    """What is read by seeking closes its own thread, not the file that it was given."""
    with log.open("rb") as raw:
        sought = SoughtFile(log, raw, Told().advance)
        assert sought.readable()
        assert sought.seekable()
        sought.close()
        sought.close()
        assert not raw.closed


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_file_cut_off(log: Path, tmp_path: Path, kept: float) -> None:
    """A table without its footer is an error that names it, and leaves no thread behind."""
    cut = tmp_path / "cut.parquet"
    data = log.read_bytes()
    cut.write_bytes(data[: int(kept * len(data))])
    options = IngestOptions(logs=(str(cut),), now=NOW)
    with pytest.raises(MalformedFileError, match="not a whole Parquet file"):
        read_logs(options, tmp_path, Told())
    assert digest_threads() == []


def test_damage_in_the_middle(log: Path, tmp_path: Path) -> None:
    """A damaged page ends the reading midway, and leaves no thread behind."""
    data = bytearray(log.read_bytes())
    size = len(data) // 3
    data[size : size + 400] = bytes(byte ^ 0x5A for byte in data[size : size + 400])
    bad = tmp_path / "bad.parquet"
    bad.write_bytes(data)
    options = IngestOptions(logs=(str(bad),), now=NOW)
    with pytest.raises(MalformedFileError, match="damaged"):
        read_logs(options, tmp_path, Told())
    assert digest_threads() == []


@pytest.mark.parametrize("failing", [1, 200_000])
def test_an_interrupt_midway(log: Path, tmp_path: Path, failing: int) -> None:
    """Whoever stops a reading finds no thread still at work afterwards."""
    options = IngestOptions(logs=(str(log),), now=NOW)
    with pytest.raises(KeyboardInterrupt):
        read_logs(options, tmp_path, Told(failing))
    assert digest_threads() == []


def test_other_logs_need_no_thread(tmp_path: Path) -> None:
    """Lines are hashed as they are read."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"{}\n" * 5)
    told = Told()
    with opened_log(path, told) as opened:
        assert digest_threads() == []
        assert not opened.is_parquet
        assert opened.finish() == (sha256(path.read_bytes()).hexdigest(), 15)
    assert sum(told.amounts) == 15
