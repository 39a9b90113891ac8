"""Accounts that signed up in the same hours, and a launch day on which everybody did."""

from __future__ import annotations

from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.sharing_checks import SharingChecks
from tests.scan.small_logs import Row, moment
from tests.scan.weighed import weigh
from tests.scan.worlds import DAY, ordinary, planted

from cautery.scan.signals.sign_up_cohort import MOST_BITS


class TestSignUpCohort(SharingChecks):
    """What sign_up_cohort keeps to."""

    signal = "sign_up_cohort"
    link = "sign_up_cohort"
    column = "accounts.created_at"
    missing = "accounts.created_at"
    most_bits = MOST_BITS
    hostile = (moment(0), moment(9_999), "2015-01-02T00:00:00+14:00", 1_790_000_000, "")

    def test_batch(self, read_log: ReadLog) -> None:
        """A batch made within an hour speaks for one owner; a sign-up a week against it."""

        def batch(number: int) -> Row:
            return {"created_at": moment(-40 * DAY + 60 * number)}

        def slow(number: int) -> Row:
            return {"created_at": moment(-7 * DAY * (number + 9))}

        log = planted(12, account_columns=batch)
        log += planted(12, name="slow", block=3, account_columns=slow)
        facts = read_log(ordinary(60) + log)
        together, apart = weigh(facts, self.signal, named(facts, "planted"), named(facts, "slow"))
        assert together.bits > 0.0 > apart.bits
        assert together.observed == "12 of 12 accounts on 1 sign-up hours"
