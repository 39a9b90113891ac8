"""Backtests: who is caught, who beside, who the allowlist would have saved."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.policy.policy_files import rule, write_house
from tests.policy.test_evaluator import ACCOUNT, CAMPAIGN, REQUEST
from tests.policy.worlds import NOW, load_world

from cautery.policy.backtest import ALL_RULES, HINDERING, Backtest, BacktestResult, PastExchange
from cautery.policy.evaluator import CedarEvaluator
from cautery.policy.policy_set import PolicySet, load_policy_set
from cautery.records.standing import AllowlistEntry


def past(account_id: str, *, listed: bool = False, closed: bool = False) -> PastExchange:
    """An exchange of an account with ten tokens."""
    return PastExchange(
        request=replace(REQUEST, account_id=account_id),
        account=replace(ACCOUNT, account_id=account_id, status="closed" if closed else "active"),
        campaign=replace(CAMPAIGN, band="watch", probability=0.6) if listed else None,
        output_tokens=10,
    )


def backtest(
    policy: PolicySet,
    exchanges: list[PastExchange],
    allowlist: dict[str, AllowlistEntry] | None = None,
    honest: frozenset[str] = frozenset(),
) -> BacktestResult:
    """Ask a set about exchanges."""
    test = Backtest(policy, CedarEvaluator(policy), allowlist=allowlist or {}, honest=honest)
    for exchange in exchanges:
        test.add(exchange)
    return test.result()


EXCHANGES = [
    past("member", listed=True),
    past("member", listed=True, closed=True),
    past("bystander", closed=True),
    past("clean"),
    past("wrongly-linked", listed=True),
]


def test_caught_and_collateral(tmp_path: Path) -> None:
    """Members of campaigns are caught, others are collateral, and so is whoever is known honest."""
    result = backtest(load_world(tmp_path), EXCHANGES, honest=frozenset({"wrongly-linked"}))
    rules = {rule.rule: rule for rule in result.rules}
    watch, closed = rules["campaign-bands.watch"], rules["account-status.closed"]
    assert (watch.exchanges, watch.output_tokens, watch.accounts) == (3, 30, 2)
    assert (watch.caught_accounts, watch.caught_exchanges, watch.caught_output_tokens) == (1, 2, 20)
    assert (watch.collateral_accounts, watch.collateral_names) == (1, ("wrongly-linked",))
    assert (closed.caught_accounts, closed.collateral_names) == (1, ("bystander",))
    assert rules[ALL_RULES].accounts == 3
    assert (rules[HINDERING].exchanges, rules[HINDERING].action) == (2, "block")
    assert (result.exchanges, result.output_tokens, result.accounts) == (5, 50, 4)


def test_the_allowlist_saves_while_it_runs(tmp_path: Path) -> None:
    """An entry counts for the exchanges before it ended."""
    entry = AllowlistEntry(
        account_id="bystander", reason="r", owner="o", expires_at=NOW + timedelta(hours=1)
    )
    late = past("bystander", closed=True)
    late = replace(late, request=replace(late.request, arrived_at=NOW + timedelta(hours=1)))
    result = backtest(load_world(tmp_path), [*EXCHANGES, late], {"bystander": entry})
    closed = next(rule for rule in result.rules if rule.rule == "account-status.closed")
    assert (closed.exchanges, closed.allowlisted_accounts, closed.allowlisted_exchanges) == (
        3,
        1,
        1,
    )
    assert (result.first_at, result.last_at) == (NOW, NOW + timedelta(hours=1))


def test_order_does_not_matter(tmp_path: Path) -> None:
    """The same exchanges in any order give the same result."""
    policy = load_world(tmp_path)
    shuffled = EXCHANGES * 3
    random.Random(1).shuffle(shuffled)
    assert backtest(policy, EXCHANGES * 3) == backtest(policy, shuffled)


def test_rules_that_are_off_are_left_out(tmp_path: Path) -> None:
    """A rule that is not asked is not reported, and is not tested."""
    rules = rule("context.logprobs") + rule("context.reasoning", name="two")
    path = write_house(tmp_path, rules, policy='[modes]\n"house.two" = "off"\n')
    result = backtest(load_policy_set(path), EXCHANGES)
    assert [rule.rule for rule in result.rules] == ["house.one", ALL_RULES, HINDERING]


def test_failures_are_counted(tmp_path: Path) -> None:
    """Exchanges on which Cedar errs are told, and count for no rule."""
    path = write_house(tmp_path, rule("9223372036854775807 + context.choices > 0"))
    result = backtest(load_policy_set(path), EXCHANGES)
    assert (result.failed, result.rules[0].exchanges) == (5, 0)


def test_of_nothing(tmp_path: Path) -> None:
    """A log without exchanges gives an empty result."""
    result = backtest(load_world(tmp_path), [])
    assert (result.exchanges, result.first_at) == (0, None)
