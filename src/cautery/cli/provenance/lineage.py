"""``cautery provenance lineage``: say whether a suspect model descends from a teacher."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cautery.cli.provenance.endpoint_options import SHOWING, ShowingOptions
from cautery.cli.provenance.model_options import ASKING, RECORDING, AskingOptions, LedgerOptions


def lineage(
    *,
    suspect: str,
    teacher: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    control: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    level: float = 0.01,
    top_logprobs: int = 0,
    collect_only: Annotated[bool, Parameter(negative="")] = False,
    asking: AskingOptions = ASKING,
    recording: LedgerOptions = RECORDING,
    showing: ShowingOptions = SHOWING,
) -> int:
    """Say whether a suspect's next tokens betray a teacher, without any watermark.

    Compares the suspect's answers to random prompts with those of presumed teachers, against at
    least three unrelated control models. Prints the chance if it is unrelated, how often the
    controls themselves are accused, what this sample could show, and the limits.

    Args:
        suspect: Answers of the suspect (JSON lines with id and text or first_tokens), or the
            address of its endpoint, up to the version (https://host/v1). An endpoint is asked at
            temperature 0 for at most 16 tokens.
        teacher: Answers of a presumed teacher to the same prompts; may be given several times.
        control: Answers of a model that is related to neither; at least three.
        level: Chance that any teacher is named wrongly.
        top_logprobs: Likeliest first tokens that an endpoint is asked for, up to 5; 0 for one
            that gives none.
        collect_only: Ask the endpoint and test nothing: so the answers of teachers and controls
            are collected too.
        asking: How an endpoint is asked.
        recording: Where the report is recorded.
        showing: Where the report goes.

    Returns:
        The exit code.
    """
    from cautery.cli.provenance.lineage_run import LineageRequest, run_lineage

    request = LineageRequest(
        suspect=suspect,
        teachers=teacher,
        controls=control,
        level=level,
        top_logprobs=top_logprobs,
        collect_only=collect_only,
        asking=asking,
        recording=recording,
        showing=showing,
    )
    lines = run_lineage(request)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0
