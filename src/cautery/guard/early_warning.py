"""Early warning between scans: who begins to work with a known campaign's templates.

The last scan names accounts of campaigns; their requests show which templates the campaign uses
now. A template is *fixed* once several accounts of a campaign sent it and enough of the other
traffic was seen to bound how often others send it. What was seen until then is never evidence.
After that, two streams of evidence run, each an e-value (``early_evidence``):

- per campaign template: each account that appears for the first time is one observation. Null: its
  first request carries the template with a chance of ``q`` at most, as before.
- per account: each template that is new to the account is one observation, from the one after its
  first hit. Null: it is a fixed template of some campaign with a chance of the sum of their ``q``.

Customers who share a popular application's prompt break neither null by using it often: an account
counts once per template. A template that *becomes* popular breaks the first one, which is why a
warning raises a tier and never blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cautery.guard.early_evidence import (
    STRENGTHS,
    bounded_share,
    hit_bits,
    mean_bits,
    miss_bits,
    restarted_bits,
)
from cautery.guard.state_seen import SeenLately

LEAST_MEMBERS: Final = 3
"""Accounts of a campaign that send a template before it is fixed."""
LEAST_TRIALS: Final = 1_000
"""Observations of others before it is fixed."""
LEAST_SHARE: Final = 1e-3
"""No chance under the null is taken to be smaller, however few others were seen."""
MOST_SHARE: Final = 0.05
"""Templates of which more is to be expected from others tell nothing, and are not fixed."""
TRIALS_OF_RUN: Final = 500
"""Newcomers after which a template's evidence begins anew, beside the runs before."""
RUNS_KEPT: Final = 8
MOST_TEMPLATES: Final = 1_024
MOST_CANDIDATES: Final = 4_096
MOST_ACCOUNTS: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Evidence that an account works with a campaign's templates."""

    campaign_id: str
    """The campaign."""
    bits: float
    """Base-2 logarithm of the e-value: its inverse bounds the chance of a false alarm."""
    stream: str
    """``template`` or ``account``: which of both streams it is."""


class _Candidate:
    __slots__ = ("accounts_before", "campaign_id", "first_hits", "hits", "members", "pairs_before")

    def __init__(self, campaign_id: str, accounts: int, pairs: int) -> None:
        self.campaign_id = campaign_id
        self.members: set[int] = set()
        self.accounts_before, self.pairs_before = accounts, pairs
        self.first_hits = self.hits = 0


class _Fixed:
    __slots__ = ("accounts_before", "campaign_id", "highest", "hits_by_run", "pair_share", "share")

    def __init__(self, candidate: _Candidate, accounts: int, pairs: int) -> None:
        self.campaign_id = candidate.campaign_id
        self.accounts_before = accounts
        self.hits_by_run: dict[int, int] = {}
        self.highest = 0.0
        trials = accounts - candidate.accounts_before
        self.share = max(LEAST_SHARE, bounded_share(candidate.first_hits, trials))
        pair_trials = max(1, pairs - candidate.pairs_before)
        self.pair_share = max(LEAST_SHARE, bounded_share(candidate.hits, pair_trials))

    def hit(self, accounts: int) -> None:
        """Take in a newcomer who begins with the template; the misses before it are counted."""
        trials = accounts - self.accounts_before
        run = (trials - 1) // TRIALS_OF_RUN
        kept = range(max(0, run - RUNS_KEPT + 1), run + 1)
        self.hits_by_run = {one: self.hits_by_run.get(one, 0) + 1 for one in kept}
        runs = {
            one: (hits, trials - one * TRIALS_OF_RUN - hits)
            for one, hits in self.hits_by_run.items()
        }
        self.highest = max(self.highest, restarted_bits(runs, self.share))


class _Followed:
    __slots__ = ("bits", "campaign_id", "highest")

    def __init__(self, campaign_id: str) -> None:
        self.campaign_id = campaign_id
        self.bits = [0.0] * len(STRENGTHS)
        self.highest = 0.0


class EarlyWarning:
    """Both streams of evidence, in bounded memory.

    Args:
        seed: 64 random bits.
        capacity: Accounts, and account-template pairs, that are remembered as seen.
    """

    def __init__(self, seed: int, capacity: int = 1 << 20) -> None:
        self._seed = seed
        self._accounts = SeenLately(capacity)
        self._pairs = SeenLately(2 * capacity)
        self._account_trials = self._pair_trials = 0
        self._candidates: dict[int, _Candidate] = {}
        self._fixed: dict[int, _Fixed] = {}
        self._followed: dict[int, _Followed] = {}
        self._any_share = 0.0

    def see_member(self, template: int, account_hash: int, campaign_id: str) -> None:
        """Learn from a request of an account that the last scan put into a campaign.

        Args:
            template: Sketch of its template; 0 is none.
            account_hash: Keyed hash of the account.
            campaign_id: The campaign.
        """
        if not template or template in self._fixed:
            return
        candidate = self._candidates.get(template)
        if candidate is None:
            if len(self._candidates) >= MOST_CANDIDATES:
                del self._candidates[next(iter(self._candidates))]
            candidate = _Candidate(campaign_id, self._account_trials, self._pair_trials)
            self._candidates[template] = candidate
        if candidate.campaign_id == campaign_id and len(candidate.members) < LEAST_MEMBERS:
            candidate.members.add(account_hash)
        seen = self._account_trials - candidate.accounts_before
        if len(candidate.members) >= LEAST_MEMBERS and seen >= LEAST_TRIALS:
            self._fix(template, candidate)

    def see_other(self, template: int, account_hash: int) -> Warned | None:
        """Observe a request of an account outside every campaign, and say what is known of it.

        Args:
            template: Sketch of its template; 0 is none.
            account_hash: Keyed hash of the account.

        Returns:
            The stronger evidence about the account, none if there is none.
        """
        if not template:
            return None
        fixed = self._fixed.get(template)
        candidate = self._candidates.get(template) if fixed is None else None
        if self._accounts.add(account_hash):
            self._account_trials += 1
            if fixed is not None:
                fixed.hit(self._account_trials)
            elif candidate is not None:
                candidate.first_hits += 1
        followed = self._followed.get(account_hash)
        if self._pairs.add(hash((account_hash, template))):
            self._pair_trials += 1
            if candidate is not None:
                candidate.hits += 1
            if followed is not None or fixed is not None:
                followed = self._observe_pair(account_hash, followed, fixed)
        return None if followed is None and fixed is None else _stronger(fixed, followed)

    def _fix(self, template: int, candidate: _Candidate) -> None:
        del self._candidates[template]
        fixed = _Fixed(candidate, self._account_trials, self._pair_trials)
        if max(fixed.share, fixed.pair_share) > MOST_SHARE or len(self._fixed) >= MOST_TEMPLATES:
            return
        self._fixed[template] = fixed
        self._any_share = min(1.0, sum(one.pair_share for one in self._fixed.values()))

    def _observe_pair(
        self, account_hash: int, followed: _Followed | None, fixed: _Fixed | None
    ) -> _Followed | None:
        if followed is None:
            if fixed is None:
                return None
            # The hit that draws attention to an account is no evidence: it chose the account.
            if len(self._followed) >= MOST_ACCOUNTS:
                del self._followed[next(iter(self._followed))]
            followed = self._followed[account_hash] = _Followed(fixed.campaign_id)
            return followed
        share = self._any_share
        if not 0.0 < share < STRENGTHS[-1]:
            return followed
        added = hit_bits(share) if fixed is not None else miss_bits(share)
        followed.bits = [old + new for old, new in zip(followed.bits, added, strict=True)]
        followed.highest = max(followed.highest, mean_bits(followed.bits))
        return followed


def _stronger(fixed: _Fixed | None, followed: _Followed | None) -> Warned | None:
    template_bits = fixed.highest if fixed is not None else 0.0
    account_bits = followed.highest if followed is not None else 0.0
    if followed is not None and account_bits > 0 and account_bits >= template_bits:
        return Warned(campaign_id=followed.campaign_id, bits=account_bits, stream="account")
    if fixed is not None and template_bits > 0:
        return Warned(campaign_id=fixed.campaign_id, bits=template_bits, stream="template")
    return None
