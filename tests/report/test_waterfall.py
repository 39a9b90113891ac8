"""The bits of a waterfall add up, whatever the weights."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.campaigns import waterfall_of_example, weight

from cautery.records.evidence import Weight
from cautery.report.waterfall import is_adjustment, probability_of, waterfall

WEIGHTS = st.lists(
    st.builds(
        weight,
        st.sampled_from(["prior", "templates", "payment", "network", "linkage_limit"]),
        st.just("label"),
        st.floats(-30, 30).map(lambda bits: round(bits, 1)),
        available=st.booleans(),
    ),
    max_size=15,
)


@given(WEIGHTS, st.none() | st.floats(-60, 60))
def test_rows_add_up_to_the_sum(weights: list[Weight], total: float | None) -> None:
    """Prior, shown rows, the rest and what a limit took make the sum, to the tenth."""
    fall = waterfall(weights, total)
    prior = fall.prior.tenth_bits if fall.prior else 0
    rows = sum(row.tenth_bits for row in fall.rows)
    parts = prior + rows + fall.more_tenth_bits + fall.unexplained_tenth_bits
    assert parts == fall.sum_tenth_bits
    assert fall.probability == pytest.approx(1 / (1 + 2 ** (-fall.sum_tenth_bits / 10)))


@given(WEIGHTS)
def test_counter_evidence_is_never_hidden(weights: list[Weight]) -> None:
    """If anything speaks against it, a shown row does."""
    fall = waterfall(weights)
    evidence = [w for w in weights if w.available and w.signal not in {"prior", "linkage_limit"}]
    if any(w.bits < 0 for w in evidence):
        shown = [row for row in fall.rows if not is_adjustment(row.weight)]
        assert any(row.tenth_bits < 0 for row in shown)


def test_example_of_the_design() -> None:
    """The waterfall of the design's own screen gives +12.8 bits and 99.99 %."""
    fall = waterfall(waterfall_of_example(), 12.8)
    assert fall.sum_tenth_bits == 128
    assert (fall.more, fall.more_tenth_bits, fall.unexplained_tenth_bits) == (3, 14, 0)
    assert round(fall.probability, 4) == 0.9999
    assert [one.label for one in fall.missing] == ["TLS identity"]


def test_a_missing_signal_adds_nothing() -> None:
    """Absent is never clean: it is named, and it weighs nothing."""
    fall = waterfall([weight("tls", "TLS identity", 0.0, available=False)])
    assert (fall.rows, fall.sum_tenth_bits, len(fall.missing)) == ((), 0, 1)


@pytest.mark.parametrize("bits", [-1e6, -2000.0, 0.0, 2000.0, 1e6])
def test_chances_do_not_overflow(bits: float) -> None:
    """Any number of bits is a chance."""
    assert 0 <= probability_of(bits) <= 1
