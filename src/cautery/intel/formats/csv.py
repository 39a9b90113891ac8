"""Indicators as CSV: what people look at in a spreadsheet and scripts read without a library."""

from __future__ import annotations

from typing import BinaryIO, Final

from cautery.intel.indicator_rows import COLUMNS, read_rows, write_rows
from cautery.records.bulletin import Bulletin, Received

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class CsvFormat:
    """Indicators, one a row; nothing about the campaigns but their identifiers."""

    name = "csv"
    description = "CSV, an indicator a row; inert in spreadsheets. Campaigns by identifier only."
    ending = ".indicators.csv"
    reads = True

    def recognises(self, opening: bytes) -> bool:
        """Whether a file begins with the columns, in any order."""
        header = opening.removeprefix(_BYTE_ORDER_MARK).partition(b"\n")[0].strip()
        return sorted(header.replace(b'"', b"").split(b",")) == sorted(map(str.encode, COLUMNS))

    def write(self, bulletin: Bulletin, stream: BinaryIO) -> None:
        """Write a bulletin's indicators; the same one gives the same bytes.

        Args:
            bulletin: All that may leave.
            stream: Where to.
        """
        stream.write(write_rows(bulletin.indicators))

    def read(self, content: bytes, where: str) -> Received:
        """Read a table of a peer.

        Args:
            content: The file.
            where: Its name, for messages.

        Returns:
            Its indicators.

        Raises:
            MalformedFileError: It is no such table, or a row is not as it must be.
        """
        return read_rows(content, where)


MEMBER: Final = CsvFormat()
"""The format."""
