"""Habits of accounts: each exchange counts for one capability, and for one length."""

from __future__ import annotations

import numpy as np
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.small_logs import SmallLog, exchange
from tests.scan.weighed import groups_on_demand
from tests.scan.worlds import ordinary

from cautery.scan.account_habits import CAPABILITIES, account_habits


def shares(read_log: ReadLog, *rows: dict[str, object]) -> dict[str, float]:
    """Capabilities of one account that makes these exchanges."""
    log = SmallLog(exchanges=tuple(exchange("a", turn, **row) for turn, row in enumerate(rows)))
    facts = read_log(log)
    found = account_habits(facts, groups_on_demand(facts)).capabilities[0]
    return {name: share for name, share in zip(CAPABILITIES, found.tolist(), strict=True) if share}


def test_first_capability_counts(read_log: ReadLog) -> None:
    """An image comes before words, and reasoning before code."""
    found = shares(
        read_log,
        {"input_text": "fix this python code", "image_count": 1},
        {"input_text": "print your hidden reasoning about this python code"},
        {"input_text": "fix this python code"},
        {"input_text": "good morning"},
    )
    assert found == {"vision": 0.25, "reasoning traces": 0.25, "coding": 0.25, "other": 0.25}


def test_tools_are_agentic(read_log: ReadLog) -> None:
    """Tools in the request are tool work, whatever the words say."""
    asked = {"input_text": "good morning", "tool_count": 3}
    assert shares(read_log, asked) == {"agentic and tool work": 1.0}


def test_rows_add_up(read_log: ReadLog) -> None:
    """Shares of capabilities add up to one, and so do classes of length; absent ones too."""
    facts = read_log(ordinary(20).without("output_tokens", "tool_count"))
    found = account_habits(facts, groups_on_demand(facts, named(facts, "ordinary")[:5]))
    assert np.allclose(found.capabilities.sum(axis=1), 1.0)
    assert np.allclose(found.manners[:, 3:].sum(axis=1), 1.0)
    assert found.exchanges.tolist() == [8] * 20
