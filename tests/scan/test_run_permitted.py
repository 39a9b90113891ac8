"""What contracts permit is listed apart and never accused, and does not speak for others."""

from __future__ import annotations

from tests.scan.conftest import ScanLog
from tests.scan.scanning import accused, attacked, check_sums, permitting
from tests.scan.small_logs import SmallLog
from tests.scan.worlds import ordinary, planted

from cautery.records.case import Case
from cautery.scan.verdicts import WATCH

MEMBERS = [f"planted-{number:03d}" for number in range(28)]


def assert_nobody_permitted_is_accused(case: Case) -> None:
    """Fail if an account with a contract has a chance or stands in a campaign."""
    permitted = {row.account_id for row in case.accounts if row.permitted_use}
    assert permitted
    assert not permitted & accused(case)
    assert {row.band for row in case.accounts if row.permitted_use} == {""}


def test_a_permitted_group(scan_log: ScanLog, attacked_case: Case) -> None:
    """The whole group under contract is listed with the same evidence, and accused of nothing."""
    case = scan_log(permitting(attacked(), MEMBERS))
    assert_nobody_permitted_is_accused(case)
    check_sums(case)
    assert case.campaigns == ()
    assert case.operators == ()
    (group,), (campaign,) = case.permitted_groups, attacked_case.campaigns
    assert (group.weights, group.probability) == (campaign.weights, campaign.probability)
    assert {(row.probability, row.band) for row in group.members} == {(0.0, "")}
    assert {member.account_id for member in group.members} == set(MEMBERS)


def test_a_mixed_group(scan_log: ScanLog) -> None:
    """A contract of half of the accounts sets these apart; the rest is not permitted by it."""
    case = scan_log(permitting(attacked(), MEMBERS[:16]))
    assert_nobody_permitted_is_accused(case)
    check_sums(case)
    for group in case.permitted_groups:
        assert {member.account_id for member in group.members} <= set(MEMBERS[:16])
    assert accused(case) <= set(MEMBERS[16:])


def test_a_contract_covers_its_payer(scan_log: ScanLog) -> None:
    """Accounts that the table's column forgot are covered by the contract of their payer."""
    log = permitting(attacked(), [name for n, name in enumerate(MEMBERS) if n % 4 != 3])
    case = scan_log(log)
    assert_nobody_permitted_is_accused(case)
    assert accused(case) == set()
    (group,) = case.permitted_groups
    assert {member.account_id for member in group.members} == set(MEMBERS)
    assert {member.permitted_use for member in group.members} == {"", "research"}


def test_a_contract_of_others(scan_log: ScanLog, attacked_case: Case) -> None:
    """Contracts of accounts outside the campaign take nothing from it."""
    case = scan_log(permitting(attacked(), [f"ordinary-{number:03d}" for number in range(40)]))
    assert_nobody_permitted_is_accused(case)
    assert accused(case) == accused(attacked_case)


def covered() -> SmallLog:
    """Make a group of which few accounts bear the contract that most of their payers' do."""
    few = [name for n, name in enumerate(MEMBERS) if n % 8 == 0]
    quiet = ordinary(
        28,
        name="quiet",
        block=5,
        account_columns=lambda n: {"payment_fingerprint": f"card-planted-{n // 4}"},
    )
    log = ordinary(120) + planted(28, accounts_per_address=4) + quiet
    return permitting(log, [*few, *(f"quiet-{n:03d}" for n in range(28))])


def test_few_of_a_covered_group_bear_the_contract(scan_log: ScanLog) -> None:
    """Accounts under contract are not accused because the column forgot most of their group."""
    assert_nobody_permitted_is_accused(scan_log(covered()))


def test_a_contract_does_not_clear_the_rest(scan_log: ScanLog) -> None:
    """The rest of a pool is judged as surely as if the permitted accounts were not in the log."""
    alone = scan_log(attacked(members=12))
    names = [f"planted-{number:03d}" for number in range(12, 28)]
    beside = scan_log(permitting(attacked(), names))
    assert alone.campaigns[0].probability > WATCH
    assert beside.campaigns
    assert beside.campaigns[0].bits >= alone.campaigns[0].bits - 1.0
