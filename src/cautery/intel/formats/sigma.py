"""Sigma rules: what a SIEM can look for and count of a campaign."""

from __future__ import annotations

from typing import BinaryIO, Final

from cautery.errors import UsageError
from cautery.intel.sigma_rules import write_rules
from cautery.records.bulletin import Bulletin, Received


class SigmaFormat:
    """Rules that match values, and correlation rules that count what matched."""

    name = "sigma"
    description = "Sigma rules for a SIEM, with correlation rules; written only."
    ending = ".sigma.yml"
    reads = False

    def recognises(self, opening: bytes) -> bool:
        """Never: rules are not read back."""
        return False

    def write(self, bulletin: Bulletin, stream: BinaryIO) -> None:
        """Write a bulletin as rules; the same one gives the same bytes.

        Args:
            bulletin: All that may leave.
            stream: Where to.
        """
        stream.write(write_rules(bulletin))

    def read(self, content: bytes, where: str) -> Received:
        """Refuse: a rule does not say all of an indicator.

        Args:
            content: The file.
            where: Its name, for messages.

        Raises:
            UsageError: Always.
        """
        raise UsageError(
            "sigma is only written, as a rule does not say all of an indicator",
            where=where,
            hint="Ask the peer for stix, misp or csv.",
        )


MEMBER: Final = SigmaFormat()
"""The format."""
