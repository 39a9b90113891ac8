"""Cells of CSV: inert, and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.intel.csv_cells import FORMULA_STARTS, cell, plain


@given(text=st.text(max_size=40))
def test_nothing_is_lost(text: str) -> None:
    """Any text comes back, and its cell is on one line and never a formula."""
    written = cell(text)
    assert plain(written) == text
    assert written.isprintable()
    assert (written.lstrip()[:1] or "x") not in FORMULA_STARTS


@given(text=st.text(max_size=40))
def test_any_cell_is_read(text: str) -> None:
    """Whatever a peer's cell is, it is a text."""
    assert isinstance(plain(text), str)


@pytest.mark.parametrize("start", FORMULA_STARTS, ids=[f"{ord(each):x}" for each in FORMULA_STARTS])
def test_formulas_are_texts(start: str) -> None:
    """Every character that begins a formula gets an apostrophe in front, behind blanks too."""
    assert cell(f"{start}1").startswith("'")
    assert cell(f"  {start}1").startswith("'")


def test_an_escape_of_no_character_stays() -> None:
    """An escape beyond the last character of Unicode is left as it is."""
    assert plain("\\Uffffffff") == "\\Uffffffff"
