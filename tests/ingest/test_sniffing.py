"""Tests of telling formats apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.reading import golden_input

from cautery.errors import UnknownFormatError
from cautery.ingest.sniffing import HEAD_BYTES, looks_like_csv, sample_records, sniff_format


@pytest.mark.parametrize(
    ("file", "name"),
    [("in.csv", "litellm-spend-logs"), ("in.json", "litellm-spend-logs")],
)
def test_dumps(file: str, name: str) -> None:
    """CSV and arrays are told by their columns, whatever the file is called."""
    member, confidence = sniff_format(golden_input("litellm_spend_logs", file)[:HEAD_BYTES], "dump")
    assert member.name == name
    assert confidence > 0.9


def test_cut_last_line_does_not_count() -> None:
    """The line that the head cuts off speaks neither for nor against a format."""
    line = b'{"time_start": "2026-10-01T08:00:00Z", "account_id": "a"}\n'
    head = (line * 2000)[:HEAD_BYTES]
    assert not head.endswith(b"\n")
    assert sniff_format(head, "a.jsonl")[1] == pytest.approx(0.98)


def test_a_few_bad_lines_do_not_decide() -> None:
    """A log that begins with a bad line is still known by the others."""
    line = b'{"time_start": "2026-10-01T08:00:00Z", "account_id": "a"}\n'
    assert sniff_format(b"started\n" + line * 5, "a.log")[0].name == "canonical"


def test_mostly_bad_lines_are_no_format() -> None:
    """Where most lines speak against every format, none is taken."""
    line = b'{"time_start": "2026-10-01T08:00:00Z", "account_id": "a"}\n'
    with pytest.raises(UnknownFormatError, match="cannot tell the format"):
        sniff_format(line + b'{"other": 1}\n' * 5, "a.log")


def test_blank_file() -> None:
    """A file of blank lines is called empty."""
    with pytest.raises(UnknownFormatError, match="the file is empty"):
        sniff_format(b"\n \n", "a.log")


@given(head=st.binary(max_size=200), name=st.sampled_from(["a.csv", "a.jsonl", "a"]))
def test_samples_never_raise(head: bytes, name: str) -> None:
    """Any bytes give a bounded number of samples."""
    assert len(sample_records(head, name)) <= 20
    looks_like_csv(head)
