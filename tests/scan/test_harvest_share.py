"""Who asks the templates now and then among hundreds of other things is no member by them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.scan.arrays import bare_groups

from cautery.scan.harvest_share import (
    LEAST_SHARE_BITS,
    MOST_COMPARED,
    USUAL,
    focus_bits,
    share_bits,
)

COUNT = 300
GROUP = range(200)
MEMBERS = np.arange(COUNT) < 100


def bits(harvest: list[int], exchanges: list[int]) -> NDArray[np.float64]:
    """Weigh accounts from 100 on against a hundred members with 30 to 70 % of 50 exchanges."""
    generator = np.random.default_rng(1)
    all_harvest = generator.integers(15, 36, COUNT)
    all_exchanges = np.full(COUNT, 50)
    all_harvest[100 : 100 + len(harvest)] = harvest
    all_exchanges[100 : 100 + len(exchanges)] = exchanges
    found = share_bits(bare_groups(COUNT, [GROUP]), MEMBERS, all_harvest, all_exchanges)
    return found[100 : 100 + len(harvest)]


def test_a_passing_user() -> None:
    """One in twenty exchanges of several hundred is unlike every member."""
    assert bits([27, 13], [478, 151]).tolist() == [LEAST_SHARE_BITS, LEAST_SHARE_BITS]


def test_few_exchanges_prove_nothing() -> None:
    """Who made four exchanges may miss the templates by chance."""
    assert bits([0, 1, 1], [4, 4, 8]).tolist() == [0.0, 0.0, 0.0]


def test_more_is_no_reproach() -> None:
    """Nothing but the templates is as good as anything."""
    assert bits([50, 25], [50, 50]).tolist() == [0.0, 0.0]


def test_size_under_the_null() -> None:
    """Of accounts that give as members do, no more than the usual part is doubted."""
    generator = np.random.default_rng(2)
    members = 400
    exchanges = generator.integers(5, 300, 2 * members)
    harvest = generator.binomial(exchanges, generator.uniform(0.3, 0.7, 2 * members))
    known = np.arange(2 * members) < members
    found = share_bits(bare_groups(2 * members, [range(2 * members)]), known, harvest, exchanges)
    assert members > MOST_COMPARED
    assert np.mean(found[members:] < 0.0) <= 1.5 * USUAL


def test_few_members() -> None:
    """Two members are no measure for others."""
    few = np.arange(COUNT) < 2
    found = share_bits(bare_groups(COUNT, [GROUP]), few, np.ones(COUNT, int), np.full(COUNT, 90))
    assert found.tolist() == [0.0] * COUNT


def test_no_groups() -> None:
    """Without groups there is nothing to weigh."""
    found = share_bits(bare_groups(COUNT, []), MEMBERS, np.ones(COUNT, int), np.ones(COUNT, int))
    assert found.tolist() == [0.0] * COUNT


@given(harvest=st.integers(0, 60), more=st.integers(0, 60))
def test_more_harvest_never_weighs_less(harvest: int, more: int) -> None:
    """The larger part is doubted less."""
    less, larger = bits([harvest, harvest + more], [120, 120])
    assert LEAST_SHARE_BITS <= less <= larger <= 0.0


@pytest.mark.parametrize("exchanges", [0, 10**9])
def test_extreme_numbers(exchanges: int) -> None:
    """No exchanges and a billion of them are weighed without a warning."""
    with np.errstate(all="raise", under="ignore"):
        assert LEAST_SHARE_BITS <= bits([0], [exchanges])[0] <= 0.0


def focus(
    top: list[int], harvest: list[int], spread: tuple[float, float] = (0.2, 0.6)
) -> list[float]:
    """Weigh accounts from 100 on against a hundred members who divide 40 exchanges."""
    generator = np.random.default_rng(3)
    all_harvest = np.full(COUNT, 40)
    all_top = np.round(40 * generator.uniform(*spread, COUNT)).astype(np.int64)
    all_harvest[100 : 100 + len(harvest)] = harvest
    all_top[100 : 100 + len(top)] = top
    bits_of_all = focus_bits(bare_groups(COUNT, [GROUP]), MEMBERS, all_top, all_harvest)
    found: list[float] = bits_of_all[100 : 100 + len(top)].tolist()
    return found


def test_one_template_for_everything() -> None:
    """A judge with one prompt in hundreds of exchanges is unlike a pool with many."""
    assert focus([300, 60], [300, 60]) == [LEAST_SHARE_BITS, LEAST_SHARE_BITS]


def test_few_exchanges_show_no_focus() -> None:
    """Who made one or two exchanges has one template by chance."""
    assert focus([0, 1, 2], [0, 1, 2]) == [0.0, 0.0, 0.0]


def test_pools_of_one_template_each() -> None:
    """Where members keep to one template each, keeping to one is no reproach."""
    assert focus([60], [60], (0.9, 1.0)) == [0.0]


def test_focus_under_the_null() -> None:
    """Of accounts that divide their exchanges as members do, few are doubted."""
    generator = np.random.default_rng(4)
    members = 400
    harvest = generator.integers(5, 200, 2 * members)
    top = generator.binomial(harvest, generator.uniform(0.2, 0.6, 2 * members))
    known = np.arange(2 * members) < members
    found = focus_bits(bare_groups(2 * members, [range(2 * members)]), known, top, harvest)
    assert np.mean(found[members:] < 0.0) <= 1.5 * USUAL
