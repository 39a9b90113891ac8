"""``cautery watermark detect``: test texts for a watermark."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def detect(
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    profile: Path,
    keys: Path | None = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    across_texts: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Test texts for the watermark of a profile, under one key or thousands.

    Writes a JSON line a text: id, verdict (detected, not detected, too short, not tested), p_value
    of the best key and its logarithm log10_p, statistic, tokens, tokens_scored, key_id,
    corrected_p_value for the best of keys_tested keys. A text is detected if the corrected p-value
    is at most the profile's false_positive_rate.

    Args:
        file: JSON Lines, each with id and either token_ids or text; - is standard input.
        profile: What the engine was told: scheme, parameters, tokenizer.
        keys: The keys to test for. There is no default key.
        output: Write here instead of to standard output, whole or not at all.
        across_texts: A passage that an earlier text of the file had counts once.

    Returns:
        The exit code.
    """
    from cautery.cli.watermark.detect_run import run_detect

    return run_detect(file, profile, keys, output, across_texts=across_texts)
