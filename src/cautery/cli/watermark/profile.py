"""``cautery watermark profile``: check a profile, or write a new one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter

profile: Final = App(
    name="profile", help="Check a profile, or write a new one.", help_format="plaintext"
)
"""The verb; its own verbs are below."""


@profile.command
def check(file: Path, *, output_format: Literal["human", "json"] = "human") -> int:
    """Check a profile and its tokenizer's file, and say what follows from them.

    Args:
        file: The profile.
        output_format: json writes one document for programs.

    Returns:
        The exit code: 3 if the profile is wrong or the tokenizer is another one.
    """
    from cautery.cli.watermark.profile_run import check_lines

    sys.stdout.writelines(f"{line}\n" for line in check_lines(file, output_format))
    return 0


@profile.command
def new(
    scheme: str,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    parameter: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    tokenizer: Path | None = None,
    deduplicate: Literal["none", "context", "context-token", "prf-input"] | None = None,
    false_positive_rate: float = 1e-6,
) -> int:
    """Write a profile, checked, with the digest of its tokenizer.

    Args:
        scheme: One of `cautery list schemes`, with hyphens.
        output: The profile; an earlier one is never replaced, as keys belong to what it says.
        parameter: NAME=VALUE as the engine names it; may be given several times. What is left out
            is the engine's default.
        tokenizer: The engine's tokenizer.json, for texts instead of token ids.
        deduplicate: What counts once only; the scheme's own choice if left out.
        false_positive_rate: Chance that an unmarked text is called detected.

    Returns:
        The exit code.
    """
    from cautery.cli.watermark.profile_run import write_new
    from cautery.watermark.profile_writing import NewProfile, parameter_of

    write_new(
        output,
        NewProfile(
            scheme=scheme,
            parameters=dict(map(parameter_of, parameter)),
            tokenizer=tokenizer,
            deduplicate=deduplicate,
            false_positive_rate=false_positive_rate,
        ),
    )
    return 0
