from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.records.detection import Detection, Verdict, chance, chance_text


def test_a_chance_below_doubles_prints_as_such() -> None:
    """The text keeps the exponent, the double is 0, the logarithm is exact."""
    found = Detection(
        id="a",
        verdict=Verdict.DETECTED,
        tokens=9,
        tokens_scored=8,
        key_id="k",
        keys_tested=2,
        statistic=1e6,
        log10_p=-100_000.0,
        log10_corrected_p=-99_999.69897,
    )
    assert found.p_value == 0.0
    assert json.loads(json.dumps(found.line()))["log10_p"] == -100_000.0
    assert chance_text(-100_000.0) == "1.00e-100000"
    assert chance_text(-99_999.69897) == "2.00e-100000"


@given(decades=st.floats(-300.0, 0.0))
def test_text_and_number_agree(decades: float) -> None:
    """Where a double can hold the chance, the text is its first three digits."""
    assert float(chance_text(decades)) == pytest.approx(chance(decades), rel=0.006)
