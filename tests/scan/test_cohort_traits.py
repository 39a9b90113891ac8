"""What cohorts are matched on: volume, agent, organisation, program, period, country."""

from __future__ import annotations

import numpy as np
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.small_logs import Row, SmallLog, exchange
from tests.scan.weighed import groups_on_demand
from tests.scan.worlds import DAY, ordinary

from cautery.scan.cohort_traits import COLUMNS, account_traits
from cautery.scan.cohorts import cohorts_of


def test_agent(read_log: ReadLog) -> None:
    """Tools, a prompt of one's own and a popular prompt are different agents."""

    def habits(number: int, _turn: int) -> Row:
        kind = number % 4
        prompts = (None, f"You are assistant number {number} of this house", "You are Popular")
        return {"system_text": prompts[kind % 3], "tool_count": 2 if kind == 3 else 0}

    facts = read_log(ordinary(40, columns=habits))
    (agent,) = account_traits(facts, groups_on_demand(facts), ("agent",))
    # By number: none, own, popular, and none with tools.
    assert agent[:4].tolist() == [0, 1, 2, 3]
    assert agent.tolist() == agent[:4].tolist() * 10


def test_own_prompt_of_a_group_is_not_popular(read_log: ReadLog) -> None:
    """A prompt that the group's accounts share does not become everybody's by that."""
    log = ordinary(30) + ordinary(
        12, name="pool", block=3, columns=lambda _n, _t: {"system_text": "You are the pool's own"}
    )
    facts = read_log(log)
    (agent,) = account_traits(facts, groups_on_demand(facts, named(facts, "pool")), ("agent",))
    assert set(agent[[name.startswith("pool") for name in facts.account_ids]].tolist()) == {1}


def test_period(read_log: ReadLog) -> None:
    """Accounts of the first half, of the second and of both are apart."""
    seen = {"early": (0, DAY), "late": (8 * DAY, 9 * DAY), "long": (0, 10 * DAY)}
    rows = [exchange(name, second) for name, seconds in seen.items() for second in seconds]
    facts = read_log(SmallLog(exchanges=tuple(rows)))
    (period,) = account_traits(facts, groups_on_demand(facts), ("period",))
    assert np.unique(period).size == 3


def test_without_account_table(read_log: ReadLog) -> None:
    """What a log does not tell is one class for all, and cohorts are found all the same."""
    facts = read_log(SmallLog(exchanges=ordinary(50).exchanges))
    groups = groups_on_demand(facts, named(facts, "ordinary")[:6])
    traits = dict(zip(COLUMNS, account_traits(facts, groups, COLUMNS), strict=True))
    for name in ("organisation", "program", "country"):
        assert np.unique(traits[name]).size == 1
    assert cohorts_of(facts, groups).size.tolist() == [44]
    assert cohorts_of(facts, groups) is cohorts_of(facts, groups)
