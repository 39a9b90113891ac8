"""Accounts behind the same networks, and a network that everybody is in."""

from __future__ import annotations

from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.sharing_checks import SharingChecks
from tests.scan.small_logs import HOSTILE, Row
from tests.scan.weighed import weigh
from tests.scan.worlds import ordinary, planted

from cautery.scan.signals.shared_network import MOST_BITS


class TestSharedNetwork(SharingChecks):
    """What shared_network keeps to."""

    signal = "shared_network"
    link = "network"
    column = "client_address"
    missing = "client_network"
    most_bits = MOST_BITS
    hostile = (*HOSTILE, "192.0.2.7", "198.18.0.1", "2001:db8::7")

    def test_neighbours(self, read_log: ReadLog) -> None:
        """Different addresses of one /24 or of one /48 are one network."""

        def rented(number: int, _turn: int) -> Row:
            return {"client_address": f"203.0.113.{number}"}

        def delegated(number: int, _turn: int) -> Row:
            return {"client_address": f"2001:db8:7:{number}::1"}

        log = planted(8, columns=rented) + planted(8, name="six", block=3, columns=delegated)
        facts = read_log(ordinary(60) + log)
        four, six = weigh(facts, self.signal, named(facts, "planted"), named(facts, "six"))
        assert four.observed == six.observed == "8 of 8 accounts on 1 networks"
        assert four.bits == six.bits > 0.0
