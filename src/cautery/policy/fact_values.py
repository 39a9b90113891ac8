"""Facts written by people: in cases beside a pack, and on the command line of ``explain``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from cautery.errors import UsageError
from cautery.policy.places import did_you_mean
from cautery.records.request import RequestFacts
from cautery.records.standing import AccountFacts, CampaignStanding

Facts = TypeVar("Facts", RequestFacts, AccountFacts, CampaignStanding)


def facts_from(kind: type[Facts], values: Mapping[str, Any], defaults: Mapping[str, Any]) -> Facts:
    """Make a record of facts out of plain values.

    Args:
        kind: Which record.
        values: What was written; times are UTC if they name no zone.
        defaults: What counts where nothing was written.

    Returns:
        The record.

    Raises:
        UsageError: There is no such fact, or its value is wrong; guesses what was meant.

    Example:
        >>> facts_from(CampaignStanding, {"band": "watch"}, {"campaign_id": "C-1"}).band
        Traceback (most recent call last):
        cautery.errors.UsageError: probability is missing
    """
    names = [field.name for field in fields(kind)]
    for name in values:
        if name not in names:
            raise UsageError(f"there is no fact '{name}'", hint=did_you_mean(name, names))
    merged = {**defaults, **values}
    for field in fields(kind):
        if field.name not in merged and field.default is MISSING:
            raise UsageError(f"{field.name} is missing")
    try:
        record = msgspec.convert(merged, kind)
    except msgspec.ValidationError as error:
        raise UsageError(f"a fact is wrong: {error}") from error
    moments: dict[str, Any] = {
        field.name: _in_utc(getattr(record, field.name))
        for field in fields(kind)
        if isinstance(getattr(record, field.name), datetime)
    }
    return kind(**{name: moments.get(name, getattr(record, name)) for name in names})


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
