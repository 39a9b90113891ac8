"""The accounts of all groups as the data that the page's script shows, filters, sorts and saves.

Columns rather than rows, and each text once: 24,000 accounts take a few megabytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cautery.report.figures import tenths
from cautery.report.page.environment import page_text
from cautery.report.sanitise import csv_text, json_document, without_surrogates

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cautery.records.campaign import Campaign, Member
    from cautery.records.case import Case
    from cautery.report.page.picture import Picture

BANDS: Final = ("very likely", "likely", "watch", "")
"""Bands in the order of their numbers in the data."""

PRINTED_ROWS: Final = 500
"""Accounts that the printed page lists; ``accounts.csv`` has them all."""

MOST_WEIGHTS: Final = 12
"""Rows of an account's own waterfall that the page keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One account in one group."""

    group: Campaign
    member: Member


@dataclass(slots=True)
class _Texts:
    """Texts that many rows share, each kept once: as shown, and as a cell of a CSV file."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers))

    def shown(self) -> list[str]:
        return [page_text(text) for text in self.numbers]

    def cells(self) -> dict[int, str]:
        """Give the CSV cells that differ from what is shown."""
        cells = ((number, csv_text(text)) for text, number in self.numbers.items())
        shown = self.shown()
        return {number: without_surrogates(cell) for number, cell in cells if cell != shown[number]}


def account_rows(case: Case) -> tuple[AccountRow, ...]:
    """List the accounts of all groups, the surest first.

    Args:
        case: The result of a scan.

    Returns:
        One row an account and group; permitted groups come last.
    """
    listed = _rows(case.campaigns)
    listed.sort(key=lambda row: (-row.member.probability, row.member.account_id))
    return (*listed, *_rows(case.permitted_groups))


def _rows(groups: Iterable[Campaign]) -> list[AccountRow]:
    return [AccountRow(group=group, member=member) for group in groups for member in group.members]


def account_data(
    case: Case, rows: Sequence[AccountRow], pictures: Sequence[Picture | None]
) -> dict[str, Any]:
    """Lay the accounts out for the page's script.

    Args:
        case: The result of a scan.
        rows: From ``account_rows``.
        pictures: The picture of each group, campaigns first.

    Returns:
        Plain values: columns of numbers, and the texts that they point to.
    """
    groups = (*case.campaigns, *case.permitted_groups)
    number_of = {id(group): number for number, group in enumerate(groups)}
    texts = _Texts()
    columns = _columns(rows, texts)
    places = [picture.places if picture else () for picture in pictures]
    at = {(id(row.group), row.member.account_id): n for n, row in enumerate(rows)}
    order = {id(group): {m.account_id: n for n, m in enumerate(group.members)} for group in groups}
    columns |= {
        "group": [number_of[id(row.group)] for row in rows],
        "place": [
            places[number_of[id(row.group)]][order[id(row.group)][row.member.account_id]]
            for row in rows
        ],
        "links": [_links(row, at, texts) for row in rows],
    }
    described = [_group(group, texts) for group in groups]
    return {
        "bands": BANDS,
        "groups": described,
        "columns": columns,
        "texts": texts.shown(),
        "cells": texts.cells(),
    }


def _columns(rows: Sequence[AccountRow], texts: _Texts) -> dict[str, list[Any]]:
    members = [row.member for row in rows]
    return {
        "id": [texts.number(member.account_id) for member in members],
        "org": [texts.number(member.org_id) for member in members],
        "linked": [member.linked_probability for member in members],
        "chance": [member.probability for member in members],
        "band": [BANDS.index(member.band) for member in members],
        "use": [texts.number(member.permitted_use) for member in members],
        "exchanges": [member.exchanges for member in members],
        "harvest": [member.harvest_exchanges for member in members],
        "tokens": [member.output_tokens for member in members],
        "first": [texts.number(member.first_seen) for member in members],
        "last": [texts.number(member.last_seen) for member in members],
        "reason": [texts.number(member.top_reason) for member in members],
        "weights": [_weights(member, texts) for member in members],
    }


def _weights(member: Member, texts: _Texts) -> list[int]:
    """List label and tenths of the strongest weights, one after the other; the rest as a sum."""
    held = [weight for weight in member.weights if weight.available]
    held.sort(key=lambda weight: (weight.signal != "prior", -abs(weight.bits), weight.signal))
    flat = []
    for weight in held[:MOST_WEIGHTS]:
        flat += [texts.number(weight.label or weight.signal), tenths(weight.bits)]
    left = held[MOST_WEIGHTS:]
    if left:
        words = f"{len(left)} more"
        flat += [texts.number(words), sum(tenths(weight.bits) for weight in left)]
    return flat


def _links(row: AccountRow, at: dict[tuple[int, str], int], texts: _Texts) -> list[int]:
    """List other account's row, reason and tenths of each link; links that leave are left out."""
    flat = []
    for link in row.member.links:
        other = at.get((id(row.group), link.other_account_id))
        if other is not None:
            flat += [other, texts.number(link.reason), tenths(link.bits)]
    return flat


def _group(group: Campaign, texts: _Texts) -> dict[str, Any]:
    return {
        "id": texts.number(group.campaign_id),
        "operator": texts.number(group.operator_id),
        "what": texts.number(group.what),
        "distilling": group.distillation_probability,
        "permitted": group.permitted,
    }


def embedded(data: Any) -> str:
    """Write data as JSON that may stand inside a script element.

    Args:
        data: Plain values.

    Returns:
        JSON without ``<``, ``>``, ``&`` and without invisible characters.
    """
    return json_document(msgspec.json.encode(data).decode())
