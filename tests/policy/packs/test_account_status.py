"""The pack ``account-status``: its own cases, and a mutant of it that they must catch."""

from __future__ import annotations

import pytest
from tests.policy.packs.mutants import mutants_of
from tests.policy.packs.shelf import pack_of

from cautery.policy.cases import run_pack_cases


def test_its_cases_go_as_they_should() -> None:
    """Each rule has a case where it fires, one is let through, and no lost fact lets one pass."""
    result = run_pack_cases(pack_of("account-status"))
    assert result.faults == ()
    assert result.cases >= 3


@pytest.mark.parametrize("place", range(len(mutants_of("account-status"))))
def test_its_cases_catch_a_wrong_rule(place: int) -> None:
    """With one comparison of its rules turned round, some case goes wrong."""
    assert run_pack_cases(mutants_of("account-status")[place]).faults
