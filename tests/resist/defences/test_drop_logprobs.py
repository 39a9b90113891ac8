"""No log-probabilities, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.resist.answer_cases import CASES

from cautery.resist.defences.drop_logprobs import MEMBER


@pytest.mark.parametrize("case", CASES)
def test_texts_stay(case: str) -> None:
    """Every text is as it was, without log-probabilities."""
    left = MEMBER.apply(CASES[case], MEMBER.parameters({})).choices
    assert left == tuple(replace(choice, token_chances=()) for choice in CASES[case].choices)
