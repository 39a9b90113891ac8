"""``cautery provenance text``: say whose keys marked a text, with a certificate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from cautery.cli.provenance.key_options import KeyOptions


def text(
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    testing: KeyOptions,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    output_format: Literal["human", "json"] = "human",
) -> int:
    """Say whose keys marked a text: every profile, epoch and key, corrected together.

    Keys come from key files, one for each profile in the same order, or from a ring, which derives
    the shared key and those of accounts and campaigns for each epoch of the profile.

    Args:
        file: A text, or a JSON file of one object with token_ids or text; .jsonl has one a line;
            - is a text on standard input.
        testing: Which keys are tested for.
        output: Write the certificate here, as JSON; one a line for .jsonl.
        output_format: json prints the certificate instead of a summary.

    Returns:
        The exit code.
    """
    from cautery.cli.provenance.text_run import certify_file, keys_of

    lines = certify_file(file, keys_of(testing), output, output_format)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0
