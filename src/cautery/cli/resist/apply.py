"""``cautery resist apply``: change answers as a risk tier's defences would."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def apply(
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    tiers: Path,
    tier: str,
    audit: Path | None = None,
) -> int:
    """Change answers as a risk tier's defences would; what an engine does while it samples is not.

    Args:
        file: JSON Lines: objects with choices, each with text and maybe reasoning; - is standard
            input.
        tiers: The file of tiers.
        tier: Which of them.
        audit: Write what each defence changed here, as JSON Lines: counts, no text.

    Returns:
        The exit code.
    """
    from cautery.cli.resist.apply_run import apply_lines

    sys.stdout.writelines(f"{line}\n" for line in apply_lines(file, tiers, tier, audit))
    return 0
