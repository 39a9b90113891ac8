"""Progress shows bars on a terminal, lines elsewhere, and leaves the terminal as it was."""

from __future__ import annotations

import contextlib
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest

from cautery.cli.progress import BarProgress, LineProgress, NoProgress, amount_text, progress_for
from cautery.records.progress import Progress

if TYPE_CHECKING:
    from rich.progress import Task


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_choice() -> None:
    """Bars only on a terminal, and nothing at all where that was asked for."""
    assert isinstance(progress_for(Terminal()), BarProgress)
    assert isinstance(progress_for(io.StringIO()), LineProgress)
    assert type(progress_for(Terminal(), silent=True)) is NoProgress


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_progress_satisfies_its_protocol(stream: io.StringIO) -> None:
    """The rooms below can talk to each of them."""
    assert isinstance(progress_for(stream), Progress)


def test_a_line_a_phase() -> None:
    """A log file gets what came of each phase, made inert, and no control characters."""
    stream = io.StringIO()
    with progress_for(stream) as progress:
        progress.start("reading", 10, "bytes")
        progress.advance(10)
        progress.finish("3 lines\x1b[2J")
        progress.start("linking", None, "links")
    assert re.fullmatch(r"reading: 3 lines\\x1b\[2J \(\d+\.\d s\)\n", stream.getvalue())


@pytest.mark.parametrize(("total", "unit"), [(2_000_000, "bytes"), (None, "links"), (0, "rows")])
def test_bars(total: int | None, unit: str) -> None:
    """A terminal gets the phase, the summary as it is, and its cursor back."""
    stream = Terminal()
    with progress_for(stream) as progress:
        progress.start("reading", total, unit)
        progress.advance(1_000_000)
        progress.finish("120,000 [bold]lines")
    shown = stream.getvalue()
    assert "reading" in shown
    assert "120,000 [bold]lines" in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1


def test_bars_keep_to_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80 columns a phase is one line, while it runs and when it has ended."""
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    with progress_for(stream) as progress:
        progress.start("reading", 9_000_000_000_000, "bytes")
        progress.advance(4_500_000_000_000)
        progress._bars.refresh()  # type: ignore[attr-defined]
        progress.finish("120,000 lines " * 20)
    lines = [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line) for line in stream.getvalue().split("\r")]
    assert any(" 50 %  4,500.0 GB" in line for line in lines)
    assert all(len(line.strip("\n")) <= 80 and "\n" not in line.strip("\n") for line in lines)
    assert not any("[" in line for line in lines)


@dataclass
class FakeTask:
    """What a bar tells of its work half way, without a clock."""

    time_remaining: float | None
    total: float | None = 2_000_000.0
    completed: float = 1_000_000.0
    speed: float | None = 250_000.0
    elapsed: float | None = 4.0
    fields: dict[str, object] = field(default_factory=lambda: {"unit": "bytes", "summary": ""})


def test_the_time_left() -> None:
    """Where the end is known the time left is told, else the time spent."""
    assert amount_text(cast("Task", FakeTask(63.0))) == " 50 %  1.0 MB  250 kB/s  1:03 left"
    assert amount_text(cast("Task", FakeTask(None, total=None))) == "1.0 MB  250 kB/s  0:04"


@pytest.mark.parametrize(
    ("completed", "advanced_seconds", "elapsed", "shown"),
    [
        (0.0, 0.0, 9.0, "  0 %  0:09"),
        (250.0, 10.0, 10.0, " 25 %  0:30 left"),
        (250.0, 10.0, 15.0, " 25 %  0:25 left"),
        (250.0, 10.0, 80.0, " 25 %  0:00 left"),
    ],
)
def test_the_time_left_by_shares(
    completed: float, advanced_seconds: float, elapsed: float, shown: str
) -> None:
    """Of work told in shares no rate is shown; the time left runs down until the next step."""
    fields = {"unit": "", "summary": "", "advanced_seconds": advanced_seconds}
    task = FakeTask(None, total=1000.0, completed=completed, elapsed=elapsed, fields=fields)
    assert amount_text(cast("Task", task)) == shown


def test_bars_know_when_they_moved() -> None:
    """A bar of shares tells the time left from when it last moved."""
    stream = Terminal()
    with progress_for(stream) as progress:
        progress.start("scoring", 1000, "")
        progress.advance(999)
        progress._bars.refresh()  # type: ignore[attr-defined]
        progress.finish("3 groups")
    assert " 99 %  0:00 left" in stream.getvalue()


def test_cursor_comes_back_after_an_error() -> None:
    """A fault in the middle of a phase does not leave the terminal without a cursor."""
    stream = Terminal()
    with contextlib.suppress(KeyboardInterrupt), progress_for(stream) as progress:
        progress.start("reading", 100, "bytes")
        raise KeyboardInterrupt
    assert stream.getvalue().count("\x1b[?25h") == 1
