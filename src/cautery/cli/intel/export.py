"""``cautery intel export``: write a case for peers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cautery.cli.intel.sharing_options import SHARING, SharingOptions

Output = Annotated[Path | None, Parameter(name=["--output", "-o"], allow_leading_hyphen=True)]


def export(
    case: Path,
    *,
    provider: str,
    format: str = "stix",  # noqa: A002 - as in `cautery scan`
    sharing: SharingOptions = SHARING,
    output: Annotated[
        Path | None, Parameter(name=["--output", "-o"], allow_leading_hyphen=True)
    ] = None,
) -> int:
    """Write a case for peers: numbers of its campaigns, and values that are keyed.

    Prompts, answers, e-mail addresses, payment tokens and account identifiers never leave in
    clear. `cautery intel preview` lists what is shared and what is not, with the same options.

    Args:
        case: Folder that a scan wrote.
        provider: Name under which it is shared.
        format: Name of the sharing format; see `cautery list sharing`.
        sharing: What is shared, and how.
        output: The file, or - for standard output; in the case's folder if left out.

    Returns:
        The exit code.
    """
    from cautery.cli.intel.sharing_run import ShareRequest, export_case

    request = ShareRequest(case=case, provider=provider, options=sharing)
    return export_case(request, format, output)
