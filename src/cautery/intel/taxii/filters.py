"""Reads the query of a request: filters and paging (sections 3.4 and 3.5)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from cautery.intel.taxii.pushed_objects import OBJECT_ID, SPEC_VERSION
from cautery.intel.taxii.refusals import bad_request
from cautery.intel.taxii.timestamps import microseconds_of, version_key

PAGING: Final = frozenset({"added_after", "limit", "next"})
OF_OBJECTS: Final = PAGING | {"match[id]", "match[type]", "match[version]", "match[spec_version]"}
"""What may be asked of all objects of a collection, and of its manifest."""
OF_OBJECT: Final = PAGING | {"match[version]", "match[spec_version]"}
"""What may be asked of one object."""
OF_VERSIONS: Final = PAGING | {"match[spec_version]"}
"""What may be asked of an object's versions."""
OF_DELETION: Final = frozenset({"match[version]", "match[spec_version]"})
"""What may be said of what is deleted."""
MOST_VALUES: Final = 100
"""Of one filter; each is a branch of the storage's query."""
_LONGEST_QUERY: Final = 16 * 2**10
_TYPE: Final = re.compile(r"[a-z][a-z0-9-]{1,248}[a-z0-9]")
_SPEC_VERSION: Final = re.compile(r"[0-9]\.[0-9]")
_LIMIT: Final = re.compile(r"[0-9]{1,18}")
_NEXT: Final = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a client wants of a collection."""

    after: int
    """Only what was added later than this, microseconds since 1970."""
    limit: int
    """Most objects of a page."""
    ids: tuple[str, ...] = ()
    """Only these; empty for all."""
    types: tuple[str, ...] = ()
    """Only of these types; empty for all."""
    versions: tuple[str, ...] = ()
    """Keys of wanted versions, besides those below."""
    first: bool = False
    """Whether the oldest version of each object is wanted."""
    last: bool = True
    """Whether the newest version of each object is wanted."""
    every: bool = False
    """Whether all versions are wanted."""
    nothing: bool = False
    """Whether no object can match, as of another version of STIX."""


def read_filter(query: bytes, known: frozenset[str], most: int) -> Filter:
    """Read a query.

    Args:
        query: What stands behind the question mark.
        known: Parameters that may be in it.
        most: Most objects of a page, whatever is asked.

    Returns:
        The filter.

    Raises:
        RequestRefusedError: A parameter is unknown, repeated, or not of its form. What cannot be
            heeded is refused, not ignored: the client would take the answer for a filtered one.
    """
    given = _parameters(query, known)
    after = max(_added_after(given.get("added_after")), _position(given.get("next")))
    versions = _values("match[version]", given)
    words = {"first", "last", "all"} & set(versions)
    spec_versions = _values("match[spec_version]", given)
    if not all(_SPEC_VERSION.fullmatch(one) for one in spec_versions):
        raise bad_request("match[spec_version] must be versions as in 2.1.")
    return Filter(
        after=after,
        limit=_limit(given.get("limit"), most),
        ids=_checked("match[id]", given, OBJECT_ID, "identifiers of STIX objects"),
        types=_checked("match[type]", given, _TYPE, "STIX types"),
        versions=_version_keys(one for one in versions if one not in words),
        first="first" in words,
        last="last" in words or not versions,
        every="all" in words,
        nothing=bool(spec_versions) and SPEC_VERSION not in spec_versions,
    )


def next_of(after: int) -> str:
    """Write the position behind which the next page begins.

    Args:
        after: When the last object of this page was added, microseconds since 1970.

    Returns:
        What ``next`` says; a position grants nothing, so it needs no seal.

    Example:
        >>> next_of(1_500_000)
        '000000000016e360'
    """
    return f"{after:016x}"


def _parameters(query: bytes, known: frozenset[str]) -> dict[str, str]:
    if len(query) > _LONGEST_QUERY:
        raise bad_request(f"The query is longer than {_LONGEST_QUERY} bytes.")
    try:
        pairs = parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(query),
            errors="strict",
            max_num_fields=len(OF_OBJECTS),
        )
    except ValueError as error:
        raise bad_request("The query cannot be read.") from error
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise bad_request(f"There is no parameter {name[:60]!r} here.")
        if name in given:
            raise bad_request(f"{name} stands twice; write its values with commas between.")
        given[name] = value
    return given


def _values(name: str, given: dict[str, str]) -> tuple[str, ...]:
    if name not in given:
        return ()
    values = tuple(dict.fromkeys(given[name].split(",")))
    if len(values) > MOST_VALUES:
        raise bad_request(f"{name} may have {MOST_VALUES} values.")
    return values


def _checked(name: str, given: dict[str, str], form: re.Pattern[str], what: str) -> tuple[str, ...]:
    values = _values(name, given)
    if not all(form.fullmatch(one) for one in values):
        raise bad_request(f"{name} must be {what}, with commas between.")
    return values


def _version_keys(values: Iterable[str]) -> tuple[str, ...]:
    keys = [version_key(value) for value in values]
    found = tuple(key for key in keys if key is not None)
    if len(found) != len(keys):
        raise bad_request("match[version] must be all, first, last or timestamps.")
    return found


def _added_after(text: str | None) -> int:
    found = -1 if text is None else microseconds_of(text)
    if found is None:
        raise bad_request("added_after must be a timestamp as in 2026-01-02T03:04:05.678901Z.")
    return found


def _position(text: str | None) -> int:
    if text is None:
        return -1
    if not _NEXT.fullmatch(text) or int(text, 16) >= 2**63:
        raise bad_request("next must be what the page before said.")
    return int(text, 16)


def _limit(text: str | None, most: int) -> int:
    if text is None:
        return most
    if not _LIMIT.fullmatch(text) or int(text) == 0:
        raise bad_request("limit must be a whole number from 1.")
    return min(int(text), most)
