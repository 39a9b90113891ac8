"""Texts are measured, cut, filled and broken by the columns that they take."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cautery.report.sanitise import terminal_text
from cautery.report.text_width import pad, shorten, width, wrap, wrap_parts

SAFE = st.text(st.characters()).map(terminal_text)


@given(SAFE, st.integers(0, 60))
def test_shortened_texts_fit(text: str, columns: int) -> None:
    """A cut text never takes more room than there is, and a short one is left alone."""
    short = shorten(text, columns)
    assert width(short) <= columns
    if width(text) <= columns:
        assert short == text


@given(SAFE, st.integers(0, 60), st.booleans())
def test_padded_texts_fill(text: str, columns: int, right: bool) -> None:
    """A filled text takes all the room, or its own width if that is more."""
    assert width(pad(text, columns, right=right)) == max(columns, width(text))


@given(SAFE, st.integers(12, 60))
def test_wrapped_lines_fit_and_lose_nothing(text: str, columns: int) -> None:
    """Every line fits, and the letters are all there in their order."""
    lines = wrap(text, columns, first="- ", indent="  ")
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == "-" + text.replace(" ", "")


@given(st.lists(SAFE, max_size=5), st.integers(12, 60))
def test_wrapped_parts_fit(parts: list[str], columns: int) -> None:
    """Rows of parts keep to the width too."""
    assert all(width(line) <= columns for line in wrap_parts(parts, columns))


def test_parts_are_not_broken_inside() -> None:
    """A part that fits on a line of its own stays together."""
    assert wrap_parts(["aa bb", "cc dd", "ee ff"], 16) == ["aa bb | cc dd |", "  ee ff"]


def test_per_cent_stays_with_its_number() -> None:
    """The sign is never alone on a line."""
    assert wrap("a share of 99.50 %", 17) == ["a share of", "99.50 %"]
