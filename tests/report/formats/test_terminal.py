"""The terminal format writes the screen to any stream, as plainly as the stream needs."""

from __future__ import annotations

import io

from tests.report.cases import example_case

from cautery.report.formats.terminal import MEMBER


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_stream_without_encoding_gets_ascii() -> None:
    """Where nobody knows what can be shown, ASCII is shown, without colour."""
    stream = io.StringIO()
    MEMBER.write(example_case(), stream)
    assert stream.getvalue().isascii()
    assert "\x1b" not in stream.getvalue()
    assert "3 campaigns found: 485 accounts" in stream.getvalue()


def test_terminal_gets_colour_for_bands_only() -> None:
    """Every coloured piece has the band's symbol in it: colour never says anything alone."""
    stream = Terminal()
    MEMBER.write(example_case(), stream)
    coloured = [part.split("\x1b[0m")[0] for part in stream.getvalue().split("\x1b[3")[1:]]
    assert coloured
    assert all(any(symbol in part for symbol in "●◐○") for part in coloured)
