"""What ``cautery demo`` does: generate, scan, score."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from cautery.cli.demo_traffic import TIERS, write_traffic
from cautery.cli.exits import Exit, printable
from cautery.cli.small_memory import keep_little_memory
from cautery.errors import OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.cli.scan_request import ScanRequest
    from cautery.simulate.score import Scoreboard

LEAST_ACCOUNTS: Final = 1000
"""Below this each tier's log is too small to hold every class of honest accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFolders:
    """Where a demo writes."""

    traffic: Path
    """What a gateway and a billing system would have."""
    truth: Path
    """Who is behind each account; the scan does not look here."""
    results: Path
    """What the scan found."""


def run_demo(
    output: Path, *, seed: int, accounts: int, silent: bool, stdout: TextIO, stderr: TextIO
) -> int:
    """Generate traffic, scan it as ``cautery scan`` does, and score the result.

    Args:
        output: Folder for everything; one of an earlier demo is replaced.
        seed: Seed of the traffic.
        accounts: Accounts in the traffic.
        silent: Show no progress.
        stdout: Where the report and the scoreboard go.
        stderr: Where progress goes.

    Returns:
        The exit code of the scan.

    Raises:
        UsageError: Too few accounts.
        OutputError: The folder holds something else, or cannot be written.
    """
    keep_little_memory()
    from cautery.cli.scan_run import run_scan
    from cautery.simulate.score import score

    if accounts < LEAST_ACCOUNTS:
        raise UsageError(
            f"{accounts} accounts are too few for a demo", hint=f"Ask for {LEAST_ACCOUNTS} or more."
        )
    folders = prepare_folders(output)
    write_traffic(folders.traffic, seed=seed, accounts=accounts, silent=silent, messages=stderr)
    code = run_scan(_request(folders, silent=silent), stdout, stderr)
    if code != Exit.RAN:
        return code
    board = score(folders.truth, folders.results)
    stdout.writelines(f"{line}\n" for line in ["", *scoreboard_lines(board)])
    stdout.writelines(f"{line}\n" for line in ["", *next_lines(folders)])
    return Exit.RAN


def prepare_folders(output: Path) -> DemoFolders:
    """Make the folders of a demo, in place of those of an earlier one.

    Args:
        output: Folder for everything.

    Returns:
        The folders; traffic and results are empty.

    Raises:
        OutputError: The folder holds something that no demo wrote, or cannot be written.
    """
    folders = DemoFolders(
        traffic=output / "traffic", truth=output / "traffic" / "truth", results=output / "out"
    )
    known = {folders.traffic.name, folders.results.name}
    try:
        strangers = [path.name for path in output.iterdir() if path.name not in known]
    except FileNotFoundError:
        strangers = []
    except OSError as error:
        raise OutputError(f"cannot be used: {error.strerror}", where=str(output)) from error
    if strangers:
        raise OutputError(
            "the folder holds something that no demo wrote",
            where=str(output),
            hint="Choose another folder with --output.",
        )
    try:
        for folder in (folders.traffic, folders.results):
            shutil.rmtree(folder, ignore_errors=True)
        folders.truth.mkdir(parents=True)
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", where=str(output)) from error
    return folders


def _request(folders: DemoFolders, *, silent: bool) -> ScanRequest:
    from cautery.cli.scan_request import ScanRequest
    from cautery.ingest.options import IngestOptions

    return ScanRequest(
        options=IngestOptions(logs=tuple(str(path) for path in _logs(folders))),
        account_table=folders.traffic / "accounts.csv",
        release_table=folders.traffic / "releases.csv",
        output_folder=folders.results,
        silent=silent,
    )


def _logs(folders: DemoFolders) -> list[Path]:
    return sorted(folders.traffic.glob("exchanges*"))


def scoreboard_lines(board: Scoreboard) -> Iterator[str]:
    """Compare what was found with what was planted.

    Args:
        board: The scoreboard.

    Yields:
        Lines of at most 80 columns.
    """
    likely = next(band for band in board.bands if band.band == "likely")
    planted = [name.replace("_", " ") for name, _ in TIERS]
    classes = sorted(board.negative_classes, key=lambda row: row.name)
    alike = [row for row in classes if row.name != "ordinary"]
    passed = sum(row.listed == 0 for row in alike)
    yield f"truth, which the scan did not see (tiers planted: {', '.join(planted)})"
    yield f"  campaigns found     {board.campaigns.hits:>5,} of {board.campaigns.true_groups:,}"
    yield f"  accounts found      {likely.true_positives:>5,} of {board.attackers:,}"
    yield f"  honest accused      {likely.false_positives:>5,} of {board.honest:,}"
    yield f"  look-alikes passed  {passed:>5,} of {len(alike):,} classes"
    width = max((len(row.name) for row in classes), default=0)
    for row in classes:
        verdict = "passed" if not row.listed else f"{row.listed:,} accused"
        yield f"    {row.name.replace('_', ' '):<{width}}  {row.accounts:>6,} accounts  {verdict}"
    yield "  found and accused: listed at `likely` or `very likely`"


def next_lines(folders: DemoFolders) -> Iterator[str]:
    """Say what to do next, with one's own log.

    Args:
        folders: Where this demo wrote.

    Yields:
        Lines for people.
    """
    results = printable(str(folders.results))
    yield "next"
    yield f"  the whole report    cautery report open {results}"
    yield f"  why one account     cautery explain ACCOUNT --on {results}"
    yield f"                      (ACCOUNT from {printable(str(folders.results / 'accounts.csv'))})"
    yield "  your own log        cautery scan YOUR.log -o out"
    yield "                      reads LiteLLM, OTLP, archived bodies ...: cautery list formats"
    yield "                      with --accounts accounts.csv it also links by payment and sign-up"
