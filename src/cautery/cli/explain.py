"""``cautery explain``: why an account is where it is, or how one log line is read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable

OUTPUT_FOLDER: Final = Path("cautery-out")
"""Where ``cautery scan`` writes if nobody says where."""


def explain(
    account: str | None = None,
    *,
    on: Path = OUTPUT_FOLDER,
    to: str | None = None,
) -> int:
    """Explain an account's verdict.

    Args:
        account: The account, as the log or the screen names it.
        on: Folder that `cautery scan` wrote.
        to: Another account: say why the two are linked.

    Returns:
        The exit code.
    """
    from cautery.cli.exits import Exit
    from cautery.errors import UsageError

    if account is None:
        raise UsageError("no account was named", hint="cautery explain ACCOUNT --on FOLDER.")
    explain_account(account, on, sys.stdout, other=to)
    return Exit.RAN


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
