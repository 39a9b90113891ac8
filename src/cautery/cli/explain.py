"""``cautery explain``: why an account is where it is, or how one log line is read."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TextIO

from cyclopts import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable

OUTPUT_FOLDER: Final = Path("cautery-out")
"""Where ``cautery scan`` writes if nobody says where."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class AppealOptions:
    """How a decision is repeated for an account's holder."""

    replay: Annotated[
        Path | None,
        Parameter(
            help=(
                "An evidence pack, a folder of results or a case.json: repeat the decision "
                "about the account from it, and write what its holder may be told, with nothing "
                "about others."
            ),
        ),
    ] = None
    contact: str = ""
    """Whom the holder may appeal to, for the letter."""
    group_figures: Annotated[bool, Parameter(negative="")] = False
    """Tell the holder what was seen of the group, too: counts, without names."""
    trusted_key: Annotated[tuple[Path, ...], Parameter(negative="")] = ()
    """Public key that the pack must be signed with; may be given several times."""


APPEAL: Final = AppealOptions()
"""What holds if nothing is said."""


def explain(
    account: str | None = None,
    /,
    *,
    on: Path = OUTPUT_FOLDER,
    to: str | None = None,
    line: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    format: str = "auto",  # noqa: A002 - the option's name in contracts.md
    mapping: Path | None = None,
    appeal: AppealOptions = APPEAL,
) -> int:
    """Explain an account's verdict, repeat it for an appeal, or say how a log line is read.

    Args:
        account: The account, as the log or the screen names it.
        on: Folder that `cautery scan` wrote.
        to: Another account: say why the two are linked.
        line: FILE, FILE:NUMBER or -: show how that line of a log is read, field by field.
        format: Name of the line's log format; see `cautery list formats`. With --replay how the
            answer is written: text, markdown or json.
        mapping: Mapping file for a line of one's own make.
        appeal: How a decision is repeated for an account's holder.

    Returns:
        The exit code.
    """
    from cautery.cli.exits import Exit
    from cautery.errors import UsageError

    if (account is None) == (line is None):
        raise UsageError(
            "an account or a line can be explained, one at a time",
            hint="cautery explain ACCOUNT --on FOLDER, or cautery explain --line FILE:NUMBER.",
        )
    if appeal.replay is None and appeal != APPEAL:
        raise UsageError("--contact, --group-figures and --trusted-key go with --replay")
    if account is not None and appeal.replay is not None:
        if to is not None:
            raise UsageError("an answer to one customer names no other account: leave --to out")
        return _replayed(account, appeal.replay, format, appeal)
    if account is not None:
        explain_account(account, on, sys.stdout, other=to)
    elif line is not None:
        from cautery.cli.explain_line import explain_log_line
        from cautery.report.style import style_for

        style = style_for(sys.stdout)
        _print(explain_log_line(line, format, mapping, sys.stdin.buffer, style), sys.stdout)
    return Exit.RAN


def _replayed(account: str, source: Path, output_format: str, appeal: AppealOptions) -> int:
    from cautery.cli.explain_replay import ReplayRequest, replay_account

    return replay_account(
        ReplayRequest(
            account=account,
            source=source,
            output_format=output_format,
            contact=appeal.contact,
            group_figures=appeal.group_figures,
            trusted_keys=appeal.trusted_key,
        ),
        sys.stdout,
    )


def explain_account(name: str, folder: Path, output: TextIO, *, other: str | None = None) -> None:
    """Tell the story of an account of a scan.

    Args:
        name: The account.
        folder: Folder that a scan wrote.
        output: Where to.
        other: Another account, to say why the two are linked.

    Raises:
        CauteryError: There are no results, or no such account in them.
    """
    from cautery.report.account_finder import find_account
    from cautery.report.account_story import story_lines
    from cautery.report.load import read_case
    from cautery.report.style import style_for

    case = read_case(folder)
    found = find_account(case, name)
    counterpart = find_account(case, other) if other is not None else None
    _print(story_lines(case, found, style_for(output), other=counterpart), output)


def _print(lines: Iterable[str], output: TextIO) -> None:
    output.writelines(f"{line}\n" for line in lines)
    output.flush()
