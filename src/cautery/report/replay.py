"""Repeats the decision about one account from its case, and asks what would have changed it.

The rules of weighing are not here: who calls hands them in, because a report stands beside the
scan and not above it. A case whose weights have another version is only added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import log2
from typing import TYPE_CHECKING, Final, Literal

from cautery.records.campaign import BAND_FLOORS, Band, band_of
from cautery.report.figures import tenths
from cautery.report.waterfall import is_adjustment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.records.campaign import Campaign, Member
    from cautery.records.evidence import Weight
    from cautery.report.weighing_rules import WeighingRules

Whose = Literal["own", "shared", "group"]
"""Whose evidence a reason is: what the account itself does, what it has in common with other
accounts, or what the group does as a whole, which is mostly its neighbours'."""

MOST_TOGETHER: Final = 3
"""Reasons that are left out together, in search of the fewest that decide."""
MOST_WAYS: Final = 5
"""Such sets that are told."""
_RULES: Final = frozenset({"hidden_links", "local_calibration", "stability"})
"""Rows that follow from rules and not from what was seen, beside prior and limits."""
_EXACT: Final = 5e-7
"""Half of the last digit of a chance in a case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """What follows for an account."""

    membership: float
    """Chance that it belongs to the group's operator."""
    group: float
    """Chance that the group is an unpermitted campaign."""
    account: float
    """Chance that the account takes part in one."""
    band: Band
    """Band of that chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One row of evidence, and what would be without it."""

    whose: Whose
    """Whose evidence it is."""
    weight: Weight
    """The row."""
    without: Chances
    """What would follow if it did not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A decision repeated."""

    stated: Chances
    """What the case says."""
    found: Chances
    """What its rows give."""
    differences: tuple[str, ...]
    """Where the two differ; none if the decision is reproduced."""
    rules_version: str
    """Version of the weights that it was repeated with."""
    same_rules: bool
    """Whether limits were set anew by the rules of the case's own version."""
    reasons: tuple[Reason, ...]
    """Every row of evidence, the account's own first."""
    rules: tuple[tuple[Whose, Weight], ...]
    """Rows that follow from rules: prior and limits, of the account and of the group."""
    ways_out: tuple[tuple[Reason, ...], ...]
    """The fewest reasons without which the chance falls under its band's floor, weakest first."""
    more_ways_out: int
    """How many more such sets there are."""
    group_bits_to_fall: float | None
    """By how many bits the group's evidence alone would have to be weaker; None if in no band."""
    own_bits_to_fall: float | None
    """By how many bits the account's place in the group alone would have to be weaker."""

    @property
    def reproduces(self) -> bool:
        """Whether the rows give what the case says."""
        return not self.differences


def replay(campaign: Campaign, member: Member, rules: WeighingRules, *, same_rules: bool) -> Replay:
    """Repeat the decision about a member of a group.

    Args:
        campaign: The group.
        member: The account in it.
        rules: How rows become chances.
        same_rules: Whether they are those of the case's own version.

    Returns:
        The decision, and what would have changed it.
    """
    weigher = _Weigher(campaign, member, rules)
    found = weigher.chances(frozenset())
    stated = Chances(
        membership=member.linked_probability,
        group=campaign.probability,
        account=member.probability,
        band=member.band,
    )
    reasons = [
        Reason(
            whose=whose,
            weight=weight,
            without=weigher.chances(frozenset({(whose, weight.signal)})),
        )
        for whose, weight in _evidence(campaign, member)
    ]
    own: list[tuple[Whose, Weight]] = [("own", row) for row in member.weights]
    rows = [*own, *(("group", row) for row in campaign.weights)]
    floor = dict(BAND_FLOORS).get(found.band)
    ways_out = [] if floor is None else _ways_out(reasons, weigher, floor)
    return Replay(
        stated=stated,
        found=found,
        differences=tuple(_differences(campaign, member, rules, found)),
        rules_version=rules.version,
        same_rules=same_rules,
        reasons=tuple(reasons),
        rules=tuple((whose, row) for whose, row in rows if row.available and is_rule(row)),
        ways_out=tuple(ways_out[:MOST_WAYS]),
        more_ways_out=max(len(ways_out) - MOST_WAYS, 0),
        group_bits_to_fall=None
        if floor is None
        else _margin(found.group, floor / max(found.membership, 1e-9)),
        own_bits_to_fall=None
        if floor is None
        else _margin(found.membership, floor / max(found.group, 1e-9)),
    )


def is_rule(weight: Weight) -> bool:
    """Tell rows that follow from rules from those that were seen.

    Args:
        weight: A row of a waterfall.

    Returns:
        True for prior, limits and corrections.
    """
    return is_adjustment(weight) or weight.signal in _RULES


def _evidence(campaign: Campaign, member: Member) -> list[tuple[Whose, Weight]]:
    rows: list[tuple[Whose, Weight]] = [
        ("shared" if weight.family == "infrastructure" else "own", weight)
        for weight in member.weights
    ]
    rows += [("group", weight) for weight in campaign.weights]
    seen = [(w, row) for w, row in rows if row.available and not is_rule(row) and tenths(row.bits)]
    order: dict[Whose, int] = {"own": 0, "shared": 1, "group": 2}
    return sorted(seen, key=lambda one: (order[one[0]], -one[1].bits, one[1].signal))


class _Weigher:
    """Computes what follows without some rows; remembers the two halves of which a chance is made.

    Args:
        campaign: The group.
        member: The account in it.
        rules: How rows become chances.
    """

    def __init__(self, campaign: Campaign, member: Member, rules: WeighingRules) -> None:
        self._campaign, self._member, self._rules = campaign, member, rules
        self._groups: dict[frozenset[str], float] = {}
        self._memberships: dict[frozenset[str], float] = {}

    def chances(self, left_out: frozenset[tuple[Whose, str]]) -> Chances:
        """Compute what follows if some reasons do not count."""
        group = self._group(frozenset(name for whose, name in left_out if whose == "group"))
        held = self._membership(frozenset(name for whose, name in left_out if whose != "group"))
        permitted, most = self._campaign.permitted, self._member.most_probability
        account = 0.0 if permitted else round(held * group, 6)
        if most is not None:
            account = min(account, most)
        band = "" if permitted else band_of(account)
        return Chances(membership=held, group=group, account=account, band=band)

    def _group(self, left_out: frozenset[str]) -> float:
        if left_out not in self._groups:
            rows = [row for row in self._campaign.weights if row.signal not in left_out]
            self._groups[left_out] = self._rules.group(rows).probability
        return self._groups[left_out]

    def _membership(self, left_out: frozenset[str]) -> float:
        if not self._member.weights:
            return self._member.linked_probability
        if left_out not in self._memberships:
            rows = [row for row in self._member.weights if row.signal not in left_out]
            _, held = self._rules.member(rows, self._member.stability, self._campaign.stability)
            self._memberships[left_out] = held
        return self._memberships[left_out]


def _differences(
    campaign: Campaign, member: Member, rules: WeighingRules, found: Chances
) -> list[str]:
    group = rules.group(campaign.weights)
    pairs: list[tuple[str, float, float | None]] = [
        ("bits of the group", campaign.bits, group.bits),
        ("chance of the group", campaign.probability, group.probability),
        ("chance of one operator", campaign.linked_probability, group.linked_probability),
        (
            "chance of distillation",
            campaign.distillation_probability,
            group.distillation_probability,
        ),
        ("chance of membership", member.linked_probability, found.membership),
        ("chance of the account", member.probability, found.account),
    ]
    differences = [
        f"{name}: the case says {said:g}, its rows give {gives:g}"
        for name, said, gives in pairs
        if gives is not None and abs(said - gives) > _EXACT
    ]
    if _amounts(group.weights) != _amounts(campaign.weights):
        differences.append("the limits of the group do not follow from its rows")
    if member.weights:
        rows, _ = rules.member(member.weights, member.stability, campaign.stability)
        if _amounts(rows) != _amounts(member.weights):
            differences.append("the limits of the account do not follow from its rows")
    if member.band != found.band:
        said, gives = member.band or "none", found.band or "none"
        differences.append(f"band: the case says {said}, its rows give {gives}")
    return differences


def _amounts(weights: Sequence[Weight]) -> list[tuple[str, int]]:
    return sorted((weight.signal, tenths(weight.bits)) for weight in weights if weight.bits)


def _ways_out(
    reasons: Sequence[Reason],
    weigher: _Weigher,
    floor: float,
) -> list[tuple[Reason, ...]]:
    """Find the fewest reasons without which the chance is under a floor, the weakest sets first."""
    speaking = [reason for reason in reasons if reason.weight.bits > 0]
    for together in range(1, MOST_TOGETHER + 1):
        found = [
            some
            for some in combinations(speaking, together)
            if weigher.chances(frozenset((r.whose, r.weight.signal) for r in some)).account < floor
        ]
        if found:
            found.sort(key=lambda some: sum(reason.weight.bits for reason in some))
            return found
    return []


def _margin(held: float, wanted: float) -> float:
    """Bits between a chance and the one that is wanted, rounded up to a tenth."""
    if wanted >= 1.0:
        return 0.0
    tenth_bits = 10 * (_bits(held) - _bits(wanted))
    return max(int(tenth_bits) + (tenth_bits > int(tenth_bits)), 0) / 10


def _bits(probability: float) -> float:
    held = min(max(probability, 1e-9), 1 - 1e-9)
    return log2(held / (1 - held))
