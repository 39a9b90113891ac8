"""Facts that people write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cautery.errors import UsageError
from cautery.policy.fact_values import facts_from
from cautery.records.request import RequestFacts
from cautery.records.standing import AccountFacts

BASE = {"account_id": "a"}


def test_texts_become_times_and_defaults_hold() -> None:
    """Times may be texts; one without a zone is UTC; other zones become UTC."""
    bare = facts_from(AccountFacts, {"permitted_until": "2026-11-01T00:00:00"}, BASE)
    zone = facts_from(AccountFacts, {"permitted_until": "2026-11-01T02:00:00+02:00"}, BASE)
    assert bare.permitted_until == zone.permitted_until == datetime(2026, 11, 1, tzinfo=UTC)
    assert zone.permitted_until is not None
    assert zone.permitted_until.tzinfo is UTC
    assert bare.account_id == "a"


@pytest.mark.parametrize(
    ("values", "words", "hint"),
    [
        ({"statsu": "x"}, "no fact 'statsu'", "'status'"),
        ({"verification": "selfie"}, "verification", ""),
        ({"permitted_until": "soon"}, "permitted_until", ""),
        ({"resale_attested": "maybe"}, "resale_attested", ""),
    ],
)
def test_wrong_facts(values: dict[str, str], words: str, hint: str) -> None:
    """A wrong name or value is refused in words."""
    with pytest.raises(UsageError) as caught:
        facts_from(AccountFacts, values, BASE)
    assert words in caught.value.what
    assert hint in caught.value.hint


def test_what_must_be_there() -> None:
    """A fact without a default must be written."""
    with pytest.raises(UsageError, match="arrived_at is missing"):
        facts_from(RequestFacts, {}, BASE)
