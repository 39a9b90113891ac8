"""The mixture of members and strangers: rates are recovered, and strangers are rarely taken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cautery.scan.absorbing import ABSORB_BITS
from cautery.scan.mixture import Rate, fit_rate, member_bits

Integers = NDArray[np.int64]
STRANGERS = 2_000
CORE = 40
MEMBER = Rate(alpha=4.0, beta=4.0)
STRANGER = Rate(alpha=0.3, beta=29.7)
"""One exchange in a hundred, as of a turn of phrase that everybody uses."""
SEEDS = range(5)


def drawn(
    generator: np.random.Generator, rate: Rate, count: int, most: int = 120
) -> tuple[Integers, Integers]:
    """Draw carried and all exchanges of accounts that carry the templates at a rate."""
    totals = generator.integers(3, most, count)
    return generator.binomial(totals, generator.beta(rate.alpha, rate.beta, count)), totals


def judged(
    seed: int, hidden: int = 0, users: int = 0, stranger: Rate = STRANGER
) -> NDArray[np.float64]:
    """Judge a core, members outside it, strangers with the same program, and other strangers."""
    generator = np.random.default_rng([17, seed])
    kinds = [(MEMBER, CORE), (MEMBER, hidden), (Rate(alpha=8.0, beta=2.0), users)]
    draws = [drawn(generator, rate, count) for rate, count in kinds]
    draws.append(drawn(generator, stranger, STRANGERS))
    carried, totals = (np.concatenate(part) for part in zip(*draws, strict=True))
    inside = np.arange(carried.size) < CORE
    return member_bits(carried, totals, inside, ~inside)


@pytest.mark.parametrize("rate", [MEMBER, STRANGER, Rate(alpha=9.0, beta=1.0)])
def test_a_rate_is_recovered(rate: Rate) -> None:
    """Mean and spread of a large sample are those that it was drawn with."""
    carried, totals = drawn(np.random.default_rng(3), rate, 20_000)
    found = fit_rate(carried.astype(np.float64), totals.astype(np.float64), np.ones(totals.size))
    mean = rate.alpha / (rate.alpha + rate.beta)
    assert found.alpha / (found.alpha + found.beta) == pytest.approx(mean, rel=0.05)
    assert found.alpha + found.beta == pytest.approx(rate.alpha + rate.beta, rel=0.15)


def test_accounts_without_weight_do_not_count() -> None:
    """A sample with strangers of weight zero is the sample without them."""
    generator = np.random.default_rng(4)
    carried, totals = drawn(generator, MEMBER, 300)
    alone = fit_rate(
        carried[:200].astype(np.float64), totals[:200].astype(np.float64), np.ones(200)
    )
    weights = (np.arange(300) < 200).astype(np.float64)
    together = fit_rate(carried.astype(np.float64), totals.astype(np.float64), weights)
    assert (together.alpha, together.beta) == pytest.approx((alone.alpha, alone.beta))


@pytest.mark.parametrize("seed", SEEDS)
def test_strangers_are_not_taken(seed: int) -> None:
    """Under the null that there is nobody else, at most one stranger in 200 is taken.

    The prior expects as many hidden members as the core has; a quarter of those may be strangers.
    """
    bits = judged(seed)
    assert np.count_nonzero(bits[CORE:] > ABSORB_BITS) <= CORE / 4
    assert np.mean(bits[:CORE] > 0) > 0.9


@pytest.mark.parametrize("seed", SEEDS)
def test_a_common_phrase_takes_nobody(seed: int) -> None:
    """Where strangers carry the templates one time in seven, few reach the members' share."""
    bits = judged(seed, stranger=Rate(alpha=2.0, beta=12.0))
    assert np.count_nonzero(bits[CORE:] > ABSORB_BITS) <= CORE / 4


@pytest.mark.parametrize("seed", SEEDS)
def test_hidden_members_are_found(seed: int) -> None:
    """As many members outside the core as in it are told from strangers, and at their chance."""
    bits = judged(seed, hidden=CORE)
    assert np.mean(bits[CORE : 2 * CORE] > 0) > 0.85
    taken = bits[CORE:] > 0
    assert np.mean(taken[:CORE]) * CORE >= 0.9 * np.count_nonzero(taken)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_public_program_takes_few(seed: int) -> None:
    """Where ten times as many strangers live on the templates as members do, nobody is sure."""
    bits = judged(seed, users=10 * CORE)
    assert np.mean(bits[CORE : 11 * CORE] > 1.0) < 0.05


def test_more_templates_never_mean_less() -> None:
    """Of two accounts of one size, the one that carries the templates more is as likely or more."""
    generator = np.random.default_rng(5)
    carried, totals = drawn(generator, MEMBER, CORE)
    others, sizes = drawn(generator, STRANGER, STRANGERS)
    steps = np.arange(41)
    hits = np.concatenate([carried, others, steps])
    size = np.concatenate([totals, sizes, np.full(41, 40)])
    inside = np.arange(hits.size) < CORE
    bits = member_bits(hits, size, inside, ~inside)[-41:]
    assert np.all(np.diff(bits[:21]) > 0)


COUNTS = st.lists(
    st.integers(0, 30).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))),
    min_size=2,
    max_size=20,
)


@given(COUNTS, st.integers(1, 10))
def test_the_order_of_accounts_does_not_matter(counts: list[tuple[int, int]], core: int) -> None:
    """Any counts give finite bits, and an account keeps its own wherever it stands."""
    carried, totals = (np.array(part, dtype=np.int64) for part in zip(*counts, strict=True))
    inside = np.arange(carried.size) < core
    bits = member_bits(carried, totals, inside, ~inside)
    order = np.arange(carried.size)[::-1]
    moved = member_bits(carried[order], totals[order], inside[order], ~inside[order])
    assert np.all(np.isfinite(bits))
    assert moved == pytest.approx(bits[order], abs=1e-6)
