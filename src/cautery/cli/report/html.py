"""``cautery report html``: the page of a case, and the same printed as PDF."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def html(
    case: Path,
    /,
    *,
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    pdf: bool = False,
    marking: str = "",
    browser: str = "",
) -> int:
    """Write the report of a case as one self-contained page, which opens offline.

    It is made from `case.json` alone.

    Args:
        case: `case.json`, or the folder that `cautery scan` wrote.
        out: The file to write; report.html (or report.pdf) beside case.json if nobody says.
        pdf: Print the page as PDF, by the extra `pdf`; without it with the Chromium of this
            machine.
        marking: How far the report may travel, printed on it: TLP:CLEAR, TLP:GREEN, TLP:AMBER,
            TLP:AMBER+STRICT or TLP:RED.
        browser: Print with this Chromium, not by the extra.

    Returns:
        The exit code.
    """
    from cautery.cli.exits import Exit
    from cautery.report.load import read_case_document
    from cautery.report.page.document import render_page
    from cautery.report.page.files import write_page
    from cautery.report.page.printing import print_page

    folder = case if case.is_dir() else case.parent
    found, _ = read_case_document(case)
    page = render_page(found, marking=marking, scripted=not pdf)
    target = out or folder / ("report.pdf" if pdf else "report.html")
    if pdf:
        print_page(page, target, browser=browser)
    else:
        write_page(page, target)
    print(f"wrote {target}", file=sys.stderr)
    return Exit.RAN
