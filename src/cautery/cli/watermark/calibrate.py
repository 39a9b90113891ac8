"""``cautery watermark calibrate``: measure false alarms on your own texts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter


def calibrate(
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    profile: Path,
    wrong_keys: int = 1_000,
    seed: int = 0,
    output_format: Literal["human", "json"] = "human",
) -> int:
    """Measure false alarms on your own texts, with keys that marked nothing.

    Says of each way of leaving repetitions out (deduplicate in a profile) how often such keys
    reach p-values of 1e-2, 1e-3 and 1e-4, with 95 % intervals, and whether that is what was
    promised. Texts may be marked or not: the keys are drawn anew.

    Args:
        file: JSON Lines as for `cautery watermark detect`; - is standard input.
        profile: Scheme, parameters, tokenizer.
        wrong_keys: Keys to draw; each is tried on each text.
        seed: Same seed, same keys.
        output_format: json writes one document for programs.

    Returns:
        The exit code.
    """
    from cautery.cli.watermark.calibrate_run import calibration_lines

    lines = calibration_lines(file, profile, wrong_keys, seed, output_format)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0
