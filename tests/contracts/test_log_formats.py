"""Laws that every log format keeps, walked over the whole shelf."""

from __future__ import annotations

import random
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.ingest.reading import (
    Reading,
    golden_expected,
    golden_input,
    golden_output,
    options_for,
    read_bytes,
)

from cautery.errors import CauteryError
from cautery.ingest.schema import BATCH_SCHEMA
from cautery.ingest.sniffing import HEAD_BYTES
from cautery.registry import LOG_FORMATS

ROOT = Path(__file__).resolve().parents[2]
NAMES = LOG_FORMATS.names()
GOLDEN_BYTES = {name: golden_input(name) for name in NAMES}
RECORDS_PER_LINE = {"otlp_json": 3}
"""Formats in whose golden data one line holds several records, and how many at most."""

HOSTILE = (
    b"",
    b"\n\n\n",
    b"null\n",
    b"[]",
    b"[[[[[",
    b"{" * 5000,
    b'{"a":' * 3000,
    b"\xff\xfe\x00\x01",
    b"PAR1\x00\x00PAR1",
    b'{"time_start": 1e400, "account_id": []}',
    b'{"startTime": {}, "request_id": 1, "call_type": 2, "api_key": 3, "metadata": [1]}',
    b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"attributes": 7, "events": "x"}]}]}]}',
    b'{"request": {"messages": [1, null, {"role": 3}]}, "response": "x", "time": "x"}',
    b"a,b\n1,2\n" + b'"never closed,\n' * 50,
)


def laws(name: str, data: bytes) -> Reading:
    """Read bytes and check everything that must hold whatever they are."""
    try:
        reading = read_bytes(name, data, batch_rows=7)
    except CauteryError:
        # A whole file may be refused, with an error of the tree and never another one.
        return Reading([], [], options_for(name).findings)
    findings = reading.findings
    for batch in reading.batches:
        assert batch.schema.names[: len(BATCH_SCHEMA)] == BATCH_SCHEMA.names
        assert 0 < batch.num_rows <= 7
        assert batch.column("time_start").null_count == 0
        assert batch.column("account_id").null_count == 0
    assert findings.accepted == sum(batch.num_rows for batch in reading.batches)
    assert findings.rejected.total() == len(reading.rejects)
    assert all(0 < len(reason) < 60 for _, reason in reading.reasons)
    lines = [row["source_line"] for row in reading.rows]
    assert lines == sorted(lines)
    return reading


@pytest.mark.parametrize("name", NAMES)
def test_golden_data(name: str) -> None:
    """The golden input reads as the golden output, rejected and skipped records included."""
    assert golden_output(read_bytes(name, GOLDEN_BYTES[name])) == golden_expected(name)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost(name: str) -> None:
    """Read, rejected and skipped records together are the records of the file."""
    data = GOLDEN_BYTES[name]
    lines = sum(bool(line.strip()) for line in data.split(b"\n"))
    reading = laws(name, data)
    if name not in RECORDS_PER_LINE:
        assert reading.findings.accepted + len(reading.rejects) == lines
        assert sorted(
            [row["source_line"] for row in reading.rows] + [line for line, _ in reading.reasons]
        ) == list(range(1, lines + 1))
    # Every record of the golden data is a row of the golden output, rejected or counted.
    told = golden_expected(name)
    counted = sum(item.get("count", 1) for item in told)
    assert reading.findings.records == counted


@pytest.mark.parametrize("name", [name for name in NAMES if name != "mapped"])
def test_golden_input_is_sniffed_as_itself(name: str) -> None:
    """No other format is as sure of a format's golden input as the format itself."""
    head = GOLDEN_BYTES[name][:HEAD_BYTES]
    scores = {other: LOG_FORMATS.load(other).sniff(head, "log.jsonl") for other in NAMES}
    assert max(scores, key=lambda other: scores[other]) == name
    assert scores[name] >= 0.5
    assert sorted(scores.values())[-2] < scores[name]


@pytest.mark.parametrize("name", NAMES)
def test_batches_keep_the_order(name: str) -> None:
    """Small batches hold the rows of one big batch, in file order."""
    data = GOLDEN_BYTES[name] * 3
    small = read_bytes(name, data, batch_rows=2)
    assert [batch.num_rows for batch in small.batches[:-1]] == [2] * (len(small.batches) - 1)
    assert small.rows == read_bytes(name, data).rows


@pytest.mark.parametrize("name", NAMES)
def test_batches_are_bounded_by_bytes(name: str) -> None:
    """A batch ends after the row that passes the byte bound, however few rows that is."""
    reading = read_bytes(name, GOLDEN_BYTES[name] * 3, batch_bytes=1)
    if name not in RECORDS_PER_LINE:
        assert {batch.num_rows for batch in reading.batches} == {1}
    assert reading.rows == read_bytes(name, GOLDEN_BYTES[name] * 3).rows


@pytest.mark.parametrize("name", NAMES)
def test_long_lines_are_rejected(name: str) -> None:
    """A line past the bound is rejected as too long, and the next one is read."""
    longest = max(len(line) for line in GOLDEN_BYTES[name].split(b"\n"))
    data = b'{"x": "' + b"y" * (longest + 100) + b'"}\n' + GOLDEN_BYTES[name]
    reading = read_bytes(name, data, line_bytes=longest)
    assert reading.reasons[0] == (1, "line too long")
    assert len(reading.rejects[0][2]) <= 1000
    assert len(reading.rows) == len(read_bytes(name, GOLDEN_BYTES[name]).rows)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bytes_raise_nothing(name: str, data: bytes) -> None:
    """Bytes made to break a parser are rejected, and sniffing them raises nothing."""
    assert 0.0 <= LOG_FORMATS.load(name).sniff(data, "log") <= 1.0
    laws(name, data)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.binary(max_size=300))
@example(data=b'{"a": "\\ud800"}')
def test_random_bytes_raise_nothing(name: str, data: bytes) -> None:
    """Random bytes never raise anything but an error of the tree."""
    member = LOG_FORMATS.load(name)
    for file_name in ("log.jsonl", "log.csv", "log"):
        assert 0.0 <= member.sniff(data, file_name) <= 1.0
    laws(name, data)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["{", "[1", '{"a": 1}', "sk-" + "a" * 30, "1790841600", "10.0.0.1"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("name", NAMES)
@given(value=JSON, seed=st.integers(0, 2**32 - 1))
def test_mutated_golden_records_raise_nothing(name: str, value: Any, seed: int) -> None:
    """A golden record with one value replaced by any JSON is read or rejected, never lost."""
    import json

    chance = random.Random(seed)
    lines = [line for line in GOLDEN_BYTES[name].split(b"\n") if line.startswith(b'{"')]
    record = json.loads(chance.choice([line for line in lines if line.endswith(b"}")]))
    place: Any = record
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = chance.choice(keys)
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.3:
            place[key] = value
            break
        place = inner
    reading = laws(name, json.dumps(record).encode() + b"\n")
    if name not in RECORDS_PER_LINE and reading.findings.records:
        assert reading.findings.records == 1


@pytest.mark.parametrize("name", NAMES)
@given(seed=st.integers(0, 2**32 - 1))
def test_damaged_golden_bytes_raise_nothing(name: str, seed: int) -> None:
    """Golden data with flipped, doubled and cut bytes never raises."""
    chance = random.Random(seed)
    data = bytearray(GOLDEN_BYTES[name])
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(data))
        match chance.randrange(3):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                data[place:place] = data[place : place + chance.randrange(64)]
            case _:
                del data[place : place + chance.randrange(64)]
    laws(name, bytes(data))


class OneReadAtATime(BytesIO):
    """A stream that gives few bytes at once, as a pipe may."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size, 37) if size is not None and size >= 0 else 37)


@pytest.mark.parametrize("name", NAMES)
def test_short_reads_change_nothing(name: str) -> None:
    """A stream that gives a few bytes at a time reads like one that gives them all."""
    data = GOLDEN_BYTES[name]
    rejects: list[tuple[int, str]] = []
    member = LOG_FORMATS.load(name)
    batches = member.read(
        OneReadAtATime(data),
        options_for(name),
        lambda line, reason, _: rejects.append((line, reason)),
    )
    rows = [row for batch in batches for row in batch.to_pylist()]
    whole = read_bytes(name, data)
    assert rows == whole.rows
    assert rejects == whole.reasons


@pytest.mark.parametrize("name", NAMES)
def test_page_shows_where_each_column_comes_from(name: str) -> None:
    """The docs page of a format lists the very paths that its reader tells ``explain --line``."""
    member: Any = LOG_FORMATS.load(name)
    page = (ROOT / "docs" / "reference" / "formats" / f"{member.name}.md").read_text("utf-8")
    for source in member.fields:
        paths = ", ".join(f"`{path}`" for path in source.paths) or "-"
        assert f"| {source.column} | {paths} | {source.note} |" in page


@pytest.mark.parametrize("name", [name for name in NAMES if name != "mapped"])
def test_columns_come_from_where_the_format_says(name: str) -> None:
    """A column that the golden output fills is one that the format says it carries."""
    member: Any = LOG_FORMATS.load(name)
    told = {source.column for source in member.fields} | {"source_line", "account_id_source"}
    filled = {key for row in golden_expected(name) if "account_id" in row for key in row}
    assert filled <= told
