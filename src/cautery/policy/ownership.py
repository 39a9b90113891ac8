"""Whether owners from restricted regions hold more than half of an organisation, indirectly too.

Two methods, because two readings of *owned by more than half* are in use:

``multiplied``
    Shares are multiplied along each chain and added over all chains. Half of a company that holds
    half makes a quarter. Cross-holdings are resolved as a system of linear equations, as in
    Brioschi, Buzzacchi and Colombo, *Risk capital financing and the separation of ownership and
    control in business groups*, Journal of Banking and Finance 13 (1989).
``cascade``
    Whoever is held by more than half counts as restricted itself, with all it holds in turn, as in
    the aggregation of the 50 percent rule of sanctions guidance (2014), where half suffices; here
    only more than half does. 51 % of 51 % is over half by cascade, and 26 % multiplied.

Both are exact (fractions, never floating point); exactly half is not over. What is not known is
kept apart: each share has a lower bound, with all that is unknown in clean hands, and an upper one,
with all of it in restricted hands. Only if both are on the same side of half is ownership *known*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from cautery.errors import InputError
from cautery.policy.stakes import WHOLE, StakeGraph
from cautery.policy.strong_components import components_in_order
from cautery.records.standing import Ownership

Method = Literal["multiplied", "cascade"]
Count = Literal["together", "each-region"]

HALF: Final = Fraction(1, 2)
BASIS_POINTS: Final = 10_000
MAX_CYCLE: Final = 60
"""Most organisations that may own each other in circles; solving takes their number cubed."""
MAX_BITS: Final = 8192
"""Longest denominator of a share: chains far longer than any that were seen are refused."""

_NONE: Final = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictedShare:
    """What owners from restricted regions hold of one organisation."""

    org_id: str
    """The organisation."""
    at_least: Fraction
    """Share of 1 that they hold for certain."""
    at_most: Fraction
    """Share that they hold if everything unknown is theirs."""

    @property
    def ownership(self) -> Ownership:
        """Whether what is known settles on which side of half it is."""
        return "known" if self.at_least > HALF or self.at_most <= HALF else "unknown"

    @property
    def basis_points(self) -> int:
        """The certain share of 10,000, rounded up: a hair over half is 5,001, never 5,000."""
        return -(-self.at_least.numerator * BASIS_POINTS // self.at_least.denominator)


def restricted_shares(
    graph: StakeGraph, restricted: Iterable[str], method: Method, count: Count = "together"
) -> list[RestrictedShare]:
    """Resolve who owns everything in a graph of stakes.

    Args:
        graph: The stakes.
        restricted: Restricted regions.
        method: How indirect shares count.
        count: Whether the shares of several restricted regions add up, or each stands alone.

    Returns:
        One record an organisation that somebody owns, sorted; with ``each-region`` the larger
        bounds of all regions.

    Raises:
        InputError: Too many organisations own each other in circles, or a chain is too long.

    Example:
        >>> half = Fraction(51, 100)
        >>> graph = StakeGraph(owners={"b": {"a": half}, "c": {"b": half}}, regions={"a": "AA"})
        >>> [str(s.at_least) for s in restricted_shares(graph, ["AA"], "multiplied")]
        ['51/100', '2601/10000']
        >>> [str(s.at_least) for s in restricted_shares(graph, ["AA"], "cascade")]
        ['51/100', '51/100']
    """
    regions = sorted(set(restricted))
    groups = [regions] if count == "together" else [[region] for region in regions]
    resolve = _multiplied if method == "multiplied" else _cascade
    bounds = [_bounds(graph, frozenset(group), frozenset(regions), resolve) for group in groups]
    return [
        RestrictedShare(
            org_id=organisation,
            at_least=max((low[organisation] for low, _ in bounds), default=_NONE),
            at_most=max((high[organisation] for _, high in bounds), default=_NONE),
        )
        for organisation in graph.organisations()
    ]


Shares = dict[str, Fraction]
Resolve = Callable[[StakeGraph, set[str], set[str], bool], Shares]


def _bounds(
    graph: StakeGraph, counted: frozenset[str], restricted: frozenset[str], resolve: Resolve
) -> tuple[Shares, Shares]:
    """Bound the share of owners from some regions, from below and from above."""
    owners = {owner for held in graph.owners.values() for owner in held} | set(graph.owners)
    ours = {owner for owner in owners if graph.regions.get(owner, "") in counted}
    # At home in another restricted region, or owned by nobody on record and at home elsewhere.
    others = {
        owner
        for owner in owners - ours
        if (region := graph.regions.get(owner, ""))
        and (region in restricted or owner not in graph.owners)
    }
    ends = ours | others
    # Where a company of unknown home has owners, it may be restricted itself, whoever owns it.
    homeless = {owner for owner in owners if not graph.regions.get(owner, "")}
    low = resolve(graph, ours, ends, True)
    clean = resolve(graph, others, ends | homeless, False)
    return low, {name: WHOLE - share for name, share in clean.items()}


def _multiplied(graph: StakeGraph, ours: set[str], ends: set[str], _: bool) -> Shares:
    """Multiply shares along chains that end at ``ours`` and pass none of ``ends``."""
    inner = {
        name: {owner for owner in held if owner in graph.owners and owner not in ends}
        for name, held in graph.owners.items()
    }
    found: Shares = {}
    for component in components_in_order(inner):
        if len(component) > MAX_CYCLE:
            raise InputError(
                f"{len(component)} organisations own each other in circles; "
                f"at most {MAX_CYCLE} can be resolved",
                where=f"'{min(component)}' and others",
            )
        members = {name: place for place, name in enumerate(component)}
        rows = [_equation(graph.owners[name], members, found, ours, ends) for name in component]
        for name, share in zip(component, _solved(rows), strict=True):
            if share.denominator.bit_length() > MAX_BITS:
                raise InputError("the chain of owners is too long", where=f"'{name}'")
            found[name] = share
    return found


def _equation(
    held: Mapping[str, Fraction],
    members: Mapping[str, int],
    found: Shares,
    ours: set[str],
    ends: set[str],
) -> list[Fraction]:
    """Write one organisation's share as shares of its circle, and a constant at the end."""
    row = [_NONE] * (len(members) + 1)
    for owner, share in held.items():
        if owner in ours:
            row[-1] += share
        elif owner in members and owner not in ends:
            row[members[owner]] += share
        elif owner not in ends:
            row[-1] += share * found.get(owner, _NONE)
    return row


def _solved(rows: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    """Solve x = W x + b exactly. A circle that owns itself wholly has no owner: its share is 0."""
    size = len(rows)
    if all(sum(row[:-1]) == WHOLE for row in rows):
        return [_NONE] * size
    table = [
        [(WHOLE if place == column else _NONE) - row[column] for column in range(size)] + [row[-1]]
        for place, row in enumerate(rows)
    ]
    for column in range(size):
        pivot = next(place for place in range(column, size) if table[place][column])
        table[column], table[pivot] = table[pivot], table[column]
        divisor = table[column][column]
        table[column] = [value / divisor for value in table[column]]
        for place in range(size):
            factor = table[place][column]
            if place != column and factor:
                table[place] = [
                    value - factor * top
                    for value, top in zip(table[place], table[column], strict=True)
                ]
    return [row[-1] for row in table]


def _cascade(graph: StakeGraph, ours: set[str], ends: set[str], over: bool) -> Shares:
    """Add what ``ours`` hold, and whoever they hold by more than half (or by half, if not over)."""
    holdings: dict[str, list[tuple[str, Fraction]]] = {}
    for name, held in graph.owners.items():
        for owner, share in held.items():
            holdings.setdefault(owner, []).append((name, share))
    found = dict.fromkeys(graph.owners, _NONE)
    waiting, counted = sorted(ours), set(ours)
    while waiting:
        owner = waiting.pop()
        for name, share in holdings.get(owner, ()):
            found[name] += share
            enough = found[name] > HALF if over else found[name] >= HALF
            if enough and name not in counted and name not in ends:
                counted.add(name)
                waiting.append(name)
    return found
