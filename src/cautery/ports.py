"""Every plug-in contract on one screen.

A shelf (plural subfolder) holds one file per thing; each file satisfies one of these protocols.
Types of heavy libraries appear only for the type checker, so that importing a port costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TextIO, runtime_checkable

from cautery.records.evidence import Aspect, Family, Weight

if TYPE_CHECKING:
    import pyarrow as pa

    from cautery.records.case import Case

Reject = Callable[[int, str, bytes], None]
"""Called with line number, reason and the raw line for each line that could not be read."""


@runtime_checkable
class LogFormat(Protocol):
    """Reads one kind of access log into exchange-table batches (shelf ``ingest/formats``)."""

    name: str
    """Name for ``--format``."""
    description: str
    """One line for the list of formats."""

    def sniff(self, head: bytes, file_name: str) -> float:
        """Say how sure it is that a file is of this format.

        Args:
            head: The first bytes of the file (at most 64 KiB), decompressed.
            file_name: Name without the compression suffix.

        Returns:
            Confidence from 0 to 1; never raises, whatever the bytes.
        """
        ...

    def read(self, stream: BinaryIO, options: Any, reject: Reject) -> Iterator[pa.RecordBatch]:
        """Yield batches of the canonical columns plus ``source_line``, in file order.

        Memory must not grow with the file. Every line is either in a batch or given to ``reject``.

        Args:
            stream: Decompressed bytes, seekable only for Parquet.
            options: A ``cautery.ingest.options.ReadOptions``.
            reject: Called for each line that could not be read.
        """
        ...


@runtime_checkable
class Link(Protocol):
    """A kind of thing that accounts share (shelf ``scan/links``): account-token incidences."""

    name: str
    label: str
    """Words for the waterfall row, for example *shared payment instruments*."""
    family: Family
    needs: tuple[str, ...]
    """Columns that must be there; without them the link is *not in this log*."""

    def incidences(self, facts: Any) -> Any:
        """Return the account-token incidences as a ``cautery.scan.facts.Incidences``."""
        ...


@runtime_checkable
class Signal(Protocol):
    """A property of a group of linked accounts (shelf ``scan/signals``), judged in bits."""

    name: str
    label: str
    aspect: Aspect
    family: Family
    needs: tuple[str, ...]
    """Columns that must be there; without them the signal is *not in this log*."""

    def measure(self, facts: Any, groups: Any) -> Sequence[Weight]:
        """Judge every group; one weight a group, in the order of ``groups``."""
        ...


@runtime_checkable
class Attack(Protocol):
    """A generator of labelled traffic (shelf ``simulate/attacks``)."""

    name: str
    """Name of the tier, for ``--tier``."""
    description: str

    def generate(self, plan: Any) -> Any:
        """Return accounts and exchanges of the tier with their truth; same seed, same rows."""
        ...


@runtime_checkable
class ReportFormat(Protocol):
    """Writes a case for people or programs (shelf ``report/formats``)."""

    name: str
    file_name: str
    """File that it writes in the output folder; empty if it writes to a terminal only."""

    def write(self, case: Case, stream: TextIO) -> None:
        """Write the case; every text in it is hostile until escaped."""
        ...
