"""What an output can show is found out from the stream and the environment."""

from __future__ import annotations

import io

import pytest

from cautery.report.style import MAX_WIDTH, MIN_WIDTH, PLAIN_WIDTH, style_for


class Stream(io.StringIO):
    """A stream with an encoding, which may be a terminal."""

    def __init__(self, encoding: str, *, terminal: bool) -> None:
        super().__init__()
        self._encoding = encoding
        self._terminal = terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("environment", "terminal", "colour"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colour(environment: dict[str, str], terminal: bool, colour: bool) -> None:
    """Colour is for terminals, and NO_COLOR and dumb terminals switch it off."""
    assert style_for(Stream("utf-8", terminal=terminal), environment).colour is colour


@pytest.mark.parametrize(
    ("encoding", "unicode"), [("utf-8", True), ("UTF8", True), ("ascii", False), ("cp1252", False)]
)
def test_unicode(encoding: str, unicode: bool) -> None:
    """Block characters are drawn only where the encoding carries them."""
    assert style_for(Stream(encoding, terminal=True), {}).unicode is unicode


@pytest.mark.parametrize(
    ("columns", "width"),
    [("80", 80), ("10", MIN_WIDTH), ("9999", MAX_WIDTH), ("wide", PLAIN_WIDTH), ("", PLAIN_WIDTH)],
)
def test_width(columns: str, width: int) -> None:
    """COLUMNS counts, within what a table can use; a file gets the plain width."""
    assert style_for(Stream("utf-8", terminal=False), {"COLUMNS": columns}).width == width
