"""Accounts with one rare TLS hello, and the hello of a popular client."""

from __future__ import annotations

from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.sharing_checks import SharingChecks
from tests.scan.small_logs import HOSTILE, Row
from tests.scan.weighed import weigh_one
from tests.scan.worlds import ordinary, planted

from cautery.scan.signals.shared_device import MOST_BITS


class TestSharedDevice(SharingChecks):
    """What shared_device keeps to."""

    signal = "shared_device"
    link = "device"
    column = "tls_ja4"
    missing = "tls_ja4"
    most_bits = MOST_BITS
    hostile = (*HOSTILE, "t13d1516h2_8daaf6152771_b186095e22b6")

    def test_popular_client(self, read_log: ReadLog) -> None:
        """A hello that a fifth of all strangers send speaks for nobody, one of their own does."""

        def popular(_number: int, _turn: int) -> Row:
            return {"tls_ja4": "t13d-0"}

        log = planted(12) + planted(12, name="popular", block=3, columns=popular)
        facts = read_log(ordinary(100) + log)
        assert weigh_one(facts, self.signal, named(facts, "planted")).bits > 0.0
        assert weigh_one(facts, self.signal, named(facts, "popular")).bits == 0.0
