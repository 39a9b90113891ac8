"""``cautery watermark power``: say how many tokens a text must have."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter


def power(
    *,
    profile: Path,
    keys_tested: int = 1,
    entropy: float = 0.83,
    power: float = 0.9,
    tokens: Annotated[tuple[int, ...], Parameter(negative="", consume_multiple=True)] = (),
    output_format: Literal["human", "json"] = "human",
) -> int:
    """Say how many tokens a marked text must have to be detected, and with what chance.

    Args:
        profile: Scheme, parameters and false-positive rate.
        keys_tested: Keys that a text is tested for at once; each is corrected for all.
        entropy: Of the served model's next token, in nats, mean over a text. 0.83 is the less
            certain half of chat answers of a small model at temperature 0.9.
        power: Wanted chance to detect a marked text.
        tokens: Numbers of scored tokens to tell the chance for; a ladder if left out.
        output_format: json writes one document for programs.

    Returns:
        The exit code.
    """
    from cautery.cli.watermark.power_run import Question, power_lines

    asked = Question(keys_tested=keys_tested, entropy=entropy, power=power, tokens=tokens)
    sys.stdout.writelines(f"{line}\n" for line in power_lines(profile, asked, output_format))
    return 0
