"""Accounts that pay with the same instruments, and a token that everybody has."""

from __future__ import annotations

from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.sharing_checks import SharingChecks
from tests.scan.small_logs import HOSTILE
from tests.scan.weighed import weigh, weigh_one
from tests.scan.worlds import ordinary, planted

from cautery.scan.signals.shared_payment import MOST_BITS


class TestSharedPayment(SharingChecks):
    """What shared_payment keeps to."""

    signal = "shared_payment"
    link = "payment"
    column = "accounts.payment_fingerprint"
    missing = "accounts.payment_fingerprint"
    most_bits = MOST_BITS
    hostile = (*HOSTILE, "card-1", "card-2")

    def test_cards_of_four(self, read_log: ReadLog) -> None:
        """Four accounts on a card speak for one owner, a card for each account against it."""
        log = planted(12) + planted(12, name="each", block=3, accounts_per_card=1)
        facts = read_log(ordinary(60) + log)
        shared, each = weigh(facts, self.signal, named(facts, "planted"), named(facts, "each"))
        assert shared.bits > 0.0 > each.bits
        assert shared.observed == "12 of 12 accounts on 3 payment instruments"

    def test_family_on_one_domain(self, read_log: ReadLog) -> None:
        """Accounts of one card and one private mail domain are one customer who hides nothing."""
        open_row = {"payment_fingerprint": "card", "email_domain": "corp.example"}
        log = ordinary(3, name="family", block=3, account_columns=lambda _number: open_row)
        facts = read_log(ordinary(60) + log)
        assert weigh_one(facts, self.signal, named(facts, "family")).bits < 0.0
