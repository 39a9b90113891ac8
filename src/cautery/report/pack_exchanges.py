"""The list of exchanges of an evidence pack, against the case that it belongs to."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING, Final

from cautery.report.sanitise import plain_from_csv

if TYPE_CHECKING:
    from cautery.records.case import Case

EXCHANGE_COLUMNS: Final = ("campaign_id", "account_id", "time_start", "request_id")
"""Columns of ``exchanges.csv``."""


def exchange_faults(case: Case, content: bytes, campaign_id: str = "") -> list[str]:
    """Compare the number of exchanges of every account with the case.

    Args:
        case: The case.
        content: ``exchanges.csv``.
        campaign_id: The group that it is about; all of them if empty.

    Returns:
        What differs, in words; nothing as a rule.
    """
    stated = {
        (group.campaign_id, member.account_id): member.exchanges
        for group in (*case.campaigns, *case.permitted_groups)
        if campaign_id in {"", group.campaign_id}
        for member in group.members
    }
    lines = io.StringIO(content.decode(errors="replace"), newline="")
    reader = csv.reader(lines, strict=True)
    counted: Counter[tuple[str, str]] = Counter()
    try:
        if tuple(next(reader, ())) != EXCHANGE_COLUMNS:
            return ["its columns are other ones"]
        for cells in reader:
            if len(cells) != len(EXCHANGE_COLUMNS):
                return [f"line {reader.line_num} has {len(cells)} cells"]
            counted[plain_from_csv(cells[0]), plain_from_csv(cells[1])] += 1
    except (csv.Error, ValueError) as error:
        return [f"line {reader.line_num} cannot be read: {error}"]
    faults = [
        f"it has {counted[key]:,} exchanges of {key[1][:80]}, the case {stated[key]:,}"
        for key in sorted(stated)
        if counted[key] != stated[key]
    ]
    strange = sorted(set(counted) - set(stated))
    return faults + [f"{key[1][:80]} is no member of {key[0][:80]}" for key in strange]
