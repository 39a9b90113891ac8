"""The leak audit finds what leaks, and the harder tiers do not leak."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import InputError
from cautery.simulate.leak_audit import (
    LIMIT,
    STRICT_TIERS,
    area_under_curve,
    audit,
    category_leak,
    numeric_leak,
)
from cautery.simulate.plan import SimulationPlan
from cautery.simulate.run import simulate

if TYPE_CHECKING:
    from tests.simulate.conftest import Log

SMALL_LOG_ALLOWANCE = 0.08
"""What chance adds with a hundred attackers: four standard errors of the area."""


def slow_area(values: list[float], attacker: list[bool]) -> float:
    """Compute the area by comparing every pair."""
    wins = [
        (a > b) + 0.5 * (a == b)
        for a, bad in zip(values, attacker, strict=True)
        if bad
        for b, worse in zip(values, attacker, strict=True)
        if not worse
    ]
    return max(sum(wins), len(wins) - sum(wins)) / len(wins) if wins else 0.5


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=30))
def test_area_is_that_of_all_pairs(pairs: list[tuple[int, bool]]) -> None:
    """Ranks give the same area as comparing every attacker with every honest account."""
    values = [float(value) for value, _ in pairs]
    attacker = [bad for _, bad in pairs]
    found = area_under_curve(np.array(values), np.array(attacker))
    assert found == pytest.approx(slow_area(values, attacker))


def test_missing_values_are_a_feature() -> None:
    """A number that only attackers lack gives them away, and is reported as missing."""
    attacker = np.arange(200) < 100
    values = np.where(attacker, np.nan, 1.0)
    leaks = {leak.feature: leak.auc for leak in numeric_leak("x", values, attacker)}
    assert leaks == {"x missing": 1.0}


def test_telling_category_is_found() -> None:
    """A value that attackers prefer is found without knowing which."""
    attacker = np.arange(400) % 4 == 0
    words = np.where(attacker & (np.arange(400) % 8 != 0), "odd", "usual").astype(object)
    leaks = {leak.feature: leak.auc for leak in category_leak("x", words, attacker)}
    assert leaks["x value"] > 0.7


def test_random_category_is_not_blamed() -> None:
    """Rare values that fell to one side by chance score no better than chance."""
    random = np.random.default_rng(1)
    attacker = random.random(2000) < 0.1
    words = random.integers(0, 40, 2000).astype(str).astype(object)
    leaks = {leak.feature: leak.auc for leak in category_leak("x", words, attacker)}
    assert leaks["x value"] < 0.6


def replace_column(folder: Path, name: str, values: Callable[[dict[str, Any]], Any]) -> None:
    """Overwrite a column of a simulated log."""
    table = pq.read_table(folder / "exchanges.parquet")
    column = pa.array([values(row) for row in table.select(["account_id"]).to_pylist()])
    place = table.schema.get_field_index(name)
    pq.write_table(table.set_column(place, name, column), folder / "exchanges.parquet")


def test_planted_leak_comes_out_on_top(tmp_path: Path) -> None:
    """If all attackers share a user agent, the audit says so."""
    simulate(SimulationPlan(tier="hydra", accounts=600, days=2), tmp_path)
    with (tmp_path / "truth" / "accounts.csv").open(encoding="utf-8", newline="") as stream:
        bad = {row["account_id"] for row in csv.DictReader(stream) if row["attacker"] == "1"}
    replace_column(tmp_path, "user_agent", lambda row: "a" if row["account_id"] in bad else "bb")
    found = audit(tmp_path)
    assert found.worst > 0.99
    assert found.leaks[0].feature.startswith("user_agent")


def test_loud_leaks_as_it_should(simulated: Callable[..., Log]) -> None:
    """The easiest tier is given away by volume alone."""
    found = audit(simulated("loud").folder)
    assert found.worst > 0.9


@pytest.mark.parametrize("tier", STRICT_TIERS)
def test_small_log_hardly_leaks(tier: str, simulated: Callable[..., Log]) -> None:
    """A small log of a strict tier stays within the limit and what chance adds."""
    found = audit(simulated(tier).folder)
    assert len(found.leaks) > 250
    assert [leak for leak in found.leaks if leak.auc > LIMIT + SMALL_LOG_ALLOWANCE] == []


@pytest.mark.slow
@pytest.mark.parametrize("tier", STRICT_TIERS)
def test_full_size_log_does_not_leak(tier: str, tmp_path: Path) -> None:
    """At full size no column and no number per account passes the limit."""
    simulate(SimulationPlan(tier=tier, accounts=6000, seed=1, volume=0.3), tmp_path)
    assert audit(tmp_path).above() == ()


def test_folder_without_log_is_refused(tmp_path: Path) -> None:
    """The audit needs the canonical Parquet log, and says how to get it."""
    with pytest.raises(InputError, match="canonical-parquet"):
        audit(tmp_path)


def test_log_without_attack_is_refused(simulated: Callable[..., Log]) -> None:
    """Where nobody attacks there is nothing to audit."""
    with pytest.raises(InputError, match="no attacker"):
        audit(simulated("none").folder)
