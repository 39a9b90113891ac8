"""Hostile text comes out inert, and nothing of it is lost where a program reads it back."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.hostile import HOSTILE

from cautery.report.sanitise import (
    csv_text,
    escape_of,
    json_document,
    plain_from_csv,
    terminal_text,
    without_surrogates,
)
from cautery.report.text_width import width

ANY_TEXT = st.text(st.characters()) | st.sampled_from(HOSTILE)
FORMULA_STARTS = "=+-@\t\r\n"
LOOKS_ESCAPED = st.lists(
    st.sampled_from(["\\", "x", "u", "U", "1b", "0010ffff", "5c", "'", "=", "\x1b", " ", "a"])
).map("".join)


def is_hidden(character: str) -> bool:
    """Tell whether a character is a control, an invisible format or a lone surrogate."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(ANY_TEXT)
def test_terminal_text_has_nothing_that_acts(text: str) -> None:
    """No control, no invisible or unassigned character, no odd space, no right-to-left letter."""
    shown = terminal_text(text)
    for character in shown:
        assert character == " " or unicodedata.category(character)[0] not in "CZ"
        assert unicodedata.bidirectional(character) not in {"R", "AL", "AN"}


@given(ANY_TEXT)
def test_terminal_text_is_stable(text: str) -> None:
    """What was made safe stays as it is when it is made safe again."""
    shown = terminal_text(text)
    assert terminal_text(shown) == shown


@given(ANY_TEXT)
def test_ascii_terminal_gets_ascii(text: str) -> None:
    """A terminal that cannot show more than ASCII gets nothing more."""
    shown = terminal_text(text, ascii_only=True)
    assert shown.isascii()
    assert shown.isprintable()


@given(ANY_TEXT, ANY_TEXT)
def test_widths_add_up(left: str, right: str) -> None:
    """Two safe texts side by side are as wide as both: nothing joins across the border."""
    first, second = terminal_text(left), terminal_text(right)
    assert width(first + second) == width(first) + width(second)
    assert width(first) >= (1 if first else 0)


@given(ANY_TEXT)
def test_right_to_left_letters_stay_where_asked(text: str) -> None:
    """Even then no control over the direction of text is left."""
    shown = terminal_text(text, right_to_left=True)
    assert not any(is_hidden(character) for character in shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b1m", "\\x9b1m"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("two\nlines\r", "two\\x0alines\\x0d"),
        ("[bold]name[/bold]", "[bold]name[/bold]"),
        ("e\u0301", "e\u0301"),
        ("\u0301e", "\\u0301e"),
        ("z" + "\u0301" * 4, "z\u0301\u0301\\u0301\\u0301"),
        ("\u8b66\u544a", "\u8b66\u544a"),
        ("\u05d0 12", "\\u05d0 12"),
        ("a\xa0b", "a\\xa0b"),
        ("\ud800", "\\ud800"),
        ("\U0001f1e9\U0001f1ea", "\\U0001f1e9\\U0001f1ea"),
    ],
)
def test_terminal_examples(text: str, shown: str) -> None:
    """Each kind of attack has its visible form, and ordinary letters stay."""
    assert terminal_text(text) == shown


@given(ANY_TEXT | LOOKS_ESCAPED)
def test_csv_gives_the_text_back(text: str) -> None:
    """What a program reads from a cell is what stood in the log."""
    assert plain_from_csv(csv_text(text)) == text


@given(ANY_TEXT | LOOKS_ESCAPED)
def test_csv_cells_are_inert(text: str) -> None:
    """No cell begins a formula, breaks a line or holds anything invisible."""
    cell = csv_text(text)
    assert not cell.lstrip().startswith(tuple(FORMULA_STARTS))
    assert not any(is_hidden(character) for character in cell)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_documents_stay_equal(text: str) -> None:
    """The escapes change how a document looks and not what it says."""
    document = json.dumps({"text": text, text: [text]}, ensure_ascii=False)
    safe = json_document(document)
    assert json.loads(safe) == json.loads(document)
    assert not any(is_hidden(character) for character in safe)
    assert not set("<>&") & set(safe)


@given(ANY_TEXT)
def test_without_surrogates_fits_utf8(text: str) -> None:
    """Any text can then be written to a file."""
    assert without_surrogates(text).encode().decode() == without_surrogates(text)


@pytest.mark.parametrize(
    ("character", "escape"),
    [("\0", "\\x00"), ("\xff", "\\xff"), ("\u0100", "\\u0100"), ("\U00010000", "\\U00010000")],
)
def test_escapes_at_their_borders(character: str, escape: str) -> None:
    """Each escape is as long as its code point needs."""
    assert escape_of(character) == escape
