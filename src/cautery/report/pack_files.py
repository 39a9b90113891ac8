"""The files of an evidence pack that follow from its case."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from cautery.report.csv_rows import Cell, write_rows
from cautery.report.formats import accounts_csv, campaigns_csv, html, json
from cautery.report.pack_archive import ArchiveMember
from cautery.report.pack_probes import PROBE_NAMES
from cautery.report.screen import Outcome, screen_lines
from cautery.report.style import Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.ports import ReportFormat
    from cautery.records.campaign import Campaign
    from cautery.records.case import Case

README: Final = "readme.txt"
EXCHANGES: Final = "exchanges.csv"
PAGE: Final = html.MEMBER.file_name
"""Made with a library for templates, whose versions may write a page differently."""
WORDS: Final[dict[str, str]] = {
    README: "what is in this pack, and how to verify it",
    PAGE: "the findings as one page, which any browser opens offline",
    "report.txt": "the findings as plain text",
    "case.json": "the case: every number and reason",
    "accounts.csv": "one row an account",
    "campaigns.csv": "one row a campaign",
    "pointers.csv": "where in the logs the exchanges are that the findings rest on; no texts",
    EXCHANGES: "every exchange of the accounts: when, and its request; no texts",
    **dict.fromkeys(PROBE_NAMES, "what a probe found of a suspect model"),
    "ledger.json": "decisions about the accounts, proved to be in a ledger",
}
"""Every file that a pack may have, in its order, and what it is."""

POINTER_COLUMNS: Final = (
    "campaign_id",
    "account_id",
    "shows",
    "from_time",
    "to_time",
    "request_id",
    "exchanges",
)
"""Columns of ``pointers.csv``."""

_DERIVED: Final[tuple[ReportFormat, ...]] = (html.MEMBER, campaigns_csv.MEMBER)
"""Formats that are written from the case."""

_README: Final = """\
Evidence pack of cautery
========================

{scope}

{files}
Verify this pack before you rely on it, offline, with a program that you got from somebody else:

    cautery report verify THIS-FILE.zip --trusted-key KEY.pub

KEY.pub is the public key of whoever handed this over. Take it from them by another way than this
file. Without it the pack says only that it is whole, not who made it.

manifest.json has the SHA-256 of every file here, of the logs that were read, and the versions of
the program, its weights and the policy. signature.json, if there is one, is an in-toto statement
about all files in a DSSE envelope, signed with Ed25519.

Chances are chances. A band is no proof, one owner is no guilt, and what the log does not carry is
not clean but unknown. The reports name the nearest innocent explanation of every finding and the
question that decides it. An account's decision can be repeated, with what would have changed it:

    cautery explain ACCOUNT --replay THIS-FILE.zip

This file names accounts. Keep it as you keep personal data.
"""


def case_files(case: Case, excerpt_of: str) -> list[ArchiveMember]:
    """Write the files that follow from a case, but for the case and its accounts themselves.

    Args:
        case: The case, or the excerpt of it.
        excerpt_of: The campaign that was cut out; empty for a whole case.

    Returns:
        The files, in the pack's order.
    """
    derived = [_written(one, case) for one in _DERIVED]
    text = "".join(f"{line}\n" for line in screen_lines(case, Style(), Outcome(everything=True)))
    return [
        ArchiveMember(name="report.txt", content=text.encode()),
        *derived,
        ArchiveMember(name="pointers.csv", content=_pointers(case)),
    ]


def case_contents(case: Case) -> tuple[bytes, bytes]:
    """Write a case as ``case.json`` and ``accounts.csv``.

    Args:
        case: The case.

    Returns:
        Both files.
    """
    return _written(json.MEMBER, case).content, _written(accounts_csv.MEMBER, case).content


def readme(names: list[str], campaign_id: str) -> ArchiveMember:
    """Write what whoever is handed the pack reads first.

    Args:
        names: Files of the pack.
        campaign_id: The campaign that was cut out; empty for a whole case.

    Returns:
        The file.
    """
    scope = (
        f"It holds one campaign of a case, {campaign_id}, and no other accounts."
        if campaign_id
        else "It holds a whole case: what one scan of access logs found."
    )
    width = max(map(len, names), default=0)
    files = "".join(f"{name:<{width}}  {WORDS[name]}\n" for name in names)
    return ArchiveMember(name=README, content=_README.format(scope=scope, files=files).encode())


def in_order(members: list[ArchiveMember]) -> list[ArchiveMember]:
    """Sort files as a pack has them."""
    places = {name: place for place, name in enumerate(WORDS)}
    return sorted(members, key=lambda member: places[member.name])


def _written(report_format: ReportFormat, case: Case) -> ArchiveMember:
    stream = io.StringIO()
    report_format.write(case, stream)
    return ArchiveMember(name=report_format.file_name, content=stream.getvalue().encode())


def _pointers(case: Case) -> bytes:
    stream = io.StringIO()
    groups = (*case.campaigns, *case.permitted_groups)
    write_rows(stream, POINTER_COLUMNS, [row for group in groups for row in _rows(group)])
    return stream.getvalue().encode()


def _rows(group: Campaign) -> Iterator[list[Cell]]:
    """All exchanges of each member, then single ones that a signal points to."""
    for member in group.members:
        span: list[Cell] = [member.first_seen, member.last_seen, "", member.exchanges]
        yield [group.campaign_id, member.account_id, "all exchanges of the account", *span]
    seen: dict[tuple[str, str, str, str], None] = {}
    owners = [group.weights, *(member.weights for member in group.members)]
    for weight in (weight for weights in owners for weight in weights):
        for pointer in weight.pointers:
            one = (pointer.account_id, weight.signal, pointer.time_start, pointer.request_id)
            seen[one] = None
    for account_id, signal, time_start, request_id in seen:
        yield [group.campaign_id, account_id, signal, time_start, time_start, request_id, 1]
