"""Membership: how surely each account belongs to its group, in bits, with its strongest links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.evidence import Family, Weight
from cautery.scan.evidence import chance
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.harvest import harvest_counts
from cautery.scan.likeness import FEWEST_CORE
from cautery.scan.living import PRIOR_BITS, Prompted, Shared, living_on_templates
from cautery.scan.member_calibration import LABEL, SIGNAL, calibration_bits
from cautery.scan.member_links import INFRASTRUCTURE_NAMES
from cautery.scan.member_worth import (
    SMALL_PARTY_BITS,
    best_bits,
    doubted_parties,
    held_things,
)
from cautery.scan.weighing import rounded

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_LINK_BITS: Final = 6.0
"""Most bits, for or against, of one link."""
LINKED_BITS: Final = 2.0
"""Bits of shared infrastructure from which an account counts as linked by it."""
OPEN_BITS: Final = -3.0
"""Bits against membership of an account whose owner openly holds others of the group: a firm
that says who it is, among strangers with the same program."""
MOST_STYLE_BITS: Final = 2.0
"""Most bits for the client and parameters that an account uses most."""
LEAST_STYLE_BITS: Final = -2.2
"""Most bits against it for another client, where the linked members hardly ever have one of their
own; pools that rotate their clients show that, and weigh it less."""
MANY_HARVEST: Final = 50
"""Exchanges on its group's templates from which another client says less against an account that
lives on them: in simulated logs all twelve such accounts were attackers, and eleven of twelve
with fewer than twenty were honest (decision 0045)."""
LIVING_BITS: Final = 6.0
"""Bits for living on the templates from which that holds."""
LEAST_LIVING_STYLE_BITS: Final = -1.5
"""Least bits of another client then: a chance of 0.9 is left to who repeats the templates alone."""
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
    calibration_bits: Floats
    """For what such sums turned out to be worth (``member_calibration``)."""
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
        if self.calibration_bits[account] > 0:
            rows.append(_row(SIGNAL, LABEL, float(self.calibration_bits[account]), "context"))
        excess = MOST_INFRASTRUCTURE_BITS - sum(
            row.bits for row in rows if row.family == "infrastructure"
        )
        if excess < 0:
            label = "limit: shared things come together"
            rows.append(_row("sharing_limit", label, excess, "infrastructure"))
        return (rows[0], *sorted(rows[1:], key=lambda row: (-abs(row.bits), row.signal)))


def _row(signal: str, label: str, bits: float, family: Family) -> Weight:
    return Weight(signal=signal, label=label, aspect="linkage", family=family, bits=rounded(bits))


def measure_membership(facts: Facts, groups: Groups, known: Prompted | None = None) -> Membership:
    """Weigh every account's membership in its group.

    Args:
        facts: What the log says.
        groups: Judged or unjudged groups.
        known: What absorbing found out of the accounts' prompts; None if it was not tried.

    Returns:
        Membership by account.
    """
    count = facts.account_count
    # An address lies in its network: the two are one piece of evidence.
    doubled = {"network"} if "address" in groups.incidences else set()
    names = sorted((set(INFRASTRUCTURE_NAMES) & set(groups.incidences)) - doubled)
    link_bits, doubted = _link_bits(groups, names, facts.customers)
    harvest = harvest_counts(groups, count)
    hard = [bits for name, bits in link_bits.items() if name in HARD_LINKS]
    linked = sum(hard, np.zeros(count)) >= LINKED_BITS
    prompts = living_on_templates(
        facts, groups, Shared(linked, doubted), harvest, known or Prompted.nothing(count)
    )
    style = _style_bits(facts, groups, prompts.sure)
    lives = (prompts.bits >= LIVING_BITS) & (harvest >= MANY_HARVEST)
    style = np.where(lives, np.maximum(style, LEAST_LIVING_STYLE_BITS), style)
    open_bits = _open_bits(groups, facts.customers)
    shared = np.minimum(sum(link_bits.values(), np.zeros(count)), MOST_INFRASTRUCTURE_BITS)
    total = PRIOR_BITS + prompts.bits + style + open_bits + shared
    # Measured on logs that hold both; absent is never clean, and never sure.
    measured_alike = {"payment", "template"} <= set(groups.incidences)
    more = calibration_bits(np.round(total, 1)) if measured_alike else np.zeros(count)
    total = total + more
    # Few sums of bits differ.
    sums, place = np.unique(total, return_inverse=True)
    chances = np.array([chance(rounded(value)) for value in sums])[place]
    return Membership(
        linked_probability=np.where(groups.group_of >= 0, chances, 0.0),
        harvest=harvest,
        link_bits=link_bits,
        template_bits=prompts.bits,
        style_bits=style,
        open_bits=open_bits,
        calibration_bits=more,
        nearby=prompts.nearby,
        sure=prompts.sure,
    )


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
