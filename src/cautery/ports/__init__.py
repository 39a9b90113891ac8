"""Every plug-in contract on one screen.

Those of watermarks stand in ``cautery.ports.watermark``, those of the guard in
``cautery.ports.guard``, those of probes in ``cautery.ports.provenance``, those of intelligence in
``cautery.ports.sharing``, those of defences in ``cautery.ports.resist``; they are named here too.

A shelf (plural subfolder) holds one file per thing; each file satisfies one of these protocols.
Types of heavy libraries appear only for the type checker, so that importing a port costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TextIO, runtime_checkable

from cautery.ports.guard import AuditTrail as AuditTrail
from cautery.ports.guard import Authenticator as Authenticator
from cautery.ports.guard import Decider as Decider
from cautery.ports.guard import DecisionTrail as DecisionTrail
from cautery.ports.guard import Enforcer as Enforcer
from cautery.ports.guard import PolicyEvaluator as PolicyEvaluator
from cautery.ports.guard import PolicyPack as PolicyPack
from cautery.ports.provenance import NextTokens as NextTokens
from cautery.ports.provenance import Probe as Probe
from cautery.ports.resist import AnswerStream as AnswerStream
from cautery.ports.resist import ChangesAnswers as ChangesAnswers
from cautery.ports.resist import ChangesSampling as ChangesSampling
from cautery.ports.resist import Defence as Defence
from cautery.ports.resist import DistortionBound as DistortionBound
from cautery.ports.sharing import Recogniser as Recogniser
from cautery.ports.sharing import SharingFormat as SharingFormat
from cautery.ports.watermark import Embeds as Embeds
from cautery.ports.watermark import KeylessContexts as KeylessContexts
from cautery.ports.watermark import ManyInputs as ManyInputs
from cautery.ports.watermark import ManyKeys as ManyKeys
from cautery.ports.watermark import Marking as Marking
from cautery.ports.watermark import NullDistribution as NullDistribution
from cautery.ports.watermark import Scheme as Scheme
from cautery.records.evidence import Aspect, Family, Weight

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pyarrow as pa

    from cautery.records.case import Case
    from cautery.records.progress import Progress

Reject = Callable[[int, str, bytes], None]
"""Called with line number, reason and the raw line for each line that could not be read."""
Kernel = Callable[[Any, Any], Any]
"""Account numbers and the Arrow batch that they belong to, in; one Arrow batch out. It must be
known by its name (or be a ``functools.partial`` of such a function), as it may run elsewhere."""


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


class Pass(Protocol):
    """Some columns of exchanges, gone through once, batch by batch, in bounded memory."""

    def tally(self, kernel: Kernel, counts: Sequence[str]) -> pa.Table:
        """Add up what a kernel counts.

        Args:
            kernel: Gives a batch of whole numbers: ``key`` and the counts.
            counts: Their names, in order.

        Returns:
            Every key once, ascending, with the sums of its counts.
        """
        ...

    def write(self, kernel: Kernel, schema: Any, name: str) -> Any:
        """Write down what a kernel makes of every batch.

        Args:
            kernel: Gives a batch of ``schema``.
            schema: Arrow schema of the result.
            name: For the files.

        Returns:
            An Ibis table; its rows are in no promised order.
        """
        ...


class OpenEngine(Protocol):
    """A data engine at work on one exchange table: asked in Ibis, and by kernels over batches."""

    connection: Any
    """Ibis backend, in UTC; there once ``stored`` was called."""

    def errors(self) -> AbstractContextManager[None]:
        """Turn what the engine raises into an ``EngineError``."""
        ...

    def read_logs(self, options: Any, work_folder: Path, progress: Progress) -> Any:
        """Read logs into a ``cautery.ingest.table.ExchangeTable`` that this engine holds."""
        ...

    def stored(self, parts: Sequence[Path], scratch: Any) -> Any:
        """Open what was read, as a ``cautery.scan.stored_rows.StoredRows``."""
        ...

    def small_table(self, name: str, table: pa.Table) -> Any:
        """Give an Arrow table as an Ibis table, in place of an earlier one of that name."""
        ...

    def named(self, name: str, table: Any, *, held: bool) -> Any:
        """Give an Ibis expression a name; hold its rows if the engine sees fit and is asked to."""
        ...

    def over_log(self, facts: Any, columns: Sequence[str]) -> Pass:
        """Go through columns of all exchanges; those that the log lacks are left out."""
        ...

    def over(self, facts: Any, table: Any) -> Pass:
        """Go through an Ibis table with ``account``."""
        ...

    def repeated_shingles(self, facts: Any, needed: Any, fewest_accounts: int) -> Any:
        """Count the shingles that accounts repeat, as ``cautery.scan.shingle_pairs.ShinglePairs``.

        Args:
            facts: What the log says.
            needed: By account, the exchanges that must carry a shingle; at least two.
            fewest_accounts: Accounts that must do so. An engine may give more than was asked for.
        """
        ...

    def close(self) -> None:
        """Let go of the engine and of what it wrote down."""
        ...


@runtime_checkable
class Engine(Protocol):
    """Opens a data engine (shelf ``scan/engines``)."""

    name: str
    """Name for ``--engine``."""
    description: str

    def open(self, options: Any) -> OpenEngine:
        """Open it.

        Args:
            options: A ``cautery.scan.engine_options.EngineOptions``.

        Raises:
            MissingExtraError: What it needs is not installed.
            EngineError: It cannot be reached.
        """
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
