"""The other side: the strongest counter-evidence tells the innocent story, and its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.records.evidence import Weight
from cautery.registry import SIGNALS
from cautery.scan.innocence import (
    DEFAULT,
    EXPLANATIONS,
    LEAST_AGAINST,
    describe_near_miss,
    nearest_innocent,
)


def row(signal: str, bits: float, *, available: bool = True, observed: str = "seen") -> Weight:
    """Make a row of one signal."""
    return Weight(
        signal=signal,
        label=f"label of {signal}",
        aspect="distillation",
        family="context",
        bits=bits,
        observed=observed,
        available=available,
    )


@pytest.mark.parametrize("signal", sorted(EXPLANATIONS))
def test_each_story(signal: str) -> None:
    """Every signal with a story is on the shelf, tells it when it speaks against, and only then."""
    assert signal in SIGNALS.names()
    name, story, test = EXPLANATIONS[signal]
    found = nearest_innocent([row(signal, LEAST_AGAINST)])
    assert (found.explanation, found.test) == (story, test)
    assert describe_near_miss([row(signal, -2.0)]) == (name, f"label of {signal}: seen (-2.0 bits)")
    for weak in (row(signal, LEAST_AGAINST + 0.1), row(signal, 3.0)):
        assert nearest_innocent([weak]).explanation == DEFAULT[1]


def test_the_strongest_tells_it() -> None:
    """Of several signals the one with the most bits against is told; ties go by name."""
    rows = [row("payer_spread", -1.0), row("single_turn", -3.0), row("even_load", -3.0)]
    assert nearest_innocent(rows).explanation == EXPLANATIONS["even_load"][1]
    assert nearest_innocent(rows[::-1]) == nearest_innocent(rows)


def test_who_tells_no_story() -> None:
    """A missing signal, a limit or the prior explains nothing, whatever its bits."""
    rows = [
        row("single_turn", -9.0, available=False),
        row("linkage_limit", -9.0),
        row("prior", -9.0),
    ]
    assert nearest_innocent(rows).test == DEFAULT[2]
    name, reason = describe_near_miss(rows)
    assert name == DEFAULT[0]
    assert reason


def test_everything_is_said() -> None:
    """Every story, also that of a group without one, names who, why and what decides."""
    for texts in (*EXPLANATIONS.values(), DEFAULT):
        assert all(texts)
        assert texts[2].endswith(".")


@given(
    st.lists(
        st.tuples(st.sampled_from([*EXPLANATIONS, "prior", "data_making"]), st.integers(-50, 50)),
        max_size=8,
    )
)
def test_any_rows(rows: list[tuple[str, int]]) -> None:
    """There is always a story, and it does not depend on the order of the rows."""
    weights = [row(signal, tenths / 10) for signal, tenths in rows]
    assert nearest_innocent(weights) == nearest_innocent(weights[::-1])
    assert nearest_innocent(weights).explanation
    assert describe_near_miss(weights) == describe_near_miss(weights[::-1])
