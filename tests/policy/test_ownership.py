"""Ownership: chains, circles, halves, the unknown; two methods, both exact."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cautery.errors import InputError
from cautery.policy.ownership import HALF, Method, RestrictedShare, restricted_shares
from cautery.policy.stakes import StakeGraph

METHODS: tuple[Method, ...] = ("multiplied", "cascade")
Shares = dict[str, RestrictedShare]


def resolved(
    stakes: dict[str, dict[str, str]], regions: dict[str, str], method: Method, **more: str
) -> Shares:
    """Resolve a graph whose shares are written in percent; AA and BB are restricted."""
    owners = {
        owned: {owner: Fraction(share) / 100 for owner, share in held.items()}
        for owned, held in stakes.items()
    }
    graph = StakeGraph(owners=owners, regions=regions)
    found = restricted_shares(graph, ["AA", "BB"], method, **more)  # type: ignore[arg-type]
    return {share.org_id: share for share in found}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("share", "points", "over"),
    [("50", 5000, False), ("50.000000001", 5001, True), ("49.999999999", 5000, False),
     ("100", 10_000, True), ("0.000000001", 1, False)],
)  # fmt: skip
def test_exactly_half_is_not_over(share: str, points: int, over: bool, method: Method) -> None:
    """A hair over half is over, and no rounding hides it."""
    rest = str(100 - Fraction(share))
    held = {"r": share} if rest == "0" else {"r": share, "c": rest}
    found = resolved({"org": held}, {"r": "AA", "c": "DE"}, method)["org"]
    assert (found.basis_points, found.ownership) == (points, "known")
    assert (found.basis_points > 5000) is over is (found.at_least > HALF)


def test_the_methods_differ_on_a_chain_of_majorities() -> None:
    """51 % of 51 % is 26 % multiplied, and over half by cascade."""
    stakes = {"b": {"a": "51", "x": "49"}, "c": {"b": "51", "y": "49"}}
    regions = {"a": "AA", "b": "DE", "x": "DE", "y": "DE"}
    multiplied = resolved(stakes, regions, "multiplied")["c"]
    cascade = resolved(stakes, regions, "cascade")["c"]
    assert multiplied.at_least == Fraction(2601, 10_000)
    assert cascade.at_least == Fraction(51, 100)
    assert (multiplied.ownership, cascade.ownership) == ("known", "known")


def test_the_methods_differ_on_many_minorities() -> None:
    """Two minorities below half count multiplied, and not at all by cascade."""
    stakes = {
        "m": {"a": "50", "x": "50"},
        "n": {"a": "50", "x": "50"},
        "c": {"m": "60", "a": "30", "x": "10"},
    }
    regions = {"a": "AA", "x": "DE"}
    assert resolved(stakes, regions, "multiplied")["c"].at_least == Fraction(60, 100)
    assert resolved(stakes, regions, "cascade")["c"].at_least == Fraction(30, 100)


@pytest.mark.parametrize("method", METHODS)
def test_regions_add_up_or_stand_alone(method: Method) -> None:
    """30 % from one restricted region and 30 % from another are over half only together."""
    stakes = {"org": {"a": "30", "b": "30", "c": "40"}}
    regions = {"a": "AA", "b": "BB", "c": "DE"}
    assert resolved(stakes, regions, method)["org"].at_least == Fraction(6, 10)
    alone = resolved(stakes, regions, method, count="each-region")["org"]
    assert (alone.at_least, alone.at_most, alone.ownership) == (
        Fraction(3, 10),
        Fraction(3, 10),
        "known",
    )


@pytest.mark.parametrize("method", METHODS)
def test_unknown_owners_could_tip_it(method: Method) -> None:
    """30 % certain and 30 % unknown is unknown; 30 % and 20 % is known: at most exactly half."""
    regions = {"a": "AA", "c": "DE", "u": ""}
    tips = resolved({"org": {"a": "30", "u": "30", "c": "40"}}, regions, method)["org"]
    fine = resolved({"org": {"a": "30", "u": "20", "c": "50"}}, regions, method)["org"]
    assert (tips.ownership, fine.ownership) == ("unknown", "known")
    assert (tips.at_most, fine.at_most) == (Fraction(6, 10), Fraction(5, 10))


@pytest.mark.parametrize("method", METHODS)
def test_what_nobody_recorded_is_unknown(method: Method) -> None:
    """Shares that do not add up to the whole leave the rest unknown, never clean."""
    found = resolved({"org": {"c": "49"}}, {"c": "DE"}, method)["org"]
    assert (found.at_least, found.at_most) == (Fraction(0), Fraction(51, 100))
    assert found.ownership == "unknown"
    assert resolved({"org": {"c": "50"}}, {"c": "DE"}, method)["org"].ownership == "known"


@pytest.mark.parametrize("method", METHODS)
def test_a_crowd_is_nobody(method: Method) -> None:
    """A free float is in nobody's hands, so it is known to be no restricted owner."""
    found = resolved({"org": {"float": "100"}}, {"float": "dispersed"}, method)["org"]
    assert (found.ownership, found.at_most) == ("known", Fraction(0))


@pytest.mark.parametrize("method", METHODS)
def test_a_restricted_company_counts_whoever_owns_it(method: Method) -> None:
    """Where a company is at home decides, not who holds it."""
    stakes = {"a": {"c": "100"}, "org": {"a": "60", "c": "40"}}
    assert resolved(stakes, {"a": "AA", "c": "DE"}, method)["org"].at_least == Fraction(6, 10)


@pytest.mark.parametrize("method", METHODS)
def test_a_company_elsewhere_is_looked_through(method: Method) -> None:
    """A holding at home in a served region hides nobody."""
    stakes = {"holding": {"a": "100"}, "org": {"holding": "60", "c": "40"}}
    regions = {"a": "AA", "c": "DE", "holding": "DE"}
    assert resolved(stakes, regions, method)["org"].at_least == Fraction(6, 10)


def test_circles_are_solved_exactly() -> None:
    """Two companies that hold half of each other, and one outside owner of each."""
    stakes = {"x": {"y": "50", "a": "50"}, "y": {"x": "50", "c": "50"}}
    regions = {"a": "AA", "c": "DE", "x": "DE", "y": "DE"}
    found = resolved(stakes, regions, "multiplied")
    assert found["x"].at_least == Fraction(2, 3)
    assert found["y"].at_least == Fraction(1, 3)
    assert found["x"].at_most == Fraction(2, 3)


@pytest.mark.parametrize("method", METHODS)
def test_a_circle_that_owns_itself_is_unknown(method: Method) -> None:
    """Two companies that own each other wholly have no owner on record: unknown, not clean."""
    found = resolved({"x": {"y": "100"}, "y": {"x": "100"}}, {"x": "DE"}, method)
    assert {share.ownership for share in found.values()} == {"unknown"}


def test_own_shares_are_taken_out() -> None:
    """A company that holds a fifth of itself belongs to the others in proportion."""
    regions = {"a": "AA", "c": "DE", "x": "DE"}
    found = resolved({"x": {"x": "20", "a": "40", "c": "40"}}, regions, "multiplied")
    assert found["x"].at_least == HALF
    assert found["x"].ownership == "known"


def test_too_large_a_circle_is_refused() -> None:
    """Solving a circle takes its size cubed, so there is an end to it."""
    names = [f"n{place}" for place in range(80)]
    stakes = {name: {names[place - 1]: "50"} for place, name in enumerate(names)}
    with pytest.raises(InputError, match="circles"):
        resolved(stakes, {}, "multiplied")


def test_too_long_a_chain_is_refused() -> None:
    """A chain whose shares no longer fit is refused, and a long one is not."""
    stakes = {f"n{place}": {f"n{place + 1}": "33.333333333"} for place in range(400)}
    with pytest.raises(InputError, match="too long"):
        resolved(stakes, {"n400": "AA"}, "multiplied")
    short = {name: held for name, held in stakes.items() if int(name[1:]) >= 350}
    assert resolved(short, {"n400": "AA"}, "multiplied")["n399"].basis_points == 3334


def random_graph(chance: random.Random) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Draw a graph with chains, circles, unknown and dispersed owners."""
    names = [f"n{place}" for place in range(chance.randint(2, 9))]
    stakes = {}
    for owned in chance.sample(names, chance.randint(1, len(names))):
        held, left = {}, 100
        for owner in chance.sample(names, chance.randint(1, min(4, len(names)))):
            share = chance.choice((10, 25, 33, 50, 51, left))
            if 0 < share <= left:
                held[owner] = str(share)
                left -= share
        if held:
            stakes[owned] = held
    regions = {name: chance.choice(("AA", "BB", "DE", "JP", "", "dispersed")) for name in names}
    return stakes, regions


def by_walking(stakes: dict[str, dict[str, str]], regions: dict[str, str], org: str) -> float:
    """Multiply along walks, by iteration in floating point: an independent way to the share."""
    share = dict.fromkeys(stakes, 0.0)
    for _ in range(1500):
        share = {
            owned: sum(
                float(part)
                / 100
                * (1.0 if regions[owner] in {"AA", "BB"} else share.get(owner, 0.0))
                for owner, part in held.items()
            )
            for owned, held in stakes.items()
        }
    return share[org]


@given(seed=st.integers(0, 2**32))
def test_multiplied_shares_agree_with_walking(seed: int) -> None:
    """The exact solution is where walking ends, circles or not."""
    stakes, regions = random_graph(random.Random(seed))
    for org, share in list(resolved(stakes, regions, "multiplied").items())[:1]:
        assert float(share.at_least) == pytest.approx(by_walking(stakes, regions, org), abs=1e-6)


@given(seed=st.integers(0, 2**32), method=st.sampled_from(METHODS))
def test_bounds_hold_whatever_the_unknown_turns_out_to_be(seed: int, method: Method) -> None:
    """However unknown regions are filled in, the side of half stays where it was *known*."""
    chance = random.Random(seed)
    stakes, regions = random_graph(chance)
    before = resolved(stakes, regions, method)
    told = {
        name: region or chance.choice(("AA", "DE", "dispersed")) for name, region in regions.items()
    }
    after = resolved(stakes, told, method)
    for org, share in before.items():
        assert 0 <= share.at_least <= share.at_most <= 1
        if share.ownership == "known" and after[org].ownership == "known":
            assert (share.at_least > HALF) == (after[org].at_least > HALF)
        assert after[org].at_least >= share.at_least


@pytest.mark.parametrize("method", METHODS)
def test_a_company_of_unknown_home_may_be_restricted(method: Method) -> None:
    """That its owners are clean does not make a company clean whose own home is not known."""
    stakes = {"m": {"c": "100"}, "org": {"m": "100"}}
    found = resolved(stakes, {"c": "DE"}, method)["org"]
    assert (found.at_least, found.at_most) == (Fraction(0), Fraction(1))
    assert found.ownership == "unknown"
    assert resolved(stakes, {"c": "DE", "m": "JP"}, method)["org"].ownership == "known"


@settings(max_examples=300)
@given(seed=st.integers(0, 2**32), method=st.sampled_from(METHODS))
def test_forgetting_an_owner_never_clears_anybody(seed: int, method: Method) -> None:
    """With a region less, nobody who was over or unknown becomes known to be clean."""
    chance = random.Random(seed)
    stakes, regions = random_graph(chance)
    before = resolved(stakes, regions, method)
    forgotten = {**regions, chance.choice(sorted(regions)): ""}
    after = resolved(stakes, forgotten, method)
    for org, share in after.items():
        if share.ownership == "known" and share.at_least <= HALF:
            assert before[org].ownership == "known"
            assert before[org].at_least <= HALF
