"""``cautery resist evaluate``: teach students under each defence, and compare."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

_Names = Annotated[tuple[str, ...], Parameter(negative="", consume_multiple=True)]
_Seeds = Annotated[tuple[int, ...], Parameter(negative="", consume_multiple=True)]


def evaluate(
    *,
    defence: _Names = (),
    tiers: Path | None = None,
    laboratory: Literal["tables", "neural"] = "tables",
    seeds: _Seeds = (1, 2, 3, 4, 5),
    requests: int = 300,
    choices: int = 2,
    test_questions: int = 300,
    output_format: Literal["human", "json"] = "human",
    no_progress: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Teach passive and adaptive students under each defence, and say what everybody loses.

    The teacher adds numbers with written working; students are tables of counts, or small
    transformers. No defence is called effective unless the adaptive student shows it.

    Args:
        defence: Defences to try, each with its defaults; + joins several, such as
            drop-logprobs+hide-reasoning. All of them one by one if neither this nor --tiers is
            given.
        tiers: A file of tiers; each tier is tried.
        laboratory: tables takes a minute or two. neural wants pip install 'cautery[lab]' and takes
            about ten minutes for each defence; it knows antidistillation-sampling too.
        seeds: Of the trial, at least two; everything is drawn anew for each.
        requests: Questions that a harvest asks.
        choices: Texts that it asks for with each.
        test_questions: Questions that students, and honest clients, are tried on.
        output_format: json writes one document for programs.
        no_progress: Show no progress.

    Returns:
        The exit code.
    """
    from cautery.cli.progress import progress_for
    from cautery.cli.resist.evaluate_run import evaluate_lines
    from cautery.resist.laboratory.trial import TrialSize

    size = TrialSize(seeds=seeds, requests=requests, choices=choices, test_questions=test_questions)
    with progress_for(sys.stderr, silent=no_progress) as progress:
        lines = evaluate_lines(
            defence,
            tiers,
            laboratory=laboratory,
            size=size,
            output_format=output_format,
            progress=progress,
        )
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0
