"""Who owns how much of whom: exact shares, read from CSV and bounded in size."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from cautery.errors import InputError

MAX_STAKES: Final = 500_000
"""Most rows of a table of stakes."""
DISPERSED: Final = "dispersed"
"""Region of an owner that stands for a crowd, such as a free float: in nobody's hands."""
WHOLE: Final = Fraction(1)

_SHARE: Final = re.compile(r"\d{1,3}(?:\.\d{1,9})?|\d{1,9}/[1-9]\d{0,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StakeGraph:
    """Stakes and where owners are at home."""

    owners: dict[str, dict[str, Fraction]]
    """Share of each owner by what is owned; together at most the whole."""
    regions: dict[str, str]
    """Region by owner; an owner that is not there, or has an empty one, is unknown."""

    def organisations(self) -> list[str]:
        """Name everything that somebody owns, sorted."""
        return sorted(self.owners)


def read_stakes(text: str, name: str) -> dict[str, dict[str, Fraction]]:
    """Read a table of stakes.

    Args:
        text: CSV with ``owner_id,owned_id,share_percent``; a share is a decimal or a fraction, as
            ``33.4`` or ``100/3``. Several rows of one owner add up.
        name: Name of the file, for messages.

    Returns:
        Shares of 1 by what is owned and by owner.

    Raises:
        InputError: A row is wrong, or shares add up to more than the whole; names the line.
    """
    owners: dict[str, dict[str, Fraction]] = defaultdict(dict)
    for where, row in _rows(text, name, ("owner_id", "owned_id", "share_percent")):
        owner, owned, words = row["owner_id"], row["owned_id"], row["share_percent"]
        if not (owner and owned):
            raise InputError("a row needs owner_id and owned_id", where=where)
        if not _SHARE.fullmatch(words):
            raise InputError(
                f"share_percent is no share: '{words[:40]}'",
                where=where,
                hint="Write 33.4, or 100/3.",
            )
        share = Fraction(words) / 100
        held = owners[owned]
        held[owner] = held.get(owner, Fraction(0)) + share
        if share <= 0 or sum(held.values()) > WHOLE:
            raise InputError(
                f"the shares of '{owned}' add up to more than 100 %, or one of them is none",
                where=where,
            )
    return dict(owners)


def read_regions(text: str, name: str) -> dict[str, str]:
    """Read where owners are at home.

    Args:
        text: CSV with ``owner_id,region``: ISO 3166-1 alpha-2, ``dispersed``, or empty if unknown.
        name: Name of the file, for messages.

    Returns:
        Regions by owner.

    Raises:
        InputError: A row is wrong, or an owner has two regions; names the line.
    """
    regions: dict[str, str] = {}
    for where, row in _rows(text, name, ("owner_id", "region")):
        owner, region = row["owner_id"], row["region"]
        if region and region != DISPERSED and not re.fullmatch(r"[A-Z]{2}", region):
            raise InputError(f"'{region[:40]}' is no region", where=where, hint="Two capitals.")
        if not owner or regions.setdefault(owner, region) != region:
            raise InputError(f"'{owner}' has two regions, or no name", where=where)
    return regions


def _rows(
    text: str, name: str, columns: tuple[str, ...]
) -> Iterator[tuple[str, Mapping[str, str]]]:
    rows = csv.DictReader(text.splitlines())
    try:
        missing = [column for column in columns if column not in (rows.fieldnames or ())]
        if missing:
            raise InputError(f"there is no column '{missing[0]}'", where=f"{name}:1")
        for count, row in enumerate(rows):
            where = f"{name}:{rows.line_num}"
            if count == MAX_STAKES:
                raise InputError(f"more than {MAX_STAKES:,} rows", where=where)
            yield where, {column: (row[column] or "").strip() for column in columns}
    except csv.Error as error:
        raise InputError(f"not CSV: {error}", where=f"{name}:{rows.line_num}") from error
