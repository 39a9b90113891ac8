"""``cautery report open``: the page of a case in a browser, or where it is."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path


def open_(case: Path = Path("cautery-out"), /, *, show: bool = True) -> int:
    """Open the report of a case in a browser; it is written first if it is not there.

    On a machine without a screen the path is printed, and how to look at it from another one.

    Args:
        case: The folder that `cautery scan` wrote, or a page.
        show: Start a browser; --no-show prints the path only.

    Returns:
        The exit code.

    Raises:
        NoInputError: There is no such page.
    """
    from cautery.cli.exits import Exit
    from cautery.errors import NoInputError
    from cautery.report.sanitise import terminal_text

    page = case if case.suffix.lower() == ".html" else _page_of(case)
    if not page.is_file():
        raise NoInputError("there is no page here", where=str(page))
    address = page.resolve().as_uri()
    print(page)
    if show and _has_screen() and webbrowser.open(address):
        return Exit.RAN
    folder = terminal_text(str(page.resolve().parent))
    print(
        f"no browser was started; open {address}\n"
        f"or, from another machine, through a tunnel to this one:\n"
        f"  python -m http.server --bind 127.0.0.1 --directory '{folder}' 8700",
        file=sys.stderr,
    )
    return Exit.RAN


def _page_of(case: Path) -> Path:
    """Find the page of a case, and write it if it is not there or older than the case."""
    from cautery.report.load import read_case_document
    from cautery.report.page.document import render_page
    from cautery.report.page.files import write_page

    document = case / "case.json" if case.is_dir() else case
    page = document.parent / "report.html"
    fresh = (
        page.is_file()
        and document.is_file()
        and page.stat().st_mtime_ns >= document.stat().st_mtime_ns
    )
    if not fresh:
        found, _ = read_case_document(document)
        write_page(render_page(found), page)
    return page


def _has_screen() -> bool:
    """Tell whether a browser could show anything here."""
    return sys.platform == "darwin" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
