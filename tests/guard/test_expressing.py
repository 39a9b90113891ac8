from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.guard.deciders import ALLOW

from cautery.guard.expressing import STAND_IN_SECONDS, expressed
from cautery.records.decision import ACTIONS, Action


@given(action=st.sampled_from(ACTIONS), more=st.sets(st.sampled_from(ACTIONS)))
def test_never_milder(action: Action, more: set[Action]) -> None:
    """What stands in is at least as strict, and the mildest that is; what was asked stays known."""
    block: Action = "block"
    carries_out = more | {block}
    decision = replace(ALLOW, action=action, enforced_action=action)
    shown = expressed(decision, carries_out)
    stricter = [one for one in carries_out if ACTIONS.index(one) >= ACTIONS.index(action)]
    assert shown.enforced_action == min(stricter, key=ACTIONS.index)
    assert shown.action == action
    assert (shown is decision) == (action in carries_out)


def test_a_stand_in_says_when_to_come_again() -> None:
    """*Degrade* has no such time, so that there is one for all."""
    decision = replace(ALLOW, action="degrade", enforced_action="degrade")
    shown = expressed(decision, {"throttle", "block"})
    assert (shown.enforced_action, shown.retry_after_seconds) == ("throttle", STAND_IN_SECONDS)


def test_an_adapter_that_cannot_block() -> None:
    """There is nothing that would be strict enough."""
    with pytest.raises(ValueError, match="nothing as strict"):
        expressed(replace(ALLOW, enforced_action="block"), {"allow"})
