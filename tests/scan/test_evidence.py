"""The waterfall: prior and rows add up to the chance, and linked is not guilty."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.fake_signals import FakeSignal, fakes
from tests.scan.scanning import row_of, total_of

from cautery.records.campaign import band_of
from cautery.scan.evidence import (
    DISTILLATION_PRIOR_BITS,
    LINKED_PRIOR_BITS,
    PRIOR_BITS,
    Verdict,
    chance,
    judge,
)
from cautery.scan.limits import MOST_LINKAGE_BITS, counts_as_asked, counts_as_linked
from cautery.scan.verdicts import WATCH
from cautery.scan.weighing import rounded

BITS = st.lists(st.integers(-80, 80).map(lambda tenths: tenths / 10), min_size=4, max_size=4)


def judged(*bits: float) -> Verdict:
    """Judge one group by four fake signals: payment, synchrony, templates, words."""
    (verdict,) = judge(bare_facts(9), bare_groups(9, [range(3)]), fakes(*bits))
    return verdict


def test_no_evidence() -> None:
    """A group of which nothing is known has the prior's chance."""
    verdict = judged(0.0, 0.0, 0.0, 0.0)
    assert verdict.bits == PRIOR_BITS
    assert verdict.probability == chance(PRIOR_BITS) < WATCH
    assert verdict.linked_probability == chance(LINKED_PRIOR_BITS)
    assert verdict.distillation_probability == chance(DISTILLATION_PRIOR_BITS)


@given(BITS)
def test_rows_add_up(bits: list[float]) -> None:
    """Prior and rows, as printed, add up to the printed bits, and these are the chance."""
    verdict = judged(*bits)
    assert verdict.weights[0].signal == "prior"
    assert total_of(verdict.weights) == verdict.bits
    assert verdict.probability == chance(verdict.bits)
    linked = sum(row.bits for row in verdict.weights if counts_as_linked(row))
    asked = sum(row.bits for row in verdict.weights if counts_as_asked(row))
    assert verdict.linked_probability == chance(rounded(LINKED_PRIOR_BITS + linked))
    assert verdict.distillation_probability == chance(rounded(DISTILLATION_PRIOR_BITS + asked))


@given(BITS)
def test_signals_stand_by_falling_weight(bits: list[float]) -> None:
    """After the prior come the signals, the heaviest first, then the limits."""
    rows = judged(*bits).weights[1:]
    names = [row.signal for row in rows]
    signals = [row for row in rows if row.signal in {signal.name for signal in fakes(0, 0, 0, 0)}]
    assert [abs(row.bits) for row in signals] == sorted(
        (abs(row.bits) for row in signals), reverse=True
    )
    assert names[: len(signals)] == [row.signal for row in signals]


def test_linked_is_not_guilty() -> None:
    """Linkage alone lists no group up to its ceiling, and far beyond it not as likely."""
    at = judged(MOST_LINKAGE_BITS / 2, MOST_LINKAGE_BITS / 2, 0.0, 0.0)
    assert at.probability < WATCH < at.linked_probability
    beyond = judged(8.0, 8.0, 0.0, 0.0)
    assert band_of(beyond.probability) in {"", "watch"}
    assert row_of(beyond.weights, "linkage_limit").bits < 0


def test_alike_is_not_linked() -> None:
    """However much they ask alike, accounts that nothing links are no campaign."""
    verdict = judged(0.0, 0.0, 8.0, 8.0)
    assert verdict.probability < WATCH < verdict.distillation_probability


def test_both_make_a_campaign() -> None:
    """Linked and distillation-like together list a group."""
    assert judged(4.0, 2.0, 4.0, 3.0).probability > WATCH


def test_missing_signal() -> None:
    """A signal that the log cannot feed is not asked, weighs nothing, and stands last."""
    missing = FakeSignal(name="blind", bits=(9.0,), needs=("accounts.referral",))
    (verdict,) = judge(
        bare_facts(9), bare_groups(9, [range(3)]), [missing, *fakes(1.0, 0.0, 0.0, 0.0)]
    )
    assert verdict.weights[-1].signal == "blind"
    assert (verdict.weights[-1].available, verdict.weights[-1].bits) == (False, 0.0)
    assert verdict.bits == rounded(PRIOR_BITS + 1.0)


def test_each_group_has_its_own_verdict() -> None:
    """Weights go to their groups, in order; without groups there is no verdict."""
    signal = FakeSignal(name="shared_payment", bits=(1.0, 2.0))
    found = judge(bare_facts(9), bare_groups(9, [range(3), range(3, 6)]), [signal])
    assert [rounded(verdict.bits - PRIOR_BITS) for verdict in found] == [1.0, 2.0]
    assert judge(bare_facts(9), bare_groups(9, []), [FakeSignal(name="x", bits=())]) == []


@given(st.floats(-1e6, 1e6), st.floats(0.0, 10.0))
def test_chance(bits: float, more: float) -> None:
    """A chance lies between 0 and 1 and rises with the bits, however many there are."""
    assert 0.0 <= chance(bits) <= chance(bits + more) <= 1.0
    assert chance(bits) == pytest.approx(1.0 - chance(-bits), abs=1e-6)
