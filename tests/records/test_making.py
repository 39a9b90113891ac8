"""Records that are made fast are those that their classes make."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cautery.records.decision import Decision, PolicyOutcome, Reason, RuleFinding
from cautery.records.identity import Identity, Presented
from cautery.records.making import maker_of
from cautery.records.request import RequestFacts, UsageFacts

NOW = datetime(2026, 11, 29, tzinfo=UTC)
RECORDS = (
    Decision,
    Identity,
    PolicyOutcome,
    Presented,
    Reason,
    RequestFacts,
    RuleFinding,
    UsageFacts,
)


def values_of(record: type) -> dict[str, Any]:
    """Give each field another value."""
    return {one.name: f"{one.name} {place}" for place, one in enumerate(fields(record))}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_field_is_where_the_class_puts_it(record: type) -> None:
    """By name, in order, and with usual values, the same record comes out."""
    values = values_of(record)
    make: Any = maker_of(record)
    assert make(**values) == record(**values) == make(*values.values())
    needed = {name: values[name] for name in values if name not in usual_of(record)}
    assert make(**needed) == record(**needed)


def usual_of(record: type) -> set[str]:
    """Name the fields that have a usual value."""
    needed = record.__init__.__kwdefaults__ or {}  # type: ignore[misc]
    return set(needed)


def test_what_is_made_is_a_record_like_any_other() -> None:
    """It cannot be changed, and is copied, pickled, replaced and hashed as others are."""
    made = maker_of(Reason)(rule="r", text="t", evidence=("e",))
    usual = Reason(rule="r", text="t", evidence=("e",))
    assert type(made) is Reason
    assert hash(made) == hash(usual)
    assert repr(made) == repr(usual)
    assert pickle.loads(pickle.dumps(made)) == copy.copy(made) == usual  # noqa: S301 - our own
    assert replace(made, text="other").text == "other"
    with pytest.raises(FrozenInstanceError):
        made.text = "other"  # type: ignore[misc]


def test_a_field_that_is_needed_cannot_be_left_out() -> None:
    """Neither can one be named that is not there."""
    make: Any = maker_of(Reason)
    with pytest.raises(TypeError):
        make(rule="r")
    with pytest.raises(TypeError):
        make(rule="r", text="t", nothing="n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A record that looks at what it is given."""

    number: int

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A record that begins with a list of its own."""

    items: list[int] = field(default_factory=list)


@pytest.mark.parametrize("record", [Checked, Listing], ids=lambda record: record.__name__)
def test_a_class_that_does_more_than_hold_is_refused(record: type) -> None:
    """What it does would be left out."""
    with pytest.raises(TypeError):
        maker_of(record)
