"""Samples of pools: every copy of a prompt or none, the same in any order, bounded."""

from __future__ import annotations

import pytest
from tests.scan.grouping import named
from tests.scan.pool_worlds import EXCHANGES, POOL_ACCOUNTS
from tests.scan.weighed import groups_on_demand

from cautery.scan import pool_samples as room
from cautery.scan.facts import Facts
from cautery.scan.pool_samples import PoolSamples, judged_groups, pool_samples


def sampled(pool_facts: Facts) -> PoolSamples:
    """Sample the pool that samples, and one that does so at temperature 0."""
    groups = groups_on_demand(pool_facts, named(pool_facts, "sampler"), named(pool_facts, "greedy"))
    return pool_samples(pool_facts, groups)


def test_everything_of_a_small_log(pool_facts: Facts) -> None:
    """A log under the bound is read whole, and temperature 0 counts in no prompt."""
    found = sampled(pool_facts)
    assert found.share == 1.0
    sampler, greedy = found.members[0], found.members[1]
    assert found.rows[sampler].tolist() == [EXCHANGES] * POOL_ACCOUNTS
    assert set(found.prompts[sampler].data.tolist()) == {7}
    assert found.prompts[greedy].sum() == 0
    assert found.cohort[0].size >= POOL_ACCOUNTS
    assert not set(found.cohort[0].tolist()) & {*sampler.tolist(), *greedy.tolist()}


def test_all_copies_or_none(pool_facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the bound a prompt is in the sample with all its copies, or not at all."""
    monkeypatch.setattr(room, "ROWS", 1_500)
    found = sampled(pool_facts)
    assert 0.0 < found.share < 1.0
    assert found.rows.sum() < 2 * 1_500
    assert set(found.prompts[found.members[0]].data.tolist()) == {7}


def test_small_groups_are_left_out(pool_facts: Facts) -> None:
    """Groups of few exchanges or few accounts are not judged as a pool."""
    groups = groups_on_demand(
        pool_facts,
        named(pool_facts, "sampler")[:4],
        named(pool_facts, "greedy")[:10],
        named(pool_facts, "relay"),
    )
    assert judged_groups(pool_facts, groups).tolist() == [2]
