"""One STIX indicator of a peer as records: ours by its extension, others' by their pattern."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from cautery.errors import MalformedFileError, UsageError
from cautery.intel.epoch_keys import KEY_ID
from cautery.intel.extension import EXTENSION
from cautery.intel.keyed_values import DIGEST, clear_value
from cautery.intel.limits import MOST_BANDS, MOST_TEXT, MOST_VALID_DAYS
from cautery.intel.stix_patterns import values_of_pattern
from cautery.intel.stix_values import stix_time
from cautery.intel.tlp import label_of
from cautery.records.indicator import INDICATOR_KINDS, Indicator, IndicatorKind

USUAL_VALID_DAYS: Final = 30
"""Validity of an indicator whose source names no end."""
USUAL_CONFIDENCE: Final = 25
"""Confidence of an indicator whose source states none."""
MOST_ACCOUNTS: Final = 10**9
BAND: Final = 16
"""Hexadecimal digits of a band."""


class UnreadableError(Exception):
    """An indicator that is well formed and says something that nothing here looks for."""


def indicators_of(
    each: Mapping[str, Any], where: str, names: Mapping[str, str], campaign: str
) -> list[Indicator]:
    """Read an indicator.

    Args:
        each: The STIX object; its identifier and references were checked.
        where: Its place, for messages.
        names: Names of the identities beside it.
        campaign: Identifier of the campaign that it indicates; empty if none.

    Returns:
        One record a value.

    Raises:
        MalformedFileError: It is not as STIX or our extension say.
        UnreadableError: It is none that this program looks for.
    """
    common = common_fields(each, where, names, campaign)
    extensions = each.get("extensions")
    under = extensions.get(EXTENSION) if isinstance(extensions, dict) else None
    if under is not None:
        return [Indicator(**common, **stated_value(under, f"{where}.extensions.{EXTENSION}"))]
    if each.get("pattern_type") != "stix" or not isinstance(each.get("pattern"), str):
        raise UnreadableError("its pattern is not one of STIX")
    values = values_of_pattern(each["pattern"])
    if values is None:
        raise UnreadableError("its pattern is no list of addresses, networks or autonomous systems")
    return [Indicator(**common, kind=kind, form="clear", value=value) for kind, value in values]


def common_fields(
    each: Mapping[str, Any], where: str, names: Mapping[str, str], campaign: str
) -> dict[str, Any]:
    """Read what every indicator has, whatever it is a value of; other formats use it too.

    Args:
        each: Members as STIX names them.
        where: Its place, for messages.
        names: Names of sources by identifier.
        campaign: Identifier of the campaign that it indicates; empty if none.

    Returns:
        Fields of the record.

    Raises:
        MalformedFileError: One of them is not as it must be.
    """
    start = _time(each, "valid_from", where)
    end = (
        _time(each, "valid_until", where)
        if "valid_until" in each
        else start + timedelta(days=USUAL_VALID_DAYS)
    )
    if end <= start:
        raise _fault(f"{where}.valid_until", "it ends before it begins")
    source = each.get("created_by_ref", "")
    confidence = each.get("confidence", USUAL_CONFIDENCE)
    if type(confidence) is not int or not 0 <= confidence <= 100:
        raise _fault(f"{where}.confidence", "this is no whole number from 0 to 100")
    if not isinstance(each.get("revoked", False), bool):
        raise _fault(f"{where}.revoked", "this is neither true nor false")
    return {
        "indicator_id": each["id"],
        "confidence": confidence,
        "created": _iso(_time(each, "created", where)),
        "modified": _iso(_time(each, "modified", where)),
        "valid_from": _iso(start),
        "valid_until": _iso(min(end, start + timedelta(days=MOST_VALID_DAYS))),
        "revoked": each.get("revoked", False),
        "tlp": label_of(each.get("object_marking_refs")),
        "source": names.get(source) or source or "nobody named",
        "source_id": source,
        "campaign_ref": campaign,
    }


def stated_value(under: Any, where: str) -> dict[str, Any]:
    """Read what stands under our extension; the schema says the same in other words.

    Args:
        under: Kind, form and value, as the extension names them.
        where: Its place, for messages.

    Returns:
        Fields of the record.

    Raises:
        MalformedFileError: It is not as our extension says.
        UnreadableError: Its kind is none that this program looks for.
    """
    if not isinstance(under, dict):
        raise _fault(where, "this is no object")
    kind, form, value = under.get("kind"), under.get("form"), under.get("value")
    if kind not in INDICATOR_KINDS:
        raise UnreadableError("its kind is none that this version knows")
    if not isinstance(value, str) or form not in ("clear", "keyed"):
        raise _fault(where, "form must be clear or keyed, and value a text")
    known = cast("IndicatorKind", kind)
    key_id = under.get("key_id", "")
    if form == "clear":
        value = _clear(known, value, where)
        key_id = ""
    elif not (DIGEST.fullmatch(value) and isinstance(key_id, str) and KEY_ID.fullmatch(key_id)):
        raise _fault(where, "a keyed value is 64 hexadecimal digits and names its key_id")
    return {
        "kind": known,
        "form": form,
        "value": value,
        "key_id": key_id,
        "bands": _bands(under.get("bands", []), where),
        "accounts": _count(under.get("accounts", 0), f"{where}.accounts"),
        "last_seen": _iso(_time(under, "last_seen", where)) if "last_seen" in under else "",
    }


def _clear(kind: IndicatorKind, value: str, where: str) -> str:
    try:
        spelled = clear_value(kind, value)
    except UsageError as error:
        raise _fault(f"{where}.value", error.what) from error
    if spelled != value:
        raise _fault(f"{where}.value", f"this is no {kind.replace('_', ' ')} in its one spelling")
    return spelled


def _bands(bands: Any, where: str) -> tuple[str, ...]:
    if not isinstance(bands, list) or len(bands) > MOST_BANDS:
        raise _fault(f"{where}.bands", f"this is no list of at most {MOST_BANDS} bands")
    for place, band in enumerate(bands):
        if not isinstance(band, str) or len(band) != BAND or set(band) - set("0123456789abcdef"):
            raise _fault(f"{where}.bands[{place}]", f"this is not {BAND} hexadecimal digits")
    return tuple(bands)


def _count(value: Any, where: str) -> int:
    if type(value) is not int or not 0 <= value <= MOST_ACCOUNTS:
        raise _fault(where, "this is no count")
    return value


def _time(each: Mapping[str, Any], name: str, where: str) -> datetime:
    text = each.get(name)
    if not isinstance(text, str) or len(text) > 40 or not text.endswith("Z"):
        raise _fault(f"{where}.{name}", "this is no time in UTC, like 2026-11-30T00:00:00.000Z")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _fault(f"{where}.{name}", f"this is no time: {text[:MOST_TEXT]!r}") from error
    if not 1970 <= moment.year <= 9000:
        raise _fault(f"{where}.{name}", "this is no time that anything happened")
    return moment.astimezone(UTC)


def _iso(moment: datetime) -> str:
    """Write a time in the one spelling of records, so that text order is time order."""
    return stix_time(moment.isoformat())


def _fault(where: str, what: str) -> MalformedFileError:
    return MalformedFileError(
        what, where=where, hint="Nothing of it was taken. Tell whoever gave it to you."
    )
