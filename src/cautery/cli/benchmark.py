"""``cautery benchmark``: score results against the truth, and replay a log day by day."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter

benchmark: Final = App(
    name="benchmark", help="Score results against the truth.", help_format="plaintext"
)
"""The verb; its own verbs are below."""


@benchmark.command
def score(truth: Path, results: Path, *, output_format: Literal["human", "json"] = "human") -> int:
    """Score a scan against the truth of a simulation.

    Args:
        truth: The truth folder of the log that was scanned: DIR/truth.
        results: The folder that `cautery scan -o` wrote.
        output_format: json writes one document for programs.

    Returns:
        The exit code.
    """
    from cautery.simulate.score import score as score_results
    from cautery.simulate.score_text import scoreboard_json, scoreboard_text

    scoreboard = score_results(truth, results)
    write = scoreboard_json if output_format == "json" else scoreboard_text
    sys.stdout.write(write(scoreboard) + "\n")
    return 0


@benchmark.command
def replay(
    folder: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    step: int = 1,
    seed: int = 0,
    no_progress: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Scan a simulation's log day by day, and note when each account is first listed.

    Day k holds everything up to its end. Give the folder as OUT to `cautery benchmark score`
    afterwards and the scoreboard says how much was served before the first alert.

    Args:
        folder: What `cautery simulate -o` wrote.
        output: Folder for replay.csv and replay.json, for example that of the scan.
        step: Scan every so many days.
        seed: Seed of the scans.
        no_progress: Show no progress.

    Returns:
        The exit code.
    """
    from cautery.cli.progress import progress_for
    from cautery.simulate.score_replay import replay as replay_log

    with progress_for(sys.stderr, silent=no_progress) as progress:
        result = replay_log(folder, output, progress, seed=seed, step_days=step)
    print("day         exchanges  accounts  at likely or above  campaigns")
    for day in result.days:
        numbers = f"{day.exchanges:>9,}  {day.accounts:>8,}  {day.listed:>18,}"
        print(f"{day.day}  {numbers}  {day.campaigns:>9,}")
    return 0
