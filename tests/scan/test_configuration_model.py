"""The configuration model keeps every degree, and its tests of pairs keep their promised size."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.poisson_binomial import tail_log_p
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cautery.scan.configuration_model import RESIDUAL, ConfigurationModel, fit_degrees, fit_pairs
from cautery.scan.incidences import make_incidences

Table = NDArray[np.int64]


def fit_table(table: Table) -> ConfigurationModel:
    """Fit a table of accounts x tokens."""
    return fit_degrees(table.sum(axis=1), table.sum(axis=0))


def uneven_table(generator: np.random.Generator, accounts: int = 80, tokens: int = 50) -> Table:
    """Draw a table with hubs on both sides."""
    busy = np.exp(generator.normal(0.0, 1.0, accounts))
    popular = np.exp(generator.normal(0.0, 1.2, tokens))
    odds = 0.06 * busy[:, None] * popular[None, :]
    return (generator.random((accounts, tokens)) < odds / (1.0 + odds)).astype(np.int64)


def curveball(table: Table, generator: np.random.Generator, trades: int) -> Table:
    """Shuffle a table, all degrees kept (Strona and others, Nature Communications 2014)."""
    rows = [set(np.flatnonzero(row).tolist()) for row in table]
    for _trade in range(trades):
        a, b = generator.choice(len(rows), 2, replace=False).tolist()
        both, either = rows[a] & rows[b], sorted(rows[a] ^ rows[b])
        own = len(rows[a]) - len(both)
        order = generator.permutation(len(either)).tolist()
        rows[a] = both | {either[place] for place in order[:own]}
        rows[b] = both | {either[place] for place in order[own:]}
    shuffled = np.zeros_like(table)
    for row, held in enumerate(rows):
        shuffled[row, sorted(held)] = 1
    return shuffled


def shared_log_p(model: ConfigurationModel, first: int, second: int, shared: int) -> float:
    """Log-chance that two accounts share at least so many tokens, exactly."""
    both = model.chances[model.of_account[first]] * model.chances[model.of_account[second]]
    return tail_log_p(shared, both, model.tokens)


def pair_log_p(model: ConfigurationModel, table: Table) -> NDArray[np.float64]:
    """Log-chances of what all pairs of accounts share; equal ones are asked for once."""
    shared = table @ table.T
    known: dict[tuple[int, int, int], float] = {}
    found = []
    for first in range(table.shape[0]):
        for second in range(first):
            of = sorted((model.of_account[first], model.of_account[second]))
            key = (int(of[0]), int(of[1]), int(shared[first, second]))
            if key not in known:
                known[key] = shared_log_p(model, first, second, key[2])
            found.append(known[key])
    return np.array(found)


@settings(max_examples=40)
@given(st.integers(1, 7), st.integers(1, 7), st.data())
def test_every_degree_is_kept(accounts: int, tokens: int, data: st.DataObject) -> None:
    """Tables of any shape, with empty and full rows and nested ones, are fitted."""
    cells = data.draw(
        st.lists(st.integers(0, 1), min_size=accounts * tokens, max_size=accounts * tokens)
    )
    table = np.array(cells, dtype=np.int64).reshape(accounts, tokens)
    model = fit_table(table)
    chances = model.chances[model.of_account][:, model.of_token]
    assert model.residual <= RESIDUAL
    assert np.all((chances >= 0.0) & (chances <= 1.0))
    assert chances.sum(axis=1) == pytest.approx(table.sum(axis=1), rel=1e-5, abs=1e-9)
    assert chances.sum(axis=0) == pytest.approx(table.sum(axis=0), rel=1e-5, abs=1e-9)


def test_it_is_the_network_of_greatest_entropy() -> None:
    """Of all 512 tables of 3 x 3, those of equal degrees are equally likely."""
    model = fit_degrees(np.array([2, 1, 1]), np.array([1, 1, 2]))
    chances = model.chances[model.of_account][:, model.of_token]
    by_degrees: dict[tuple[int, ...], set[float]] = {}
    for code in range(512):
        table = np.array([code >> bit & 1 for bit in range(9)]).reshape(3, 3)
        likely = float(np.where(table == 1, chances, 1.0 - chances).prod())
        degrees = (*table.sum(axis=1).tolist(), *table.sum(axis=0).tolist())
        by_degrees.setdefault(degrees, set()).add(round(likely, 9))
    assert all(len(values) == 1 for values in by_degrees.values())


def test_pairs_of_a_tiny_table_equal_enumeration() -> None:
    """The chance that two accounts share two tokens, summed over all their 256 pairs of rows."""
    table = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 0], [0, 0, 0, 1]])
    model = fit_table(table)
    first, second = model.chances[model.of_account[:2]][:, model.of_token]
    total = 0.0
    for code in range(256):
        rows = np.array([code >> bit & 1 for bit in range(8)]).reshape(2, 4)
        if (rows[0] & rows[1]).sum() >= 2:
            likely = np.where(rows == 1, (first, second), (1.0 - first, 1.0 - second))
            total += float(likely.prod())
    assert shared_log_p(model, 0, 1, 2) == pytest.approx(np.log(total))


def test_size_under_its_own_null() -> None:
    """Networks drawn from the model: no more than one pair in 100 at 1e-2 and in 1,000 at 1e-3."""
    generator = np.random.default_rng(5)
    model = fit_table(uneven_table(generator))
    chances = model.chances[model.of_account][:, model.of_token]
    log_p = np.concatenate(
        [
            pair_log_p(model, (generator.random(chances.shape) < chances).astype(np.int64))
            for _draw in range(5)
        ]
    )
    for level in (1e-2, 1e-3):
        rate = float(np.mean(log_p <= np.log(level)))
        # Pairs with a common account depend on each other: five standard errors of independence.
        assert rate <= level + 5.0 * np.sqrt(level / log_p.size)
        assert rate >= level / 20.0


def test_size_where_every_degree_is_kept_exactly() -> None:
    """Curveball shuffles of one table, refitted to nothing: the tests keep their size there too."""
    generator = np.random.default_rng(6)
    table = uneven_table(generator)
    model = fit_table(table)
    shuffled = table
    log_p = []
    for _draw in range(4):
        shuffled = curveball(shuffled, generator, 800)
        assert np.array_equal(shuffled.sum(axis=0), table.sum(axis=0))
        log_p.append(pair_log_p(model, shuffled))
    found = np.concatenate(log_p)
    for level in (1e-2, 1e-3):
        assert np.mean(found <= np.log(level)) <= level + 5.0 * np.sqrt(level / found.size)


def test_far_tails_print() -> None:
    """Two accounts that share 400 rare things: beyond what a floating-point number holds."""
    degrees = np.array([400, 400, *[1] * 9_200])
    tokens = np.ones(10_000, dtype=np.int64)
    assert shared_log_p(fit_degrees(degrees, tokens), 0, 1, 400) < -390.0 * np.log(10.0)


def test_pairs_of_a_link_are_counted() -> None:
    """Accounts without a token are there, with nothing expected of them."""
    pairs = make_incidences(
        np.array([0, 1, 1]), np.array(["a", "a", "b"], dtype=object), np.array([1, 1, 1])
    )
    model = fit_pairs(pairs, 4)
    assert model.accounts.tolist() == [2, 1, 1]
    assert model.expected_shared()[model.of_account[3]].max() == 0.0


def test_unequal_sums_are_refused() -> None:
    """Both sides count the same pairs."""
    with pytest.raises(ValueError, match="different sums"):
        fit_degrees(np.array([2]), np.array([1]))
