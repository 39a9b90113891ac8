"""Absent is never clean: what a log lacks is said, weighs nothing, and weakens what is left."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.scan.conftest import ScanLog
from tests.scan.scanning import accused, check_sums, scanned
from tests.scan.small_logs import SmallLog
from tests.scan.worlds import ordinary, planted

from cautery.records.case import Case
from cautery.registry import LINKS, SIGNALS
from cautery.scan.missing_columns import FIXES

MEMBERS = 28
ADDRESS = {"client_address", "client_network"}


def world() -> SmallLog:
    """Make a planted group that is under a quarter of its log."""
    return ordinary(100) + planted(MEMBERS, accounts_per_address=4)


def balanced(log: SmallLog) -> SmallLog:
    """Put all exchanges behind one load balancer."""
    address = {"client_address": "10.0.0.1"}
    return replace(log, exchanges=tuple(row | address for row in log.exchanges))


WITHOUT: dict[str, SmallLog] = {
    "text": world().without("input_text"),
    "accounts": replace(world(), accounts=()),
    "addresses": balanced(world()),
}
CHECKED = {
    "text": {"input_text", "system_hash"},
    "accounts": {"accounts."},
    "addresses": ADDRESS,
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Scan the log with all that it has."""
    return scanned(tmp_path_factory.mktemp("whole") / "log", world())


@pytest.fixture(scope="module", params=sorted(WITHOUT))
def weaker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Case]:
    """Scan the log without one kind of thing."""
    kind: str = request.param
    return kind, scanned(tmp_path_factory.mktemp(kind) / "log", WITHOUT[kind])


def strongest(case: Case) -> int:
    """The highest score of all groups that were looked at."""
    scores = [group.score for group in case.campaigns]
    return max([*scores, *(miss.score for miss in case.near_misses)], default=0)


def test_signals_are_switched_off(weaker: tuple[str, Case]) -> None:
    """Exactly those signals and links are off that need something of what is missing."""
    kind, case = weaker
    absent = tuple(CHECKED[kind])
    off = {row.name for row in case.signals.missing}
    for shelf, suffix in ((SIGNALS, ""), (LINKS, " link")):
        for name in shelf.names():
            needs = shelf.load(name).needs
            if any(need.startswith(absent) for need in needs):
                assert name + suffix in off
    assert all(row.fix for row in case.signals.missing)
    assert not {row.name.removesuffix(" link") for row in case.signals.missing} & set(
        case.signals.used
    )


def test_missing_signals_weigh_nothing(weaker: tuple[str, Case]) -> None:
    """A signal without its columns has a row of no bits that says so, and the sums still hold."""
    kind, case = weaker
    check_sums(case)
    off = {row.name for row in case.signals.missing}
    for campaign in case.campaigns:
        silent = {row.signal for row in campaign.weights if not row.available}
        assert silent == off & set(SIGNALS.names())
        assert all(row.bits == 0.0 for row in campaign.weights if not row.available)
        assert any(limit.startswith("Not in this log") for limit in campaign.limits)
        told = any("Without prompts" in limit for limit in campaign.limits)
        assert told is (kind == "text")


def test_judged_more_weakly(whole: Case, weaker: tuple[str, Case]) -> None:
    """The planted group is still seen, with fewer bits than the whole log gives."""
    _kind, case = weaker
    (full,) = whole.campaigns
    assert 0 < strongest(case) <= full.score
    assert all(campaign.bits < full.bits for campaign in case.campaigns)
    assert accused(case) <= accused(whole)


def test_nothing_left_to_link(scan_log: ScanLog) -> None:
    """Without text, account table and addresses nobody is linked, and the case says what to do."""
    log = balanced(replace(world(), accounts=())).without("input_text")
    case = scan_log(log)
    assert case.campaigns == ()
    off = {row.name: row for row in case.signals.missing}
    for link in ("address", "network", "payment", "template"):
        assert f"{link} link" in off
    assert off["template link"].fix == FIXES["input_text"]
    assert off["payment link"].fix == "give --accounts FILE"
    assert off["address link"].fix == FIXES["client_address"]
    assert any("load balancer" in note for note in case.notes)
    assert any("no prompt text" in note for note in case.notes)


def test_behaviour_alone(scan_log: ScanLog, whole: Case) -> None:
    """With prompts and nothing else, accounts that ask alike are judged by that, more weakly."""
    case = scan_log(balanced(replace(world(), accounts=())))
    check_sums(case)
    assert 0 < strongest(case) < whole.campaigns[0].score
    for campaign in case.campaigns:
        assert campaign.bits < whole.campaigns[0].bits
        assert campaign.linked_probability < whole.campaigns[0].linked_probability


def test_dropped_text_loses_nothing(scan_log: ScanLog, whole: Case) -> None:
    """Sketches stand for the text: without it the case differs in the templates' words only."""
    case = scan_log(world(), drop_text=True)
    (plain,), (dropped,) = whole.campaigns, case.campaigns
    assert dropped == replace(
        plain, templates=tuple(replace(one, text="") for one in plain.templates)
    )
    assert plain.templates[0].text
    assert case.signals == whole.signals
    assert case.accounts == whole.accounts


def test_fix_for_a_column_of_the_account_table(whole: Case) -> None:
    """If there is an account table without a column, the fix is not to give the table."""
    fixes = {row.name: row.fix for row in whole.signals.missing}
    assert fixes["referral link"] != "give --accounts FILE"
