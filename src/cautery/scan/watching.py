"""Watching: evidence of daily scans whose bound holds on any day.

A group is fixed by one scan, with its accounts and templates; the next scan tests it on what
nobody had seen before (``newcomers``, ``synchrony``). E-values of one test are multiplied over
scans, and the products of the tests are averaged, which keeps the bound however the tests depend
on each other (Vovk and Wang 2021). Under the null the mean ever reaches ``1 / a`` with a chance of
``a`` at most, so the highest value so far may be read on any day (Ville 1939).

What is multiplied on a day was fixed the day before, so groups may grow. One that has changed by
more than half begins anew; of joined groups the name that stays keeps its own product, and nothing
is added to it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from cautery.records.anytime import AnytimeEvidence, DailyTest
from cautery.scan.newcomers import FreshGroup, Seen, newcomers
from cautery.scan.portrait import iso_time
from cautery.scan.synchrony import synchrony
from cautery.scan.weighing import rounded

if TYPE_CHECKING:
    from cautery.records.campaign import Campaign
    from cautery.records.case import Case
    from cautery.scan.facts import Facts
    from cautery.scan.groups import Groups
    from cautery.scan.incidences import Incidences

TESTS: Final = ("newcomers", "synchrony")
"""The tests, sorted; their products are averaged, all with the same weight from the start."""
LEAST_KEPT: Final = 0.5
"""Part of a group's accounts that must have been in it before for its product to go on."""
MOST_TEMPLATES: Final = 512
"""Templates of a group that are kept, at even distances."""
MOST_BITS: Final = 1_000.0
"""Bits at which a product stops growing, so that every number stays finite."""
NO_SCAN: Final = -1
"""Horizon before the first scan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedGroup:
    """A group as the last scan fixed it, and what was seen of it so far."""

    accounts: frozenset[str]
    templates: tuple[int, ...]
    """Its own shingles, as stored in ``input_shingles``, sorted."""
    bits: Mapping[str, float]
    """By test: base-2 logarithm of the product of its e-values."""
    observed: Mapping[str, str]
    """By test: what the last scan saw."""
    highest_bits: float
    """Highest that the mean of the products ever was, 0 at least."""
    scans: int
    """Scans with new exchanges since it was fixed."""
    since_us: int
    """End of the log when it was first fixed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What one scan leaves to the next."""

    horizon_us: int
    """End of the log; what comes later is new."""
    groups: Mapping[str, WatchedGroup]
    """By name of a campaign."""
    ever: int
    """Groups that were ever watched."""


NO_WATCH: Final = Watch(horizon_us=NO_SCAN, groups={}, ever=0)


@dataclass(kw_only=True)
class DailyWatch:
    """Goes with one scan: tests what was fixed before, and notes what is fixed now."""

    before: Watch
    forgetful: bool = False
    """Whether old exchanges may have been let go between the scans."""
    found: dict[str, dict[str, Seen]] = field(default_factory=dict)
    """By name of a group: what its tests saw."""
    templates: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Own templates of the group of each account."""
    horizon_us: int = NO_SCAN

    def look(self, facts: Facts, groups: Groups, incidences: Mapping[str, Incidences]) -> None:
        """Look at one day's facts, before they are closed.

        Args:
            facts: What the log says.
            groups: The settled groups of this scan.
            incidences: Account-token pairs of every link.
        """
        self.horizon_us = int(facts.totals["last_us"].max())
        for group in range(groups.count):
            own = np.unique(groups.template_token[groups.template_group == group])
            if own.size > MOST_TEMPLATES:
                own = own[np.arange(MOST_TEMPLATES) * own.size // MOST_TEMPLATES]
            kept = tuple(own.tolist())
            for account in groups.members(group).tolist():
                self.templates[facts.account_ids[account]] = kept
        if self.horizon_us <= self.before.horizon_us or not self.before.groups:
            return
        numbers = {account: number for number, account in enumerate(facts.account_ids)}
        names = sorted(self.before.groups)
        fixed = [_numbered(self.before.groups[name], numbers) for name in names]
        horizon = self.before.horizon_us
        rows = {
            "newcomers": newcomers(facts, incidences, fixed, horizon, forgetful=self.forgetful),
            "synchrony": synchrony(facts, fixed, horizon),
        }
        for place, name in enumerate(names):
            seen = {test: rows[test][place] for test in TESTS}
            self.found[name] = {test: one for test, one in seen.items() if one is not None}

    def settle(self, case: Case) -> tuple[Case, Watch]:
        """Put the evidence into the case, once its campaigns have the names that stay.

        Args:
            case: The case of this scan, with the names of the scans before.

        Returns:
            The case with ``anytime`` of each campaign that was watched, and what to keep for the
            next scan.
        """
        after = {campaign.campaign_id: self._group(campaign) for campaign in case.campaigns}
        begun = sum(group.since_us == self.horizon_us for group in after.values())
        same = self.horizon_us <= self.before.horizon_us
        ever = max(self.before.ever + (0 if same else begun), len(after))
        campaigns = tuple(
            replace(campaign, anytime=evidence(after[campaign.campaign_id], ever))
            if after[campaign.campaign_id].scans
            else campaign
            for campaign in case.campaigns
        )
        gone = {name: group for name, group in self.before.groups.items() if name not in after}
        stay = {name: self._carried(name, group) for name, group in gone.items()}
        watch = Watch(
            horizon_us=max(self.horizon_us, self.before.horizon_us),
            groups={**stay, **after},
            ever=ever,
        )
        return replace(case, campaigns=campaigns), watch

    def _carried(self, name: str, group: WatchedGroup) -> WatchedGroup:
        """Multiply what the scan saw of a group into its products."""
        if self.horizon_us <= self.before.horizon_us:
            return group
        seen = self.found.get(name, {})
        bits = {
            test: group.bits.get(test, 0.0)
            + (math.log2(max(seen[test].e_value, 2.0**-MOST_BITS)) if test in seen else 0.0)
            for test in TESTS
        }
        bits = {
            test: min(max(round(value, 6), -MOST_BITS), MOST_BITS) for test, value in bits.items()
        }
        return replace(
            group,
            bits=bits,
            observed={test: one.observed for test, one in sorted(seen.items())},
            highest_bits=max(group.highest_bits, mean_bits(bits)),
            scans=group.scans + 1,
        )

    def _group(self, campaign: Campaign) -> WatchedGroup:
        """Fix a campaign as it is now; what was seen of it before goes on if it is the same."""
        accounts = frozenset(member.account_id for member in campaign.members)
        templates = next(
            (self.templates[one] for one in sorted(accounts) if one in self.templates), ()
        )
        before = self.before.groups.get(campaign.campaign_id)
        if before is None or len(accounts & before.accounts) < LEAST_KEPT * len(accounts):
            fresh = dict.fromkeys(TESTS, 0.0)
            return WatchedGroup(
                accounts=accounts,
                templates=templates,
                bits=fresh,
                observed={},
                highest_bits=0.0,
                scans=0,
                since_us=self.horizon_us,
            )
        return replace(
            self._carried(campaign.campaign_id, before), accounts=accounts, templates=templates
        )


def _numbered(group: WatchedGroup, numbers: Mapping[str, int]) -> FreshGroup:
    held = sorted(numbers[account] for account in group.accounts if account in numbers)
    return FreshGroup(accounts=np.array(held, dtype=np.int64), templates=group.templates)


def mean_bits(bits: Mapping[str, float] | Sequence[float]) -> float:
    """Average e-values that are given as bits.

    Args:
        bits: Base-2 logarithms, by name or in a row.

    Returns:
        The base-2 logarithm of their mean.

    Example:
        >>> mean_bits([3.0, 3.0]), round(mean_bits([10.0, -200.0]), 6)
        (3.0, 9.0)
    """
    values = sorted(bits.values() if isinstance(bits, Mapping) else bits)
    top = values[-1]
    return top + math.log2(math.fsum(2.0 ** (value - top) for value in values) / len(values))


def evidence(group: WatchedGroup, ever: int) -> AnytimeEvidence:
    """Write down what was seen of a group.

    Args:
        group: The group.
        ever: Groups that were ever watched.

    Returns:
        The record of its campaign.
    """
    highest = max(group.highest_bits, 0.0)
    return AnytimeEvidence(
        bits=rounded(mean_bits(group.bits)),
        highest_bits=rounded(highest),
        false_alarm_bound=float(f"{2.0**-highest:.3g}"),
        scans=group.scans,
        since=iso_time(group.since_us),
        groups_watched=ever,
        tests=tuple(
            DailyTest(
                name=test,
                bits=rounded(group.bits.get(test, 0.0)),
                observed=group.observed.get(test, "nothing new"),
            )
            for test in TESTS
        ),
    )
