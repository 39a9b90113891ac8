"""Living on templates: what an account's use of its group's templates says of its membership."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from cautery.scan.companions import companions
from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP, Groups
from cautery.scan.harvest_share import focus_bits, share_bits
from cautery.scan.known_templates import known_shingles
from cautery.scan.likeness import linked_nearby, template_likeness
from cautery.scan.vouching import Vouched, vouched

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]

PRIOR_BITS: Final = -2.0
"""Prior of an account that a pass put into a group."""
TEMPLATE_BITS: Final = 3.0
"""Bits for an account that shares something and lives on the group's own templates."""
PARTY_BITS: Final = 4.6
"""Most bits for an account of a doubted party: with what the party shares, a chance of 0.92. A firm
of few is as likely to use the program as it is to share a card, and no likelier a stranger than
who shares nothing at all; with 3.0 one attacker in 75 of simulated hydra logs stayed at *watch*,
and nobody honest."""
UNLIKE_BITS: Final = -2.5
"""Bits against an account that shares something and uses the group's templates unlike the rest."""
ALIKE: Final = 0.5
"""Likeness from which an account counts as one that lives on the group's templates."""
VOUCHED: Final = (0.3, 0.8)
"""Part of what an account shows of the group's templates that linked members must vouch for, from
which it may be like them at all, and from which it may be wholly. Of 1,423 members of simulated
hydra campaigns that share nothing 2 % have less than 0.8, of eleven people of red teams
at or near *likely* among them nine had 0.6 or less (seeds 14, 16 and 20)."""
UNLINKED_RATIO: Final = 1.5
"""True members that share nothing themselves, at most, per member that does: three in five of a
careful operator's cards are single (in simulated hydra campaigns 0.4 to 1.4, in most 1)."""
STOCK_UNLINKED_RATIO: Final = 0.02
"""The same, when the templates are stock prompts of a public pipeline: strangers use those too."""
STOCK_SHARE: Final = 0.3
"""Part of a group's own shingles that must be stock before its templates count as stock."""
FEWEST_PRIVATE: Final = 2
"""Exchanges on a private template of linked members by which an account is no mere user of a
public pipeline: one may be a coincidence (``absorbing.ABSORB_FEWEST``)."""
LEAST_EXPECTED: Final = 0.02
"""Lowest chance of membership by templates alone."""
MOST_UNLINKED: Final = 0.95
"""Highest chance of membership by templates alone."""
MANY_PRIVATE: Final = 5
"""Exchanges on a private template of linked members from which that chance may be higher."""
MOST_PRIVATE: Final = 0.97
"""Highest chance then: of 1,177 such accounts of simulated logs at *likely* 17 were honest."""
MOST_UNDECIDED: Final = 0.85
"""Highest chance of an account with fewer exchanges than that on the templates, none of them on one
that is the group's alone. Of 190 such accounts at *likely* in logs of 3,000 and 200,000 accounts 16
were honest, 3 % of those with more."""


@dataclass(frozen=True, kw_only=True)
class Prompted:
    """What earlier steps found out of the accounts' prompts."""

    odds: Floats
    """Log-odds, in bits, that an account is a member by private templates alone (``absorb``)."""
    private_tokens: Integers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Own shingles of groups with a stock prompt that are no piece of it, sorted."""
    nearby: Floats | None = None
    """What was found of mixtures before doubtful members were dropped: the last of some strangers
    look like members once the others are gone. None if nothing was."""

    @classmethod
    def nothing(cls, count: int) -> Prompted:
        """What is known of as many accounts before anything was tried."""
        return cls(odds=np.full(count, -np.inf))


@dataclass(frozen=True, slots=True)
class Shared:
    """What accounts share with their group; one entry an account."""

    linked: Truths
    """Shares what strangers rarely share."""
    doubted: Truths
    """Shares it with a few others only, who may be a firm (``doubted_parties``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Living:
    """One entry an account."""

    bits: Floats
    """For living on the group's templates, or against it."""
    nearby: Floats
    """Linked accounts for each that is not, among those of a like mixture (``linked_nearby``)."""
    sure: Truths
    """Accounts that share infrastructure with their group and live on its templates."""


def living_on_templates(
    facts: Facts, groups: Groups, shared: Shared, harvest: Integers, known: Prompted
) -> Living:
    """Weigh how each account uses its group's own templates.

    Args:
        facts: What the log says.
        groups: Judged or unjudged groups.
        shared: What the accounts share with their groups.
        harvest: Exchanges of each account on its group's templates, or all without any.
        known: What earlier steps found out.

    Returns:
        Bits by account, and who is sure.
    """
    linked, exchanges = shared.linked, facts.totals["exchanges"]
    templated = np.isin(groups.group_of, groups.template_group) & (groups.group_of >= 0)
    carried = np.where(templated, harvest, 0)
    held = vouched(groups, linked, known.private_tokens)
    likeness = template_likeness(groups, linked, carried, exchanges)
    # Variety tells little of few exchanges; how many of them carry the templates still does.
    likeness = np.maximum(likeness, expit(known.odds * np.log(2.0)))
    least, full = VOUCHED
    vouched_for = np.clip((held.share - least) / (full - least), 0.0, 1.0)
    likeness *= np.where(linked, 1.0, vouched_for)
    nearby = linked_nearby(groups, linked, carried)
    nearby = nearby if known.nearby is None else np.minimum(nearby, known.nearby)
    lives = likeness >= ALIKE
    sure = linked & lives
    most = _most(groups, held, carried, known.odds)
    told = _expected_bits(groups, shared, held, most, lives=lives, odds=known.odds, near=nearby)
    alike = likeness * told
    given = share_bits(groups, sure, carried, exchanges)
    given += focus_bits(groups, sure, held.top, carried)
    alike = np.where(linked | ~templated, alike, alike + given)
    alike = np.where(shared.doubted, np.minimum(alike, PARTY_BITS), alike)
    payments = groups.incidences.get("payment")
    paid = companions(groups.group_of, groups.basis, sure, payments, facts.customers)
    elsewhere = (paid == NO_GROUP) | (paid != groups.group_of)
    unlike = np.where(linked & templated & elsewhere, UNLIKE_BITS * (1.0 - likeness), 0.0)
    bits = np.asarray(np.round(alike + unlike, 1), dtype=np.float64)
    return Living(bits=bits, nearby=nearby, sure=sure)


def _expected_bits(
    groups: Groups,
    shared: Shared,
    held: Vouched,
    most: Floats,
    *,
    lives: Truths,
    odds: Floats,
    near: Floats,
) -> Floats:
    """Bits of each account for living on its group's templates.

    An account that shares nothing is a member only as far as the number of its kind is what the
    sharing members lead one to expect; many more of them are strangers with the same program.
    Those who live on templates that no public pipeline has are counted apart from the others, and
    so are those who mix the templates as the account does: strangers who use one of many.
    """
    shares = shared.linked | shared.doubted
    private = (odds >= 0.0) | (held.private >= FEWEST_PRIVATE)
    # Where nothing but behaviour joins, nobody is linked and nothing can be counted. Without
    # payments two who share an address there are a coincidence, and no count either.
    only = np.array([np.inf if kind == "behaviour" else 0.0 for kind in groups.basis])
    core = groups.sum_by_group(shares & lives)
    core = np.where(np.isinf(only) & ("payment" not in groups.incidences), 0.0, core)
    doubted = np.append(_public(groups), False)[groups.group_of] & ~private
    bits = np.zeros(groups.group_of.size)
    for kind, ratio in ((doubted, STOCK_UNLINKED_RATIO), (~doubted, UNLINKED_RATIO)):
        rest = groups.sum_by_group(~shares & lives & kind)
        ratios = np.append(np.where(core > 0, core / np.maximum(rest, 1), only), np.inf)
        of_group = ratios[groups.group_of]
        expected = ratio * np.where(np.isinf(of_group), np.inf, np.minimum(of_group, near))
        expected = np.clip(expected, LEAST_EXPECTED, most)
        bits = np.where(kind, np.log2(expected / (1.0 - expected)) - PRIOR_BITS, bits)
    # A card in common among strangers says something of the card, and nothing of the templates.
    sharing = np.where(np.isinf(near), TEMPLATE_BITS, np.minimum(bits, TEMPLATE_BITS))
    return np.where(shared.linked, sharing, bits) * (groups.group_of >= 0)


def _most(groups: Groups, held: Vouched, carried: Integers, odds: Floats) -> Floats:
    """Highest chance of membership by templates alone, by account.

    Where a group has templates of its own by which odds are known, an account that shows none of
    those, and little of the others, may be a stranger who asks what other groups ask as well.
    """
    known = np.isfinite(odds)
    decides = np.append(groups.sum_by_group(known) > 0, False)[groups.group_of]
    undecided = decides & ~known & (carried < MANY_PRIVATE)
    most = np.where(held.private >= MANY_PRIVATE, MOST_PRIVATE, MOST_UNLINKED)
    return np.where(undecided, MOST_UNDECIDED, most)


def _public(groups: Groups) -> Truths:
    """Groups of whose own templates many are stock prompts of a public pipeline."""
    stock = np.isin(groups.template_token, known_shingles())
    own = np.bincount(groups.template_group, minlength=groups.count)
    known = np.bincount(groups.template_group[stock], minlength=groups.count)
    return np.asarray(known >= STOCK_SHARE * np.maximum(own, 1), dtype=np.bool_)
