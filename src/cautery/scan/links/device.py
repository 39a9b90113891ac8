"""Accounts whose connections carry the same TLS fingerprint."""

from __future__ import annotations

from typing import Final

from cautery.records.evidence import Family
from cautery.scan.facts import Facts
from cautery.scan.incidences import Incidences


class DeviceLink:
    """Account-token pairs of one column of the log."""

    name: Final = "device"
    label: Final = "same device or TLS identity"
    family: Final[Family] = "infrastructure"
    needs: Final = ("tls_ja4",)

    def incidences(self, facts: Facts) -> Incidences:
        """Collect every account with every value it shows.

        Args:
            facts: What the log says.

        Returns:
            Account-token pairs with their number of exchanges.
        """
        return facts.tokens("rows", "device_key")


MEMBER: Final = DeviceLink()
