"""Rows of CSV: places of faults, orders of columns, bounds."""

from __future__ import annotations

import pytest
from tests.intel.indicators import bulletin, indicator

from cautery.errors import MalformedFileError
from cautery.intel import indicator_rows
from cautery.intel.indicator_rows import COLUMNS, read_rows, write_rows


def test_columns_are_the_records_own() -> None:
    """Every field of an indicator but who gave it to us is a column."""
    fields = set(type(indicator()).__dataclass_fields__)
    assert set(COLUMNS) == fields - {"given_by"}


def test_a_fault_has_line_and_column() -> None:
    """A reader is told in which line and which column the fault is."""
    lines = write_rows(bulletin().indicators).decode().splitlines()
    lines[3] = lines[3].replace(",false,", ",maybe,")
    with pytest.raises(MalformedFileError) as caught:
        read_rows("\n".join(lines).encode(), "peer.csv")
    assert caught.value.where == "peer.csv:4.revoked"


def test_a_row_twice_is_one_indicator() -> None:
    """The same version twice is taken once."""
    made = bulletin().indicators
    found = read_rows(write_rows([*made, *made]), "x")
    assert found.indicators == made


def test_unknown_kinds_are_passed_over() -> None:
    """A kind of a later version is counted and named, and the rest is read."""
    made = bulletin().indicators
    content = write_rows(made).replace(b",payment,", b",voice,")
    found = read_rows(content, "x")
    assert found.skipped_count == 1
    assert "kind" in found.skipped[0].reason
    assert len(found.indicators) == len(made) - 1


@pytest.mark.parametrize("name", ["MOST_INDICATORS", "MOST_FILE_BYTES"])
def test_bounds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond the bounds is refused whole."""
    monkeypatch.setattr(indicator_rows, name, 5)
    with pytest.raises(MalformedFileError, match=" 5 "):
        read_rows(write_rows(bulletin().indicators), "x")


def test_empty_lines_are_nothing() -> None:
    """Empty lines between rows and at the end, as editors leave them, are no rows."""
    made = bulletin().indicators
    assert read_rows(write_rows(made).replace(b"\n", b"\n\n"), "x").indicators == made


def test_few_skipped_rows_are_named() -> None:
    """A flood of unknown kinds is counted, and a hundred are named."""
    head, row = write_rows([indicator()]).decode().splitlines()
    content = "\n".join([head, *[row.replace(",address,", ",voice,")] * 300])
    found = read_rows(content.encode(), "x")
    assert (found.skipped_count, len(found.skipped)) == (300, 100)
