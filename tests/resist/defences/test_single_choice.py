"""One text of several."""

from __future__ import annotations

import pytest
from tests.resist.answer_cases import CASES

from cautery.resist.defences.single_choice import MEMBER


@pytest.mark.parametrize("case", CASES)
def test_the_first_is_left(case: str) -> None:
    """The first, as it was."""
    assert MEMBER.apply(CASES[case], MEMBER.parameters({})).choices == CASES[case].choices[:1]
