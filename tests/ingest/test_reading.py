"""Tests of what is known of logs besides their rows: it adds up, and can be kept."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.reading import NOW, exchanges, lines_of

from cautery.ingest.findings import Findings
from cautery.ingest.log_files import find_log_files
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_files
from cautery.ingest.reading import Reading
from cautery.ingest.rejects import RejectCounts
from cautery.records.case import InputFile
from cautery.records.progress import SilentProgress

COUNTS = st.integers(0, 1000)
TEXTS = st.text(max_size=6)


def kept(reading: Reading) -> Reading:
    """Send a reading through the JSON in which it is kept."""
    return Reading.of(json.loads(json.dumps(reading.document())))


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    """Draw what the readers may find."""
    counters = st.dictionaries(TEXTS, st.integers(1, 1000), max_size=3).map(Counter)
    reasons: Counter[str] = draw(counters)
    return Reading(
        files=[
            InputFile(name=draw(TEXTS), sha256="0" * 64, bytes=size, lines=3, format="canonical")
            for size in draw(st.lists(COUNTS, max_size=2))
        ],
        findings=Findings(
            accepted=draw(COUNTS),
            rejected=reasons,
            skipped=draw(counters),
            unreadable=draw(counters),
            repaired=draw(COUNTS),
            without_zone=draw(counters),
            hidden_keys=draw(COUNTS),
            notes=draw(st.lists(TEXTS, max_size=3, unique=True)),
        ),
        rejects=RejectCounts(
            count=reasons.total(),
            reasons=reasons,
            first={reason: f"a.jsonl:{place}" for place, reason in enumerate(reasons)},
        ),
        outside=draw(COUNTS),
        hints=draw(st.dictionaries(TEXTS, TEXTS, max_size=2)),
        time_zone=draw(st.sampled_from(["UTC", "Europe/Berlin"])),
    )


@given(reading=readings())
def test_a_kept_reading_is_the_same(reading: Reading) -> None:
    """Nothing is lost or changed on the way through JSON."""
    again = kept(reading)
    assert again.document() == reading.document()
    assert (again.files, again.findings, again.rejects) == (
        reading.files,
        reading.findings,
        reading.rejects,
    )
    assert again.judged == reading.judged


@given(first=readings(), second=readings())
def test_readings_add_up(first: Reading, second: Reading) -> None:
    """Counts are added, files follow one another, and the first place of a reason stays."""
    total = Reading()
    for reading in (first, second):
        total.add(kept(reading))
    assert total.files == [*first.files, *second.files]
    assert total.judged == first.judged + second.judged
    assert total.outside == first.outside + second.outside
    for name in ("rejected", "skipped", "unreadable", "without_zone"):
        parts: list[Counter[str]] = [getattr(one.findings, name) for one in (first, second)]
        assert getattr(total.findings, name) == parts[0] + parts[1]
    assert total.rejects.count == first.rejects.count + second.rejects.count
    assert total.rejects.reasons == first.rejects.reasons + second.rejects.reasons
    assert total.rejects.first == {**second.rejects.first, **first.rejects.first}
    assert set(total.findings.notes) == {*first.findings.notes, *second.findings.notes}
    assert total.hints == {**first.hints, **second.hints}


@pytest.mark.parametrize("missing", list(Reading().document()))
def test_a_document_with_a_gap_is_refused(missing: str) -> None:
    """What lacks a part is not taken for a reading in which there was none."""
    document = Reading().document()
    document.pop(missing)
    with pytest.raises(KeyError):
        Reading.of(document)


@pytest.mark.parametrize("strange", [None, [], "text", 7])
def test_another_document_is_refused(strange: Any) -> None:
    """What is of another kind altogether raises one of the promised errors."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        Reading.of(strange)


def read_files_of(work: Path, *logs: Path) -> Reading:
    """Read logs into a folder of their own."""
    work.mkdir()
    options = IngestOptions(logs=tuple(map(str, logs)), now=NOW, time_zone="Europe/Berlin")
    files = find_log_files(options.logs, work)
    return read_files(files, options, work, SilentProgress())[0]


def test_logs_one_by_one_are_logs_together(tmp_path: Path) -> None:
    """The readings of single logs, kept and added, are the reading of all of them."""
    odd = {"time_start": "2026-10-02 08:00:00", "account_id": "acct-3", "temperature": "warm"}
    hidden = {"time_start": "2026-10-02T09:00:00Z", "account_id": "sk-abcdefghijklmnopqrstuvwx"}
    logs = [tmp_path / f"{name}.jsonl" for name in "abc"]
    logs[0].write_bytes(lines_of(exchanges(30)) + b"nonsense\n{}\n")
    logs[1].write_bytes(lines_of([odd, hidden, *exchanges(90, 40)]))
    logs[2].write_bytes(b"nonsense\n" + lines_of(exchanges(5)))
    total = Reading()
    for log in logs:
        total.add(kept(read_files_of(tmp_path / log.stem, log)))
    together = read_files_of(tmp_path / "all", *logs)
    assert total.findings.rejected
    assert total.findings.without_zone
    assert total.findings.unreadable
    assert total.document() == together.document()
