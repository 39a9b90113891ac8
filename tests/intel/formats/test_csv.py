"""The CSV format: what is its own beyond the laws of the shelf."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from tests.intel.indicators import bulletin

from cautery.intel.formats.csv import MEMBER
from cautery.intel.indicator_rows import COLUMNS


def test_names_that_are_formulas_are_inert() -> None:
    """A provider called like a formula is a text in a spreadsheet, and comes back as it was."""
    for name in ("=HYPERLINK(1)", "@SUM(1)", "-2+3", "+1", "'=1", " =1", "＝1", 'a,"b"'):
        made = bulletin(provider=name)
        stream = io.BytesIO()
        MEMBER.write(made, stream)
        rows = list(csv.DictReader(io.StringIO(stream.getvalue().decode())))
        assert {row["source"].strip()[:1] for row in rows} <= {"'", "a"}
        assert {one.source for one in MEMBER.read(stream.getvalue(), "x").indicators} == {name}


def test_what_cannot_be_seen_is_escaped() -> None:
    """A bulletin of another maker with line ends and controls in a name is one row a line."""
    made = bulletin()
    odd = tuple(replace(one, source="a\r\n\x1b[31m\u202eb\\") for one in made.indicators)
    stream = io.BytesIO()
    MEMBER.write(replace(made, indicators=odd), stream)
    content = stream.getvalue().decode()
    assert len(content.splitlines()) == 1 + len(odd)
    assert content.replace("\n", "").isprintable()
    assert {one.source for one in MEMBER.read(content.encode(), "x").indicators} == {odd[0].source}


@pytest.mark.parametrize(
    ("opening", "known"),
    [
        (",".join(COLUMNS).encode() + b"\r\nx", True),
        (b"\xef\xbb\xbf" + ",".join(reversed(COLUMNS)).encode() + b"\n", True),
        (b"kind,value\n", False),
        (b'{"Event": {}}', False),
    ],
    ids=["ours", "turned", "values", "event"],
)
def test_it_is_recognised(opening: bytes, known: bool) -> None:
    """The columns, in any order, are the format."""
    assert MEMBER.recognises(opening) is known
