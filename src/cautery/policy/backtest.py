"""What rules would have caught in the past, whom beside, and whom the allowlist had saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from cautery.records.decision import ACTIONS, PASSING, Action, Mode, RuleFinding

if TYPE_CHECKING:
    from cautery.policy.policy_set import PolicySet
    from cautery.ports import PolicyEvaluator
    from cautery.records.request import RequestFacts
    from cautery.records.standing import AccountFacts, AllowlistEntry, CampaignStanding

ALL_RULES: Final = "(all rules)"
"""Row of the rules together: the strictest action that any of them asks for."""
HINDERING: Final = "(all that hinder)"
"""Row of the rules together that keep a request from the model."""
LISTED_NAMES: Final = 20
"""Collateral accounts that are named of each rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastExchange:
    """One exchange of the past as the guard would have met it."""

    request: RequestFacts
    """The request."""
    account: AccountFacts | None
    """What is held of its account."""
    campaign: CampaignStanding | None
    """What the scan said of the account."""
    output_tokens: int
    """Tokens of its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """What one rule would have done."""

    rule: str
    """The rule, or ``(all rules)`` or ``(all that hinder)``."""
    action: Action
    """What it asks for; the strictest that occurred, for the rows of all rules."""
    mode: Mode
    """As configured; ``off`` for the rows of all rules."""
    exchanges: int
    """Exchanges on which it fires."""
    output_tokens: int
    """Tokens of their answers."""
    accounts: int
    """Accounts of these exchanges."""
    caught_accounts: int
    """Those that a campaign holds, in band *watch* or above, and that are not listed as honest."""
    caught_exchanges: int
    """Their exchanges."""
    caught_output_tokens: int
    """Tokens of their answers."""
    collateral_accounts: int
    """The others: in no campaign, or listed as honest."""
    collateral_exchanges: int
    """Their exchanges."""
    collateral_output_tokens: int
    """Tokens of their answers."""
    collateral_names: tuple[str, ...]
    """Some of them, those with most exchanges first."""
    allowlisted_accounts: int
    """Accounts that the allowlist would have saved from it."""
    allowlisted_exchanges: int
    """Their exchanges while the entry ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestResult:
    """A policy set, asked about the past."""

    exchanges: int
    """Exchanges asked about."""
    output_tokens: int
    """Tokens of their answers."""
    accounts: int
    """Accounts that they belong to."""
    first_at: datetime | None
    """Begin of the first exchange; UTC."""
    last_at: datetime | None
    """Begin of the last one."""
    failed: int
    """Exchanges on which the policy set failed; they would be let through or not, as the guard is
    set."""
    rules: tuple[RuleResult, ...]
    """Each rule that was asked, in the order of the set, then the rows of all rules."""


@dataclass(slots=True)
class _Counts:
    exchanges: int = 0
    tokens: int = 0
    allowlisted: int = 0


@dataclass(slots=True)
class _Tally:
    action: Action = "allow"
    by_account: dict[str, _Counts] = field(default_factory=dict)

    def add(self, past: PastExchange, action: Action, allowlisted: bool) -> None:
        """Count an exchange on which the rule fires."""
        counts = self.by_account.setdefault(past.request.account_id, _Counts())
        counts.exchanges += 1
        counts.tokens += past.output_tokens
        counts.allowlisted += allowlisted
        if ACTIONS.index(action) > ACTIONS.index(self.action):
            self.action = action


class Backtest:
    """Asks a policy set about exchanges of the past, one after another, in memory by account.

    Args:
        policy: The set; rules that are off are not asked.
        evaluator: At work on it.
        allowlist: Entries by account.
        honest: Accounts that people know to be honest.
    """

    def __init__(
        self,
        policy: PolicySet,
        evaluator: PolicyEvaluator,
        *,
        allowlist: Mapping[str, AllowlistEntry],
        honest: frozenset[str],
    ) -> None:
        self._policy = policy
        self._evaluator = evaluator
        self._allowlist = allowlist
        self._honest = honest
        asked = [name for name, mode in policy.modes.items() if mode != "off"]
        self._tallies = {name: _Tally() for name in (*asked, ALL_RULES, HINDERING)}
        self._in_campaign: set[str] = set()
        self._accounts: set[str] = set()
        self._exchanges = self._tokens = self._failed = 0
        self._first: datetime | None = None
        self._last: datetime | None = None

    def add(self, past: PastExchange) -> None:
        """Ask about one exchange.

        Args:
            past: The exchange.
        """
        request, at = past.request, past.request.arrived_at
        self._exchanges += 1
        self._tokens += past.output_tokens
        self._accounts.add(request.account_id)
        self._first = at if self._first is None or at < self._first else self._first
        self._last = at if self._last is None or at > self._last else self._last
        if past.campaign is not None and past.campaign.band:
            self._in_campaign.add(request.account_id)
        outcome = self._evaluator.evaluate(request, past.account, past.campaign)
        if outcome.errors:
            self._failed += 1
        elif outcome.findings:
            self._count(past, outcome.findings)

    def _count(self, past: PastExchange, findings: tuple[RuleFinding, ...]) -> None:
        entry = self._allowlist.get(past.request.account_id)
        saved = entry is not None and past.request.arrived_at < entry.expires_at
        for finding in findings:
            self._tallies[finding.rule].add(past, finding.action, saved)
        strictest = max((finding.action for finding in findings), key=ACTIONS.index)
        self._tallies[ALL_RULES].add(past, strictest, saved)
        if strictest not in PASSING:
            self._tallies[HINDERING].add(past, strictest, saved)

    def result(self) -> BacktestResult:
        """Sum up.

        Returns:
            The result; it does not depend on the order of the exchanges.
        """
        return BacktestResult(
            exchanges=self._exchanges,
            output_tokens=self._tokens,
            accounts=len(self._accounts),
            first_at=self._first,
            last_at=self._last,
            failed=self._failed,
            rules=tuple(self._summed(name, tally) for name, tally in self._tallies.items()),
        )

    def _summed(self, name: str, tally: _Tally) -> RuleResult:
        counts = tally.by_account
        caught = {name for name in counts if name in self._in_campaign and name not in self._honest}
        collateral = sorted(counts.keys() - caught, key=lambda key: (-counts[key].exchanges, key))
        rule = self._policy.rules.get(name)
        return RuleResult(
            rule=name,
            action=rule.action if rule else tally.action,
            mode=self._policy.modes.get(name, "off"),
            exchanges=_sum(counts, counts, _exchanges_of),
            output_tokens=_sum(counts, counts, _tokens_of),
            accounts=len(counts),
            caught_accounts=len(caught),
            caught_exchanges=_sum(counts, caught, _exchanges_of),
            caught_output_tokens=_sum(counts, caught, _tokens_of),
            collateral_accounts=len(collateral),
            collateral_exchanges=_sum(counts, collateral, _exchanges_of),
            collateral_output_tokens=_sum(counts, collateral, _tokens_of),
            collateral_names=tuple(collateral[:LISTED_NAMES]),
            allowlisted_accounts=sum(1 for item in counts.values() if item.allowlisted),
            allowlisted_exchanges=sum(item.allowlisted for item in counts.values()),
        )


def _sum(counts: Mapping[str, _Counts], names: Iterable[str], of: Callable[[_Counts], int]) -> int:
    return sum(of(counts[name]) for name in names)


def _exchanges_of(counts: _Counts) -> int:
    return counts.exchanges


def _tokens_of(counts: _Counts) -> int:
    return counts.tokens
