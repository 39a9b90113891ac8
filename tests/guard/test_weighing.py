from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.guard.guard_cases import finding

from cautery.guard.weighing import SEVERITY, weigh
from cautery.records.decision import ACTIONS, PASSING

FINDINGS = st.lists(
    st.builds(
        finding,
        st.sampled_from(ACTIONS),
        st.sampled_from(["off", "shadow", "enforce"]),
        watermark_key_id=st.sampled_from(["", "k-1", "k-2"]),
        degradations=st.sampled_from([(), ("drop_logprobs",), ("hide_reasoning",)]),
        retry_after_seconds=st.integers(0, 90),
    ),
    max_size=8,
)


@given(findings=FINDINGS, ceiling=st.sampled_from(["off", "shadow", "enforce"]))
def test_the_most_severe_wins(findings: list[Any], ceiling: Any) -> None:
    """Of all rules for the action, of the enforced ones for what is done; never milder."""
    weighed = weigh(findings, ceiling)
    asked = [f for f in findings if f.mode != "off"] if ceiling != "off" else []
    enforced = [f for f in asked if f.mode == "enforce"] if ceiling == "enforce" else []
    assert SEVERITY[weighed.action] == max((SEVERITY[f.action] for f in asked), default=0)
    assert SEVERITY[weighed.enforced_action] == max(
        (SEVERITY[f.action] for f in enforced), default=0
    )
    assert len(weighed.reasons) == len(asked)
    assert (weighed.mode == "off") == (not asked)


@given(findings=FINDINGS)
def test_what_goes_with_an_action_comes_from_enforced_rules_only(findings: list[Any]) -> None:
    """A rule in shadow marks nothing, leaves nothing out and makes nobody wait."""
    weighed = weigh(findings)
    tags = {f.watermark_key_id for f in findings if (f.action, f.mode) == ("tag", "enforce")}
    assert weighed.watermark_key_id in tags | {""}
    if weighed.enforced_action not in PASSING:
        assert weighed.watermark_key_id == ""
    if weighed.enforced_action != "throttle":
        assert weighed.retry_after_seconds == 0
    if weighed.enforced_action != "degrade":
        assert weighed.degradations == ()


def test_a_degraded_answer_is_marked_too() -> None:
    """A tag and a degradation go together; the longest wait counts."""
    tag = finding("tag", watermark_key_id="k-1")
    degrade = finding("degrade", degradations=("drop_logprobs",))
    weighed = weigh([tag, degrade])
    assert (weighed.enforced_action, weighed.watermark_key_id) == ("degrade", "k-1")
    waits = [finding("throttle", retry_after_seconds=n) for n in (3, 9)]
    assert weigh(waits).retry_after_seconds == 9


def test_of_two_degradations_that_clash_the_stricter_is_done() -> None:
    """Whoever falls under two rules gets no more than under either; tiers in shadow count not."""
    first = finding("degrade", degradations=("summarise_reasoning",), defence_tier="watch")
    second = finding("degrade", degradations=("hide_reasoning",), defence_tier="likely")
    shadow = finding("degrade", "shadow", degradations=("answer_only",), defence_tier="shadow")
    weighed = weigh([first, second, first, shadow])
    assert weighed.degradations == ("hide_reasoning",)
    assert weighed.defence_tiers == ("watch", "likely")
    assert weigh([first, finding("block")]).defence_tiers == ()
