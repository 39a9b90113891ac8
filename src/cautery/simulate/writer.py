"""What a writer of a log format is; the writers are in ``simulate/writers``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from cautery.simulate.plan import SimulationPlan


class LogWriter(Protocol):
    """An open log that batches of canonical columns are added to."""

    def write(self, batch: Any) -> None:
        """Add a batch of canonical columns."""
        ...

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files of the log."""
        ...

    def close(self) -> None:
        """Finish the files."""
        ...


class WriterFormat(Protocol):
    """A format that can be written (shelf ``simulate/writers``)."""

    name: str
    """Name for ``--log-format``."""
    description: str

    def open(self, folder: Path, plan: SimulationPlan) -> LogWriter:
        """Start a log in a folder."""
        ...
