"""Accounts that carry many projects each, beside accounts with a habit of their own."""

from __future__ import annotations

import numpy as np
import pytest
from tests.scan.conftest import ReadLog
from tests.scan.signals.conftest import LogWithout, NullWeights, PoolRows
from tests.scan.small_logs import SmallLog, exchange
from tests.scan.weighed import assert_not_in_this_log, assert_readable

from cautery.scan.account_permutations import DRAWS
from cautery.scan.signals.forwarded_mix import effective_number, system_prompts

NAME = "forwarded_mix"


def test_relay(pool_rows: PoolRows) -> None:
    """Accounts with nine products and four kinds of work are told apart, and weigh nothing."""
    row = pool_rows[NAME]["relay"]
    assert_readable(row)
    assert row.p_value == 1 / (DRAWS + 1)
    assert row.bits == 0.0
    assert float(row.observed.split()[0]) > 10 > float(row.usual.split()[0])


@pytest.mark.parametrize("pool", ["stranger", "harvester"])
def test_one_project(pool_rows: PoolRows, pool: str) -> None:
    """Accounts with one project, or with one task, are no mix."""
    row = pool_rows[NAME][pool]
    assert row.p_value is not None
    assert row.p_value > 0.05


def test_system_prompts(read_log: ReadLog) -> None:
    """No system prompt counts as one; half and half count as two."""
    told = {"a": (None, None), "b": ("Be the first helper", "Be the second helper"), "c": ("Be",)}
    rows = [
        exchange(name, turn, input_text="hello", system_text=text)
        for name, texts in told.items()
        for turn, text in enumerate(texts)
    ]
    facts = read_log(SmallLog(exchanges=tuple(rows)))
    assert system_prompts(facts).tolist() == [1.0, 2.0, 1.0]


def test_effective_number() -> None:
    """It lies between one and the number of classes, and nothing counts as one."""
    shares = np.array([[0.25] * 4, [1.0, 0.0, 0.0, 0.0], [0.0] * 4])
    assert effective_number(shares).tolist() == [4.0, 1.0, 1.0]


def test_null(null_weights: NullWeights) -> None:
    """Pools of under a thousand exchanges are not tested, and weigh nothing."""
    assert {(row.bits, row.p_value) for row in null_weights[NAME]} == {(0.0, None)}


def test_missing_column(log_without: LogWithout) -> None:
    """Without prompts nothing is known of work."""
    assert_not_in_this_log(log_without("input_text"), NAME, ["input_text"])
