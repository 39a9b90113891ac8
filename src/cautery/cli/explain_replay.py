"""What ``cautery explain ACCOUNT --replay`` does."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TextIO

from cautery.cli.exits import Exit, printable
from cautery.errors import InputError, UsageError
from cautery.plain_files import open_plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cautery.records.case import Case
    from cautery.report.account_finder import FoundAccount
    from cautery.report.appeal import Appeal, Sources
    from cautery.report.replay import Replay

LETTERS: Final = ("text", "markdown", "json")
"""How an answer may be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRequest:
    """What was asked for."""

    account: str
    """The account, as the log or the screen names it."""
    source: Path
    """An evidence pack, a folder of results, or the case.json in one."""
    output_format: str
    """One of ``LETTERS``; ``auto`` is text."""
    contact: str
    """Whom to write to."""
    group_figures: bool
    """Tell what was seen of the group, too."""
    trusted_keys: Sequence[Path]
    """Public keys of whoever may have made the pack."""


def replay_account(request: ReplayRequest, output: TextIO) -> Exit:
    """Repeat the decision about an account, and write the answer to its holder.

    Args:
        request: What was asked for.
        output: Where to.

    Returns:
        The exit code: that of a finding if the decision is not reproduced.

    Raises:
        CauteryError: The source cannot be used, or there is no such account.
    """
    from cautery.report.account_finder import find_account
    from cautery.report.appeal import make_appeal

    if request.output_format not in {"auto", *LETTERS}:
        raise UsageError(
            f"an answer is not written as '{printable(request.output_format)}'",
            hint=f"--format {'|'.join(LETTERS)}",
        )
    case, sources = _case_of(request)
    found = find_account(case, request.account)
    replayed = _replayed(found, case.tool.weights_version)
    appeal = make_appeal(
        case,
        found,
        replayed,
        sources,
        contact=request.contact,
        group_figures=request.group_figures,
    )
    output.write(_written(appeal, request.output_format))
    output.flush()
    if not request.contact:
        words = "note: the letter names nobody to appeal to: give --contact"
        print(words, file=sys.stderr)
    return Exit.RAN if replayed is None or replayed.reproduces else Exit.FINDINGS


def _replayed(found: FoundAccount, weights_version: str) -> Replay | None:
    """Repeat the decision, by the rules of the case's version if this is it; None in no group."""
    from cautery.report.replay import replay
    from cautery.report.weighing_rules import AddedUp
    from cautery.scan.reweighing import Reweighing

    if found.campaign is None or found.member is None:
        return None
    rules = Reweighing()
    same = rules.version == weights_version
    weighing = rules if same else AddedUp(rules.version)
    return replay(found.campaign, found.member, weighing, same_rules=same)


def _written(appeal: Appeal, output_format: str) -> str:
    from cautery.report.letter import letter
    from cautery.report.letter_text import markdown_letter, plain_letter

    if output_format == "json":
        import json

        from cautery.report.appeal import appeal_document
        from cautery.report.sanitise import json_document

        document = json.dumps(appeal_document(appeal), indent=2, ensure_ascii=False)
        return json_document(document) + "\n"
    blocks = letter(appeal)
    return markdown_letter(blocks) if output_format == "markdown" else plain_letter(blocks)


def _case_of(request: ReplayRequest) -> tuple[Case, Sources]:
    from cautery.report.appeal import Sources
    from cautery.report.load import read_accounts, read_case_document

    path = request.source
    if path.is_file() and _is_archive(path):
        return _from_pack(request)
    if request.trusted_keys:
        raise UsageError("only a pack is signed: --trusted-key wants one after --replay")
    folder = path if path.is_dir() else path.parent
    case, digest = read_case_document(path)
    case = replace(case, accounts=read_accounts(folder / "accounts.csv"))
    return case, Sources(case_sha256=digest)


def _is_archive(path: Path) -> bool:
    try:
        with open_plain(path) as stream:
            return stream.read(2) == b"PK"
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _from_pack(request: ReplayRequest) -> tuple[Case, Sources]:
    """Read the case of a pack, after the whole pack was verified."""
    from cautery.cli.given_files import read_whole
    from cautery.cli.report.verify_run import MOST_PACK_BYTES
    from cautery.ledger.key_files import load_public_key
    from cautery.report.appeal import Sources
    from cautery.report.evidence_pack import digest
    from cautery.report.pack_verifying import DERIVED, FIGURES, verify_evidence_pack

    content = read_whole(request.source, MOST_PACK_BYTES)
    trusted = [load_public_key(path) for path in request.trusted_keys]
    verdict = verify_evidence_pack(content, trusted=trusted)
    # What does not add up is the replay's to tell; what was changed is not to be replayed. The
    # reports beside the case play no part.
    faults = [
        check
        for check in verdict.checks
        if check.outcome == "does not hold" and check.what not in {FIGURES, DERIVED}
    ]
    if faults or verdict.case is None or verdict.manifest is None:
        raise InputError(
            f"the pack does not hold: {faults[0].what}: {faults[0].said}",
            where=str(request.source),
            hint="See: cautery report verify PACK.zip.",
        )
    signature = next(check for check in verdict.checks if check.what == "signature")
    return verdict.case, Sources(
        case_sha256=verdict.manifest.case.whole_sha256,
        pack_sha256=digest(content),
        signed_by=signature.said.removeprefix("signed by ") if signature.outcome == "holds" else "",
    )
