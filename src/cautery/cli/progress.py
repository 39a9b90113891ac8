"""Progress on standard error: bars on a terminal, one plain line a phase elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol, Self, TextIO

from cautery.cli.exits import printable
from cautery.records.progress import Progress

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress as Bars
    from rich.progress import Task, TaskID


class ClosingProgress(Progress, Protocol):
    """Progress that leaves the terminal as it found it, even after an error."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the terminal back."""
        ...


def progress_for(stream: TextIO, *, silent: bool = False) -> ClosingProgress:
    """Choose how progress is shown.

    Args:
        stream: Standard error, or whatever stands for it.
        silent: Show nothing (``--no-progress``).

    Returns:
        Bars if the stream is a terminal, a line a phase otherwise; use it in a ``with``.
    """
    if silent:
        return NoProgress()
    return BarProgress(stream) if stream.isatty() else LineProgress(stream)


class NoProgress:
    """Shows nothing."""

    def start(self, phase: str, total: int | None, unit: str) -> None:
        """Begin a phase."""

    def advance(self, amount: int) -> None:
        """Count nothing."""

    def finish(self, summary: str) -> None:
        """End the phase."""

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""


class LineProgress(NoProgress):
    """Writes one line when a phase ends: for log files and pipes.

    Args:
        stream: Where to.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._phase = ""
        self._started = 0.0

    def start(self, phase: str, total: int | None, unit: str) -> None:
        """Begin a phase; nothing is written until it ends."""
        self._phase = phase
        self._started = time.monotonic()

    def finish(self, summary: str) -> None:
        """Write what came of the phase and how long it took."""
        seconds = time.monotonic() - self._started
        line = f"{self._phase}: {summary} ({seconds:.1f} s)"
        self._stream.write(f"{printable(line)}\n")
        self._stream.flush()


class BarProgress:
    """Draws a bar with amount, rate, and the time that is left or was spent.

    Args:
        stream: A terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bars: Bars | None = None
        self._task: TaskID | None = None

    def start(self, phase: str, total: int | None, unit: str) -> None:
        """Begin a phase and its bar."""
        self._stop()
        self._bars = _bars(self._stream)
        self._task = self._bars.add_task(
            printable(phase), total=total, unit=unit, summary="", advanced_seconds=0.0
        )
        self._bars.start()

    def advance(self, amount: int) -> None:
        """Move the bar."""
        if self._bars is not None and self._task is not None:
            spent = self._bars.tasks[0].elapsed or 0.0
            self._bars.update(self._task, advance=amount, advanced_seconds=spent)

    def finish(self, summary: str) -> None:
        """Fill the bar and leave it standing with what came of the phase."""
        if self._bars is not None and self._task is not None:
            task = self._bars.tasks[0]
            total = task.total if task.total is not None else max(task.completed, 1)
            self._bars.update(self._task, total=total, completed=total, summary=printable(summary))
        self._stop()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop drawing and show the cursor again."""
        self._stop()

    def _stop(self) -> None:
        if self._bars is not None:
            self._bars.stop()
        self._bars = None
        self._task = None


def _bars(stream: TextIO) -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, ProgressColumn, TextColumn
    from rich.progress import Progress as RichProgress
    from rich.table import Column
    from rich.text import Text

    class AmountColumn(ProgressColumn):
        """What is done, how fast, and the time left; the summary once the phase has ended."""

        def render(self, task: Task) -> Text:
            return Text(amount_text(task), no_wrap=True, overflow="ellipsis")

    return RichProgress(
        TextColumn("{task.description:<9}", markup=False),
        BarColumn(bar_width=20),
        AmountColumn(table_column=Column(no_wrap=True, overflow="ellipsis")),
        console=Console(file=stream, highlight=False, markup=False, emoji=False),
    )


def amount_text(task: Task) -> str:
    """Say what a task has done, how fast, and how long it will take.

    Args:
        task: A task of rich, with the fields ``unit``, ``summary`` and ``advanced_seconds``, the
            time spent when it last moved.

    Returns:
        For example `` 50 %  107 MB  41.3 MB/s  0:03 left``.
    """
    from cautery.report.figures import duration, size, thousands

    spent = task.elapsed or 0.0
    if task.fields["summary"]:
        return f"{duration(spent)}  {task.fields['summary']}"
    done = int(task.completed)
    unit = task.fields["unit"]
    speed = task.speed or 0.0
    left = task.time_remaining if unit else _left_by_share(task)
    if unit == "bytes":
        parts = [size(done), f"{size(int(speed))}/s"]
    else:
        parts = [f"{thousands(done)} {unit}", f"{thousands(int(speed))} {unit}/s"] if unit else []
    parts.append(f"{duration(left)} left" if left is not None else duration(spent))
    if task.total:
        parts.insert(0, f"{min(100, 100 * done // int(task.total)):>3} %")
    return "  ".join(parts)


def _left_by_share(task: Task) -> float | None:
    """Time left if all parts take as long as those that are done; None before the first."""
    if not task.completed or not task.total:
        return None
    at = float(task.fields["advanced_seconds"])
    left = at * (task.total - task.completed) / task.completed
    # Between two steps the time left runs down, and stands once a step takes longer than usual.
    return max(0.0, left - ((task.elapsed or 0.0) - at))
