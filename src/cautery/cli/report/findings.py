"""``cautery report findings``: the findings of a case, for a SIEM."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import Parameter

OPENINGS: Final = {"ocsf": b'{"category_uid":2', "ecs": b'{"@timestamp":"'}
"""How a file of ours begins, so that nobody else's is replaced."""


def findings(
    case: Path,
    /,
    *,
    format: Literal["ocsf", "ecs"] = "ocsf",  # noqa: A002 - as elsewhere
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
) -> int:
    """Write the findings of a case for a SIEM, one a line: campaigns and their accused accounts.

    Permitted groups and near misses are no findings. `accounts.csv` and `campaigns.csv`, which
    `cautery scan` writes, are the same for spreadsheets.

    Args:
        case: Folder that `cautery scan` wrote, or the case.json in it.
        format: ocsf, Detection Finding of OCSF 1.6; or ecs, Elastic Common Schema.
        out: The file to write; standard output if nobody says.

    Returns:
        The exit code.
    """
    from cautery.cli.exits import Exit, printable
    from cautery.registry import REPORT_FORMATS
    from cautery.report.load import read_case_document
    from cautery.report.page.files import refuse_other_file, write_whole

    found, _ = read_case_document(case)
    stream = io.StringIO()
    REPORT_FORMATS.load(format).write(found, stream)
    if out is None:
        sys.stdout.write(stream.getvalue())
        return Exit.RAN
    refuse_other_file(out, OPENINGS[format])
    write_whole(stream.getvalue().encode(), out)
    print(f"wrote {printable(str(out))}", file=sys.stderr)
    return Exit.RAN
