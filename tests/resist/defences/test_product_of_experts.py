"""The served model times a proxy student, within a bound that is reached."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cautery.errors import ConfigurationError
from cautery.resist.defences.product_of_experts import MEMBER, TiltBound


def test_it_is_the_product_where_no_tilt_is_cut() -> None:
    """With room for the tilt: proportional to the teacher's times the proxy's probability."""
    teacher, proxy = np.log([0.5, 0.3, 0.2]), np.log([0.2, 0.5, 0.3])
    logs = MEMBER.reweighted(teacher, proxy, MEMBER.parameters({"most_tilt": 10}))
    product = np.array([0.10, 0.15, 0.06])
    assert np.exp(logs) == pytest.approx(product / product.sum())


def test_a_strength_of_nothing_changes_nothing() -> None:
    """Also where the proxy rules a token out."""
    teacher, proxy = np.log([0.5, 0.5]), np.array([-np.inf, 0.0])
    logs = MEMBER.reweighted(teacher, proxy, MEMBER.parameters({"strength": 0}))
    assert np.exp(logs) == pytest.approx([0.5, 0.5])


def test_a_proxy_without_an_opinion_changes_nothing() -> None:
    """Where it rules out all that the teacher may say, the teacher decides."""
    teacher, proxy = np.array([0.0, 0.0, -np.inf]), np.array([-np.inf, -np.inf, 0.0])
    logs = MEMBER.reweighted(teacher, proxy, MEMBER.parameters({}))
    assert np.exp(logs) == pytest.approx([0.5, 0.5, 0.0])


def test_the_bound_on_variation_is_tight() -> None:
    """Two tokens whose odds go from exp(-R/2) to exp(R/2) differ by tanh(R/4)."""
    tilt = 2.0
    teacher, proxy = np.array([tilt / 2, 0.0]), np.array([-99.0, 0.0])
    parameters = MEMBER.parameters({"most_tilt": tilt})
    logs = MEMBER.reweighted(teacher, proxy, parameters)
    plain = 1.0 / (1.0 + math.exp(-tilt / 2))
    moved = plain - float(np.exp(logs[0]))
    assert moved == pytest.approx(MEMBER.bound(parameters).most_total_variation)


def test_the_bound_on_divergence_is_neared() -> None:
    """For a small tilt of an even choice, R**2/8 is right to a percent."""
    tilt = 0.1
    logs = MEMBER.reweighted(
        np.zeros(2), np.array([0.0, -9.0]), MEMBER.parameters({"most_tilt": tilt})
    )
    divergence = float((np.exp(logs) * (logs - math.log(0.5))).sum())
    assert divergence == pytest.approx(TiltBound(most_tilt=tilt).most_divergence, rel=0.01)


@pytest.mark.parametrize("field", ["strength", "most_tilt"])
def test_out_of_range(field: str) -> None:
    """Negative or boundless is refused by name."""
    for value in (-1, 1e9, float("nan"), "much"):
        with pytest.raises(ConfigurationError, match=field):
            MEMBER.parameters({field: value})


def test_a_teacher_that_rules_all_out_is_an_error() -> None:
    """There is nothing to sample from."""
    with pytest.raises(ConfigurationError, match="rules out every token"):
        MEMBER.reweighted(np.full(2, -np.inf), np.zeros(2), MEMBER.parameters({}))
