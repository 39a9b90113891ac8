"""Membership: how surely each account belongs to its group, in bits, with its strongest links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.campaign import AccountLink
from cautery.records.evidence import Family, Weight
from cautery.scan.communities import rarity_bits
from cautery.scan.evidence import chance
from cautery.scan.facts import Facts, Incidences
from cautery.scan.groups import Groups
from cautery.scan.harvest import harvest_counts
from cautery.scan.known_templates import known_shingles
from cautery.scan.sharing import customers_of
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
UNLINKED_RATIO: Final = 0.5
"""True members that share nothing themselves, per member that does: one card in three is single."""
STOCK_UNLINKED_RATIO: Final = 0.02
"""The same, when the templates are stock prompts of a public pipeline: strangers use those too."""
FEWEST_CORE: Final = 3
"""Linked members that a group needs before others are held against them."""
MOST_UNLINKED: Final = 0.97
"""Highest chance of membership by templates alone."""
STOCK_SHARE: Final = 0.3
"""Part of a group's own shingles that must be stock before its templates count as stock."""
FULL_SHARE: Final = 0.5
"""Part of the linked members' median share of traffic on the templates that counts in full."""
FULL_VARIETY: Final = 0.25
"""Part of the linked members' median number of different shingles that counts in full."""
STYLE_BITS: Final = 1.0
"""Bits for the client and parameters that fill the group's harvest, if they are rare elsewhere."""
RARE_STYLE_SHARE: Final = 0.1
"""Part of the other accounts above which a client and its parameters are not rare."""
MOST_LINKS: Final = 5
"""Links that are named for an account."""
INFRASTRUCTURE_NAMES: Final = {
    "payment": "the same payment instrument",
    "address": "the same client address",
    "network": "the same network",
    "sign_up_cohort": "the same hour of sign-up",
    "device": "the same TLS fingerprint",
    "email_domain": "the same e-mail domain",
    "referral": "the same referral code",
}
"""What accounts share by each link, in words."""


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
        if self.style_bits[account] > 0:
            label = "same client and parameters"
            rows.append(_row("parameters", label, float(self.style_bits[account]), "behaviour"))
        return (rows[0], *sorted(rows[1:], key=lambda row: (-abs(row.bits), row.signal)))


def _row(signal: str, label: str, bits: float, family: Family) -> Weight:
    return Weight(signal=signal, label=label, aspect="linkage", family=family, bits=rounded(bits))


def measure_membership(facts: Facts, groups: Groups) -> Membership:
    """Weigh every account's membership in its group.

    Args:
        facts: What the log says.
        groups: Judged or unjudged groups.

    Returns:
        Membership by account.
    """
    count = facts.account_count
    link_bits = {
        name: _link_bits(groups, groups.incidences[name], facts.customers)
        for name in sorted(INFRASTRUCTURE_NAMES)
        # An address lies in its network: the two are one piece of evidence.
        if name in groups.incidences and not (name == "network" and "address" in groups.incidences)
    }
    harvest = harvest_counts(groups, count)
    templated = np.isin(groups.group_of, groups.template_group) & (groups.group_of >= 0)
    share = np.where(templated, harvest / np.maximum(facts.totals["exchanges"], 1), 0.0)
    linked = sum(link_bits.values(), np.zeros(count)) >= LINKED_BITS
    likeness = _likeness(groups, linked, share)
    template = np.round(_template_bits(groups, linked, share > 0) * likeness, 1)
    style = _style_bits(facts, groups)
    total = PRIOR_BITS + template + style + sum(link_bits.values(), np.zeros(count))
    linked = np.array([chance(rounded(value)) for value in total])
    return Membership(
        linked_probability=np.where(groups.group_of >= 0, linked, 0.0),
        harvest=harvest,
        link_bits=link_bits,
        template_bits=template,
        style_bits=style,
    )


def _likeness(groups: Groups, linked: NDArray[np.bool_], share: Floats) -> Floats:
    """How much an account uses the group's templates like the linked members do, from 0 to 1.

    One who knows a single common phrase of a campaign is no part of it; members work through the
    same stock of templates and do little else.
    """
    variety = _own_variety(groups)
    likeness = np.zeros(share.size)
    for group in range(groups.count):
        members = groups.members(group)
        core = members[linked[members] & (share[members] > 0)]
        core = core if core.size >= FEWEST_CORE else members
        usual_share = max(float(np.median(share[core])) * FULL_SHARE, 1e-9)
        usual_variety = max(float(np.median(variety[core])) * FULL_VARIETY, 1e-9)
        alike = np.minimum(share[members] / usual_share, 1.0)
        alike *= np.minimum(variety[members] / usual_variety, 1.0)
        likeness[members] = alike
    return likeness


def _own_variety(groups: Groups) -> Floats:
    """Different shingles of its group's own templates that each account repeats."""
    variety = np.zeros(groups.group_of.size)
    if "template" not in groups.incidences or groups.template_group.size == 0:
        return variety
    pairs = groups.incidences["template"]
    names = np.asarray(pairs.names, dtype=np.int64)
    own = groups.template_group * pairs.token_count + np.searchsorted(names, groups.template_token)
    group = groups.group_of[pairs.account]
    hit = (group >= 0) & np.isin(group * pairs.token_count + pairs.token, own)
    return np.bincount(pairs.account[hit], minlength=variety.size).astype(np.float64)


def _template_bits(groups: Groups, linked: NDArray[np.bool_], lives: NDArray[np.bool_]) -> Floats:
    """Bits of each account for living on its group's templates.

    An account that shares nothing is a member only as far as the number of its kind is what the
    sharing members lead one to expect; many more of them are strangers with the same program.
    """
    stock = np.isin(groups.template_token, known_shingles())
    own = np.bincount(groups.template_group, minlength=groups.count)
    known = np.bincount(groups.template_group[stock], minlength=groups.count)
    ratio = np.where(
        known >= STOCK_SHARE * np.maximum(own, 1), STOCK_UNLINKED_RATIO, UNLINKED_RATIO
    )
    core = groups.sum_by_group(linked & lives)
    rest = groups.sum_by_group(~linked & lives)
    expected = np.clip(ratio * core / np.maximum(rest, 1), 0.02, MOST_UNLINKED)
    behaviour = np.array([kind == "behaviour" for kind in groups.basis], dtype=np.bool_)
    expected = np.where(behaviour & (core == 0), MOST_UNLINKED, expected)
    alone = np.log2(expected / (1.0 - expected)) - PRIOR_BITS
    bits = np.append(alone, 0.0)[groups.group_of]
    return np.where(linked, TEMPLATE_BITS, bits) * (groups.group_of >= 0)


def _link_bits(groups: Groups, pairs: Incidences, customers: Integers) -> Floats:
    """Log-likelihood ratio of sharing a token of one link with the rest of the group.

    A member shares as often as the group's accounts do; a stranger as often as a random account
    meets one of the group's tokens when tokens keep their sizes. Not sharing is weighed with the
    templates, once and not by link.
    """
    count = groups.group_of.size
    group = groups.group_of[pairs.account]
    inside = group >= 0
    keys = group[inside] * pairs.token_count + pairs.token[inside]
    unique, inverse = np.unique(keys, return_inverse=True)
    held = customers_of(inverse, customers[pairs.account[inside]], unique.size)
    shares = np.zeros(count, dtype=np.bool_)
    shares[pairs.account[inside][held[inverse] >= 2]] = True
    degree = np.bincount(pairs.token, minlength=pairs.token_count)
    met = np.bincount(
        unique // pairs.token_count,
        weights=degree[unique % pairs.token_count],
        minlength=groups.count,
    )
    breadth = pairs.account.size / max(np.unique(pairs.account).size, 1)
    chance_of_meeting = (
        1.0 - (1.0 - np.clip(met / max(pairs.account.size, 1), 0.0, 0.999)) ** breadth
    )
    rate = (groups.sum_by_group(shares) + 0.5) / (groups.sizes + 1.0)
    rate = np.maximum(rate, chance_of_meeting)
    with_token = np.clip(np.log2(rate / np.maximum(chance_of_meeting, 1e-9)), 0.0, MOST_LINK_BITS)
    bits = np.zeros(count)
    grouped = groups.group_of >= 0
    own = groups.group_of[grouped]
    bits[grouped] = np.where(shares[grouped], with_token[own], 0.0)
    return np.round(bits, 1) + 0.0


def _style_bits(facts: Facts, groups: Groups) -> Floats:
    """Bits for accounts whose most used client and parameters are the group's and are rare."""
    bits = np.zeros(groups.group_of.size)
    if "parameters" not in groups.incidences:
        return bits
    pairs = groups.incidences["parameters"]
    holders = np.bincount(pairs.token, minlength=pairs.token_count)
    order = np.lexsort((pairs.token, -pairs.exchanges, pairs.account))
    first = order[np.unique(pairs.account[order], return_index=True)[1]]
    own = np.full(groups.group_of.size, -1, dtype=np.int64)
    own[pairs.account[first]] = pairs.token[first]
    for group in range(groups.count):
        members = groups.members(group)
        counts = np.bincount(own[members][own[members] >= 0], minlength=1)
        style = int(counts.argmax())
        outside = (holders[style] - counts.max()) / max(facts.account_count - members.size, 1)
        if counts.max() >= members.size / 2 and outside <= RARE_STYLE_SHARE:
            bits[members[own[members] == style]] = STYLE_BITS
    return bits


def strongest_links(facts: Facts, groups: Groups, group: int) -> dict[int, tuple[AccountLink, ...]]:
    """Name the strongest links between the members of one group.

    Args:
        facts: What the log says.
        groups: Candidate groups.
        group: Number of the group.

    Returns:
        At most ``MOST_LINKS`` links by account, rarest first.
    """
    found: dict[int, dict[int, tuple[float, str, str]]] = {}
    members = groups.members(group)
    for name in sorted(groups.incidences):
        if name not in INFRASTRUCTURE_NAMES:
            continue
        pairs = groups.incidences[name]
        inside = np.isin(pairs.account, members)
        account, token = pairs.account[inside], pairs.token[inside]
        bits = rarity_bits(pairs, facts.account_count)[inside]
        bounds = np.flatnonzero(np.concatenate([[True], token[1:] != token[:-1], [True]]))
        for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            _link_holders(found, account[start:stop], bits[start:stop], name)
    return {
        account: tuple(
            AccountLink(
                other_account_id=facts.account_ids[other],
                link=link,
                reason=reason,
                bits=rounded(bits),
            )
            for other, (bits, link, reason) in sorted(
                others.items(), key=lambda item: (-item[1][0], item[0])
            )[:MOST_LINKS]
        )
        for account, others in found.items()
    }


def _link_holders(
    found: dict[int, dict[int, tuple[float, str, str]]], holders: Integers, bits: Floats, name: str
) -> None:
    """Link each holder of one token with the next few holders, in a ring."""
    size = holders.size
    if size < 2:
        return
    reason = f"{INFRASTRUCTURE_NAMES[name]}, held by {size} accounts of the group"
    for place in range(size):
        account = int(holders[place])
        others = found.setdefault(account, {})
        for step in range(1, min(MOST_LINKS, size - 1) + 1):
            other = int(holders[(place + step) % size])
            weight = float(min(bits[place], bits[(place + step) % size]))
            if weight > others.get(other, (0.0, "", ""))[0]:
                others[other] = (weight, name, reason)
