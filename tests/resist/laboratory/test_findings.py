"""What may be said of a plan follows from intervals over seeds, and from the adaptive student."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from cautery.errors import UsageError
from cautery.resist.laboratory.findings import SeedResult, judge
from cautery.resist.laboratory.harvest import HonestCosts
from cautery.resist.laboratory.intervals import t_interval

COSTS = HonestCosts(
    right=0.9, same_answer=1.0, words_shown=4.0, words_waited=0.0, passes_a_word=1.0
)


def results(
    passive: list[float], same_kind: list[float], adaptive: list[float] | None = None
) -> list[SeedResult]:
    """Make a result a seed."""
    return [
        SeedResult(passive=one, same_kind=two, adaptive=three, chosen="passive", costs=COSTS)
        for one, two, three in zip(passive, same_kind, adaptive or same_kind, strict=True)
    ]


BASE = results([0.90, 0.92, 0.94], [0.91, 0.93, 0.95])


LOW, HIGH = [0.30, 0.32, 0.35], [0.90, 0.93, 0.94]


@pytest.mark.parametrize(
    ("passive", "same_kind", "adaptive", "verdict"),
    [
        (LOW, LOW, LOW, "effective"),
        (LOW, LOW, HIGH, "same kind only"),
        (LOW, HIGH, HIGH, "passive only"),
        (HIGH, HIGH, HIGH, "not shown"),
        (LOW, [0.95, 0.10, 0.70], [0.95, 0.10, 0.70], "passive only"),
    ],
    ids=["all lose", "another kind recovers", "any recovers", "none loses", "seeds disagree"],
)
def test_verdicts(
    passive: list[float], same_kind: list[float], adaptive: list[float], verdict: str
) -> None:
    """Effective needs the adaptive student's whole interval above the least loss."""
    assert judge("x", results(passive, same_kind, adaptive), BASE, 1).verdict == verdict


def test_losses_are_paired_and_corrected() -> None:
    """A loss that is the same in each seed has no width; more plans make intervals wider."""
    shifted = results([0.80, 0.82, 0.84], [0.81, 0.83, 0.85])
    loss = judge("x", shifted, BASE, 1).adaptive_loss
    assert [loss.low, loss.high] == pytest.approx([0.1, 0.1])
    uneven = results([0.7, 0.8, 0.8], [0.7, 0.8, 0.8])
    one, many = (judge("x", uneven, BASE, plans).adaptive_loss for plans in (1, 10))
    assert many.high - many.low > 1.5 * (one.high - one.low)


def test_the_interval_is_students() -> None:
    """The same as by the book: t of 97.5 % with two degrees of freedom is 4.303."""
    found = t_interval([1.0, 2.0, 3.0])
    reach = stats.t.ppf(0.975, 2) / math.sqrt(3)
    assert found.mean == 2.0
    assert found.high - 2.0 == pytest.approx(reach)
    assert 2.0 - found.low == pytest.approx(reach)


def test_one_seed_has_no_interval() -> None:
    """Nobody can tell how far one value is off."""
    with pytest.raises(UsageError, match="seeds"):
        t_interval([0.5])
