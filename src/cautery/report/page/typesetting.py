"""Typesets a page as PDF with WeasyPrint, of the extra ``pdf``: no browser is needed.

WeasyPrint has no script and keeps to no Content-Security-Policy, so it is given nothing to fetch
with: every address is refused, those of files too. Long texts in narrow cells take it long, and an
attacker may write them, so that it works in a process of its own that is ended in time. It applies
the style of a page to elements, and to a drawing only a style that stands inside it, without
variables; each drawing is therefore given its own.
"""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from functools import cache
from typing import Any, Final

from cautery.errors import MissingExtraError, OutputError
from cautery.report.page.document import joined

MOST_SECONDS: Final = 120
"""How long it may take: 24,000 accounts took 12 seconds."""

_LIGHT: Final = re.compile(r"(--[a-z0-9-]+): light-dark\(([^,()]+),")
_PAPER: Final = {"--paper": "#fff"}
"""What ``print.css`` makes of the palette."""
_HINT: Final = "Print with a Chromium: --browser chromium."
_DRAWING: Final = re.compile(r"<svg [^>]*>")
"""The beginning of a drawing; a text of a log has no ``<`` of its own in a page."""


def can_typeset() -> bool:
    """Tell whether the extra ``pdf`` is there, and Pango, which it wants of the system.

    Returns:
        Whether ``typeset`` would begin.
    """
    return _library() is not None


def typeset(page: str) -> bytes:
    """Typeset a page, in a process of its own.

    Args:
        page: From ``render_page``, without its script.

    Returns:
        The PDF, of A4 pages.

    Raises:
        MissingExtraError: WeasyPrint, or Pango, is not installed.
        OutputError: It fails, or takes too long.
    """
    if not can_typeset():
        raise MissingExtraError(
            "typesetting needs WeasyPrint, and Pango of the system",
            hint="pip install 'cautery[pdf]'; on Debian also apt install libpangoft2-1.0-0.",
        )
    # -P: nothing in the folder that somebody works in is taken for a module.
    words = [sys.executable, "-P", "-m", __name__]
    try:
        result = subprocess.run(  # noqa: S603 - this interpreter, and words of our own
            words, check=False, capture_output=True, timeout=MOST_SECONDS, input=page.encode()
        )
    except subprocess.TimeoutExpired as error:
        raise OutputError(
            f"typesetting took more than {MOST_SECONDS} seconds", hint=_HINT
        ) from error
    if result.returncode or not result.stdout.startswith(b"%PDF-"):
        said = result.stderr.decode(errors="replace").strip().splitlines()
        why = said[-1][:200] if said else str(result.returncode)
        raise OutputError(f"typesetting failed: {why}", hint=_HINT)
    return result.stdout


def typeset_here(page: str) -> bytes:
    """Typeset a page in this process, however long it takes.

    Args:
        page: As for ``typeset``.

    Returns:
        The PDF.
    """
    library = _library()
    # Not one protocol is allowed: a page is whole, and what asks for more was put in.
    fetcher = library.urls.URLFetcher(allowed_protocols=())
    document = library.HTML(string=_with_styles(page), base_url=None, url_fetcher=fetcher)
    return bytes(document.write_pdf())


def _library() -> Any:
    try:
        import weasyprint
    except (ImportError, OSError):  # the latter if Pango is not there
        return None
    # What it says of style rules that it does not know is of no use to whoever prints.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    return weasyprint


def _with_styles(page: str) -> str:
    style = f"<style>{drawing_style()}</style>"
    return _DRAWING.sub(lambda found: found[0] + style, page)


@cache
def drawing_style() -> str:
    """Write the style of the drawings for paper, with its colours in place of their names.

    Returns:
        CSS without variables.
    """
    colours = dict(_LIGHT.findall(joined(["palette.css"]))) | _PAPER
    return re.sub(r"var\((--[a-z0-9-]+)\)", lambda name: colours[name[1]], joined(["drawings.css"]))


if __name__ == "__main__":
    sys.stdout.buffer.write(typeset_here(sys.stdin.buffer.read().decode()))
