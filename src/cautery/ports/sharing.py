"""The contracts of intelligence: what writes and reads for peers, and what knows indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO, Protocol, runtime_checkable

if TYPE_CHECKING:
    from cautery.records.bulletin import Bulletin, Received
    from cautery.records.indicator import Indicator, IndicatorKind


@runtime_checkable
class SharingFormat(Protocol):
    """Writes what is shared with peers, and reads what they share (shelf ``intel/formats``)."""

    name: str
    """Name for ``--format``."""
    description: str
    """One line for the list of formats."""
    ending: str
    """Ending of its files, for example ``.stix.json``."""
    reads: bool
    """Whether indicators can be read back from it."""

    def recognises(self, opening: bytes) -> bool:
        """Say whether a file looks like this format.

        Args:
            opening: Its first ``cautery.intel.limits.OPENING_BYTES`` bytes, hostile.

        Returns:
            Whether ``read`` should be given it; False for a format that is only written.
        """
        ...

    def write(self, bulletin: Bulletin, stream: BinaryIO) -> None:
        """Write a bulletin; the same one gives the same bytes.

        Args:
            bulletin: All that may leave; every text in it is hostile until escaped.
            stream: Where to.
        """
        ...

    def read(self, content: bytes, where: str) -> Received:
        """Read a peer's file, trusting nothing in it.

        Args:
            content: The file, at most ``cautery.intel.limits.MOST_FILE_BYTES``.
            where: Its name, for messages.

        Returns:
            Its indicators, in the order of the file, and what was passed over.

        Raises:
            MalformedFileError: It is not of this format, or a part of it that this format knows
                is not as it must be; names the place. Then nothing of it is used.
            UsageError: The format is only written (``reads`` is False).
        """
        ...


class Recogniser(Protocol):
    """Knows peers' indicators, and says which values are among them; never shows the others."""

    @property
    def kinds(self) -> frozenset[IndicatorKind]:
        """Kinds of which there is any indicator that can be recognised."""
        ...

    def recognise(
        self, kind: IndicatorKind, values: Sequence[str]
    ) -> Sequence[Sequence[Indicator]]:
        """Look values up.

        Args:
            kind: What they are; templates are recognised by likeness.
            values: As the log or the account table has them.

        Returns:
            For each value the indicators that name it, mostly none.
        """
        ...

    def in_clear(self, kind: IndicatorKind) -> Mapping[str, Sequence[Indicator]]:
        """Give the values of a kind that peers named in clear.

        Args:
            kind: What they are.

        Returns:
            Their indicators by value.
        """
        ...
