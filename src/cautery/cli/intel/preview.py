"""``cautery intel preview``: say what an export would share."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from cautery.cli.intel.sharing_options import SHARING, SharingOptions


def preview(
    case: Path,
    *,
    provider: str = "you",
    sharing: SharingOptions = SHARING,
    output_format: Literal["human", "json"] = "human",
) -> int:
    """Say field by field what an export would share, and what it would not. Nothing leaves.

    Args:
        case: Folder that a scan wrote.
        provider: As for `cautery intel export`.
        sharing: What is shared, and how.
        output_format: json writes one document.

    Returns:
        The exit code.
    """
    from cautery.cli.intel.preview_run import show_preview
    from cautery.cli.intel.sharing_run import ShareRequest

    request = ShareRequest(case=case, provider=provider, options=sharing)
    return show_preview(request, machine=output_format == "json")
