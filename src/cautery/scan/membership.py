"""Membership: how surely each account belongs to its group, in bits, with its strongest links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from cautery.records.evidence import Family, Weight
from cautery.scan.companions import companions
from cautery.scan.evidence import chance
from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP, Groups
from cautery.scan.harvest import harvest_counts
from cautery.scan.harvest_share import focus_bits, share_bits
from cautery.scan.known_templates import known_shingles
from cautery.scan.likeness import FEWEST_CORE, linked_nearby, template_likeness
from cautery.scan.member_links import INFRASTRUCTURE_NAMES
from cautery.scan.member_worth import (
    SMALL_PARTY_BITS,
    best_bits,
    doubted_parties,
    held_things,
)
from cautery.scan.vouching import vouched
from cautery.scan.weighing import rounded

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

PRIOR_BITS: Final = -2.0
"""Prior of an account that a pass put into a group."""
MOST_LINK_BITS: Final = 6.0
"""Most bits, for or against, of one link."""
LINKED_BITS: Final = 2.0
"""Bits of shared infrastructure from which an account counts as linked by it."""
TEMPLATE_BITS: Final = 3.0
"""Bits for an account that shares something and lives on the group's own templates."""
UNLINKED_RATIO: Final = 1.5
"""True members that share nothing themselves, per member that does: half of a careful operator's
cards are single."""
STOCK_UNLINKED_RATIO: Final = 0.02
"""The same, when the templates are stock prompts of a public pipeline: strangers use those too."""
ALIKE: Final = 0.5
"""Likeness from which an account counts as one that lives on the group's templates."""
VOUCHED_SHARE: Final = 0.5
"""Part of what an account shows of the templates that linked members must vouch for."""
FEWEST_PRIVATE: Final = 2
"""Exchanges on a private template of theirs by which an account is no stranger to the group."""
MANY_PRIVATE: Final = 5
MOST_PRIVATE: Final = 0.97
MOST_UNLINKED: Final = 0.95
"""Highest chance of membership by templates alone."""
STOCK_SHARE: Final = 0.3
"""Part of a group's own shingles that must be stock before its templates count as stock."""
OPEN_BITS: Final = -3.0
"""Bits against membership of an account whose owner openly holds others of the group: a firm
that says who it is, among strangers with the same program."""
UNLIKE_BITS: Final = -2.5
"""Bits against an account that shares something and uses the group's templates unlike the rest."""
MOST_STYLE_BITS: Final = 2.0
"""Most bits for the client and parameters that an account uses most."""
LEAST_STYLE_BITS: Final = -2.2
"""Most bits against it for another client, where the linked members hardly ever have one of their
own; pools that rotate their clients show that, and weigh it less."""
HARD_LINKS: Final = ("address", "network", "payment", "signature")
"""Links that strangers rarely have in common."""
PARTY_LINKS: Final = ("address", "network", "payment")
"""Those of them that a firm or a family has in common as well."""
MOST_SOFT_BITS: Final = 0.5
"""Most bits of any other link: many strangers sign up in one hour or by one provider's mail."""
MOST_INFRASTRUCTURE_BITS: Final = 7.0
"""Most bits of all links together: one desk with one card has one address too."""


@dataclass(frozen=True, kw_only=True)
class Membership:
    """One entry an account; accounts in no group have zeros."""

    linked_probability: Floats
    harvest: Integers
    """Exchanges thought to be harvest."""
    link_bits: dict[str, Floats]
    """By link: bits for an account that shares in its group, against one that does not."""
    template_bits: Floats
    style_bits: Floats
    """For the group's own client and parameters."""
    open_bits: Floats
    """Against an account of an owner who openly holds several of the group."""
    nearby: Floats
    """Linked accounts for each that is not among those of a like mixture (``linked_nearby``)."""
    sure: NDArray[np.bool_]
    """Members that share infrastructure with their group and live on its templates."""
    stability_bits: Floats | None = None
    """Against an account whose place is not settled (``settling``); None before that is known."""

    @property
    def tied(self) -> NDArray[np.bool_]:
        """Accounts that share what strangers rarely share with their group."""
        hard = [bits for name, bits in self.link_bits.items() if name in HARD_LINKS]
        return np.asarray(sum(hard, np.zeros(self.harvest.size)) >= LINKED_BITS, dtype=np.bool_)

    def weights(self, account: int) -> tuple[Weight, ...]:
        """The membership waterfall of one account; its bits add up to ``linked_probability``."""
        rows = [_row("prior", "prior of a grouped account", PRIOR_BITS, "behaviour")]
        for name, bits in self.link_bits.items():
            value = float(bits[account])
            thing = INFRASTRUCTURE_NAMES[name]
            if value > 0:
                rows.append(_row(name, f"shares {thing}", value, "infrastructure"))
        if self.template_bits[account] != 0:
            label = "repeats the group's templates"
            rows.append(_row("template", label, float(self.template_bits[account]), "behaviour"))
        if self.style_bits[account] != 0:
            alike = self.style_bits[account] > 0
            label = "same client and parameters" if alike else "other client and parameters"
            rows.append(_row("parameters", label, float(self.style_bits[account]), "behaviour"))
        if self.open_bits[account] < 0:
            label = "belongs to an open customer with several accounts"
            rows.append(_row("customer", label, float(self.open_bits[account]), "context"))
        if self.stability_bits is not None and self.stability_bits[account] < 0:
            label = "group changes when the evidence is redrawn"
            rows.append(_row("stability", label, float(self.stability_bits[account]), "context"))
        excess = MOST_INFRASTRUCTURE_BITS - sum(
            row.bits for row in rows if row.family == "infrastructure"
        )
        if excess < 0:
            label = "limit: shared things come together"
            rows.append(_row("sharing_limit", label, excess, "infrastructure"))
        return (rows[0], *sorted(rows[1:], key=lambda row: (-abs(row.bits), row.signal)))


def _row(signal: str, label: str, bits: float, family: Family) -> Weight:
    return Weight(signal=signal, label=label, aspect="linkage", family=family, bits=rounded(bits))


def measure_membership(
    facts: Facts,
    groups: Groups,
    odds: Floats | None = None,
    nearby: Floats | None = None,
    private: Integers | None = None,
) -> Membership:
    """Weigh every account's membership in its group.

    Args:
        facts: What the log says.
        groups: Judged or unjudged groups.
        odds: Log-odds, in bits, that an account is a member by the templates alone (``absorb``);
            None if there is nothing to tell it by.
        nearby: What was found of mixtures before doubtful members were dropped: the last of some
            strangers look like members once the others are gone. None if nothing was.

    Returns:
        Membership by account.
    """
    count = facts.account_count
    # An address lies in its network: the two are one piece of evidence.
    doubled = {"network"} if "address" in groups.incidences else set()
    names = sorted((set(INFRASTRUCTURE_NAMES) & set(groups.incidences)) - doubled)
    link_bits, doubted = _link_bits(groups, names, facts.customers)
    harvest = harvest_counts(groups, count)
    templated = np.isin(groups.group_of, groups.template_group) & (groups.group_of >= 0)
    on_templates = np.where(templated, harvest, 0)
    hard = [bits for name, bits in link_bits.items() if name in HARD_LINKS]
    linked = sum(hard, np.zeros(count)) >= LINKED_BITS
    likeness = template_likeness(groups, linked, on_templates, facts.totals["exchanges"])
    if odds is None:
        odds = np.full(count, -np.inf)
    # Variety tells little of few exchanges; how many of them carry the templates still does.
    likeness = np.maximum(likeness, expit(odds * np.log(2.0)))
    held = vouched(groups, linked, np.zeros(0, np.int64) if private is None else private)
    likeness = np.where(linked, likeness, likeness * np.clip(held.share / VOUCHED_SHARE, 0.0, 1.0))
    near_now = linked_nearby(groups, linked, on_templates)
    nearby = near_now if nearby is None else np.minimum(near_now, nearby)
    lives = likeness >= ALIKE
    own = (odds >= 0.0) | (held.private >= FEWEST_PRIVATE)
    most = np.where(held.private >= MANY_PRIVATE, MOST_PRIVATE, MOST_UNLINKED)
    alike = likeness * _template_bits(
        groups, linked, linked | doubted, most, lives=lives, private=own, nearby=nearby
    )
    given = share_bits(groups, linked & lives, on_templates, facts.totals["exchanges"])
    given += focus_bits(groups, linked & lives, held.top, on_templates)
    alike = np.where(linked | ~templated, alike, alike + given)
    # A firm of few accounts is as likely to use the program as it is to share a card.
    alike = np.where(doubted, np.minimum(alike, TEMPLATE_BITS), alike)
    unlike = np.where(linked & templated, UNLIKE_BITS * (1.0 - likeness), 0.0)
    payments = groups.incidences.get("payment")
    sure = linked & lives
    paid = companions(groups.group_of, groups.basis, sure, payments, facts.customers)
    unlike = np.where((paid != NO_GROUP) & (paid == groups.group_of), 0.0, unlike)
    template = np.asarray(np.round(alike + unlike, 1), dtype=np.float64)
    style = _style_bits(facts, groups, linked & lives)
    open_bits = _open_bits(groups, facts.customers)
    shared = np.minimum(sum(link_bits.values(), np.zeros(count)), MOST_INFRASTRUCTURE_BITS)
    total = PRIOR_BITS + template + style + open_bits + shared
    # Few sums of bits differ.
    sums, place = np.unique(total, return_inverse=True)
    chances = np.array([chance(rounded(value)) for value in sums])[place]
    return Membership(
        linked_probability=np.where(groups.group_of >= 0, chances, 0.0),
        harvest=harvest,
        link_bits=link_bits,
        template_bits=template,
        style_bits=style,
        open_bits=open_bits,
        nearby=nearby,
        sure=sure,
    )


def _template_bits(
    groups: Groups,
    linked: NDArray[np.bool_],
    shares: NDArray[np.bool_],
    most: Floats,
    *,
    lives: NDArray[np.bool_],
    private: NDArray[np.bool_],
    nearby: Floats,
) -> Floats:
    """Bits of each account for living on its group's templates.

    An account that shares nothing is a member only as far as the number of its kind is what the
    sharing members lead one to expect; many more of them are strangers with the same program.
    Those who live on templates that no public pipeline has are counted apart from the others, and
    so are those who mix the templates as the account does: strangers who use one of many.
    """
    stock = np.isin(groups.template_token, known_shingles())
    own = np.bincount(groups.template_group, minlength=groups.count)
    known = np.bincount(groups.template_group[stock], minlength=groups.count)
    public = known >= STOCK_SHARE * np.maximum(own, 1)
    # Where nothing but behaviour joins, nobody is linked and nothing can be counted.
    only = np.array([np.inf if kind == "behaviour" else 0.0 for kind in groups.basis])
    core = groups.sum_by_group(shares & lives)
    doubted = np.append(public, False)[groups.group_of] & ~private
    bits = np.zeros(groups.group_of.size)
    for kind, ratio in ((doubted, STOCK_UNLINKED_RATIO), (~doubted, UNLINKED_RATIO)):
        rest = groups.sum_by_group(~shares & lives & kind)
        ratios = np.append(np.where(core > 0, core / np.maximum(rest, 1), only), np.inf)
        of_group = ratios[groups.group_of]
        expected = ratio * np.where(np.isinf(of_group), np.inf, np.minimum(of_group, nearby))
        expected = np.clip(expected, 0.02, most)
        bits = np.where(kind, np.log2(expected / (1.0 - expected)) - PRIOR_BITS, bits)
    # A card in common among strangers says something of the card, and nothing of the templates.
    sharing = np.where(np.isinf(nearby), TEMPLATE_BITS, np.minimum(bits, TEMPLATE_BITS))
    return np.where(linked, sharing, bits) * (groups.group_of >= 0)


def _link_bits(
    groups: Groups, names: list[str], customers: Integers
) -> tuple[dict[str, Floats], NDArray[np.bool_]]:
    """Log-likelihood ratio of the most telling thing of each link that an account shares.

    Not sharing is weighed with the templates, once and not by link. Also the accounts that share
    with a few others only, which may be a firm (``doubted_parties``).
    """
    count = groups.group_of.size
    held = {name: held_things(groups, name, customers) for name in names}
    bits = {
        name: best_bits(one, count, MOST_LINK_BITS if name in HARD_LINKS else MOST_SOFT_BITS)
        for name, one in held.items()
    }
    doubted = doubted_parties(groups, [held[name] for name in PARTY_LINKS if name in held])
    for name in PARTY_LINKS:
        if name in bits:
            bits[name] = np.where(doubted, np.minimum(bits[name], SMALL_PARTY_BITS), bits[name])
    return bits, doubted


def _open_bits(groups: Groups, customers: Integers) -> Floats:
    """Bits against accounts whose customer openly has several accounts among other customers'."""
    bits = np.zeros(groups.group_of.size)
    for group in range(groups.count):
        members = groups.members(group)
        _names, codes, counts = np.unique(
            customers[members], return_inverse=True, return_counts=True
        )
        if counts.max() < members.size / 2:
            bits[members[counts[codes] >= 2]] = OPEN_BITS
    return bits


def _style_bits(facts: Facts, groups: Groups, core: NDArray[np.bool_]) -> Floats:
    """Log-likelihood ratio of each account's most used client and parameters.

    A member uses it as often as the linked members of the group do, a stranger as often as the
    accounts outside; half a count is added to both, so that few members prove little. The next
    member has a client that none has yet as often as linked members have one of their own
    (Good 1953), which bounds what another client says.
    """
    bits = np.zeros(groups.group_of.size)
    if "parameters" not in groups.incidences:
        return bits
    pairs = groups.incidences["parameters"]
    order = np.lexsort((pairs.token, -pairs.exchanges, pairs.account))
    first = order[np.unique(pairs.account[order], return_index=True)[1]]
    own = np.full(groups.group_of.size, pairs.token_count, dtype=np.int64)
    own[pairs.account[first]] = pairs.token[first]
    everybody = np.bincount(own, minlength=pairs.token_count + 1)
    for group in range(groups.count):
        members = groups.members(group)
        inside = members[core[members]]
        if inside.size < FEWEST_CORE:
            continue
        outside = everybody - np.bincount(own[members], minlength=everybody.size)
        usual = (outside + 0.5) / (outside.sum() + 1.0)
        held = np.bincount(own[inside], minlength=everybody.size)
        # A linked member does not speak for itself.
        seen = held[own[members]] - core[members]
        rate = (seen + usual[own[members]]) / (inside.size - core[members] + 1.0)
        ratio = np.log2(rate / usual[own[members]])
        novel = (np.count_nonzero(held[:-1] == 1) + 1.0) / (inside.size + 1.0)
        least = max(float(np.log2(novel)), LEAST_STYLE_BITS)
        bits[members] = np.clip(ratio, least, MOST_STYLE_BITS)
    return np.round(bits, 1) + 0.0
