"""Accounts that call from the same addresses, and a carrier's address of many strangers."""

from __future__ import annotations

from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.sharing_checks import SharingChecks
from tests.scan.small_logs import HOSTILE
from tests.scan.weighed import assert_not_in_this_log, weigh
from tests.scan.worlds import ordinary, planted

from cautery.scan.signals.shared_address import MOST_BITS


class TestSharedAddress(SharingChecks):
    """What shared_address keeps to."""

    signal = "shared_address"
    link = "address"
    column = "client_address"
    missing = "client_address"
    most_bits = MOST_BITS
    hostile = (*HOSTILE, "192.0.2.7", "198.18.0.1", "2001:db8::7")

    def test_rotating_pool(self, read_log: ReadLog) -> None:
        """Accounts that take turns on a pool's exits share them; with an exit each they do not."""
        log = planted(12, accounts_per_address=3) + planted(12, name="each", block=3)
        facts = read_log(ordinary(60) + log)
        pool, each = weigh(facts, self.signal, named(facts, "planted"), named(facts, "each"))
        assert pool.bits > 0.0 > each.bits
        assert pool.observed == "12 of 12 accounts on 4 addresses"

    def test_load_balancer(self, read_log: ReadLog) -> None:
        """One address on all exchanges is the provider's own: nothing is known of the clients'."""
        facts = read_log(ordinary(9, columns=lambda _n, _t: {"client_address": "203.0.113.7"}))
        assert_not_in_this_log(facts, self.signal, ["client_address"])
