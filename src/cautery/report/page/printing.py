"""Prints a page as PDF: by the extra ``pdf``, or else with the Chromium of this machine.

Chromium prints a file by itself (``--headless --print-to-pdf``), so no library is needed. It gets
a page without a script, runs in a profile of its own that is gone afterwards, and has every host
name mapped to nothing; the page's own policy allows no request either.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from cautery.errors import MissingExtraError, OutputError
from cautery.report.page.files import refuse_other_file, write_whole
from cautery.report.page.typesetting import can_typeset, typeset

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
"""Names under which a Chromium is looked for."""

MOST_SECONDS: Final = 120
"""How long printing may take: 24,000 accounts take a few."""


def print_page(page: str, target: Path, *, browser: str = "") -> None:
    """Print a page to a PDF file of A4 pages.

    Args:
        page: From ``render_page``, best without its script.
        target: The file; an earlier PDF there is replaced.
        browser: Path or name of a Chromium, to print with that one; if empty the extra ``pdf``
            prints, and where that is not installed, a Chromium found by its usual names.

    Raises:
        MissingExtraError: There is neither.
        OutputError: It fails or takes too long, or the file cannot be written.
    """
    target = Path(target)
    refuse_other_file(target, b"%PDF-")
    if not browser and can_typeset():
        write_whole(typeset(page), target)
    else:
        write_whole(_by_browser(page, find_browser(browser)), target)


def _by_browser(page: str, program: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="cautery-print-", ignore_cleanup_errors=True) as folder:
        source, printed = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_text(page, encoding="utf-8")
        _run(_words(program, source, printed, Path(folder) / "profile"))
        if not printed.is_file() or not printed.stat().st_size:
            raise OutputError("the browser printed nothing", where=program)
        return printed.read_bytes()


def find_browser(browser: str = "") -> str:
    """Find a Chromium.

    Args:
        browser: Path or name; the usual names are tried if empty.

    Returns:
        Its path.

    Raises:
        MissingExtraError: There is none.
    """
    for name in (browser,) if browser else BROWSERS:
        found = shutil.which(name)
        if found is not None:
            return found
    raise MissingExtraError(
        f"there is no browser '{browser}'"
        if browser
        else "printing wants the extra pdf or a Chromium, and neither is installed",
        hint="pip install 'cautery[pdf]', or on Debian apt install chromium. Or open report.html "
        "in any browser and print it.",
    )


def _words(program: str, source: Path, printed: Path, profile: Path) -> list[str]:
    words = [
        program,
        "--headless",
        "--disable-gpu",
        "--disable-extensions",
        "--disable-background-networking",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--no-pdf-header-footer",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={profile}",
        f"--print-to-pdf={printed}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # As root Chromium does not start with its sandbox; the page has no script to jail.
        words.append("--no-sandbox")
    return [*words, source.as_uri()]


def _run(words: list[str]) -> None:
    try:
        result = subprocess.run(  # noqa: S603 - a browser of this machine, and words of our own
            words, check=False, capture_output=True, timeout=MOST_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise OutputError(
            f"printing took more than {MOST_SECONDS} seconds", where=words[0]
        ) from error
    except OSError as error:
        raise OutputError(f"cannot be started: {error.strerror}", where=words[0]) from error
    if result.returncode:
        said = result.stderr.decode(errors="replace").strip().splitlines()
        raise OutputError(
            f"the browser failed: {said[-1][:200] if said else result.returncode}", where=words[0]
        )
