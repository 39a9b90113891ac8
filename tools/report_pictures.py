"""Makes the pictures of the report and runs the notebook, from the demo, for the documentation.

    python tools/report_pictures.py               # runs the demo in a folder of its own first
    python tools/report_pictures.py --on FOLDER   # takes a case that is there

It needs the machine's Chromium (Debian: chromium), and playwright, nbclient and ipykernel of the
group ``test``. It writes ``docs/assets/report-*.png`` and ``docs/how-to/explore-a-case.ipynb``.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import nbformat
from nbclient import NotebookClient
from playwright.sync_api import Browser, sync_playwright

from cautery.report.load import read_case_document
from cautery.report.page.document import render_page
from cautery.report.page.files import write_page

ROOT: Final = Path(__file__).resolve().parents[1]
ASSETS: Final = ROOT / "docs" / "assets"
NOTEBOOK: Final = ROOT / "docs" / "how-to" / "explore-a-case.ipynb"
CHROMIUM: Final = "/usr/bin/chromium"
MOST_BYTES: Final = 300_000
"""Size that no picture may exceed: pages of documentation stay quick."""

SHEET: Final = "body { padding: 18mm 16mm } html { background: #fff }"
"""The margins of a printed sheet, which a screen does not draw."""


def main() -> int:
    """Make everything.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", type=Path, help="folder that cautery scan wrote")
    chosen: Path | None = parser.parse_args().on
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen is None:
            subprocess.run([sys.executable, "-m", "cautery.cli", "demo"], cwd=folder, check=True)
        else:
            shutil.copytree(chosen, folder / "cautery-demo" / "out")
        out = folder / "cautery-demo" / "out"
        case, _ = read_case_document(out)
        write_page(render_page(case), out / "report.html")
        take_pictures(out / "report.html")
        run_notebook(folder)
    return 0


def take_pictures(page: Path) -> None:
    """Open the report three ways and write what it looks like.

    Args:
        page: The report of the demo.
    """
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        shoot(browser, page, "report-light", color_scheme="light")
        shoot(browser, page, "report-dark", place="#group-3", color_scheme="dark")
        shoot(browser, page, "report-accounts", place="#group-1 .pair", color_scheme="light")
        print_sheet(browser, page, "report-printed")
        browser.close()


def shoot(browser: Browser, page: Path, name: str, place: str = "", **options: Any) -> None:
    """Write a picture of the window.

    Args:
        browser: The browser.
        page: The report.
        name: Name of the picture.
        place: What the window shows; the top if empty.
        options: How the browser shows it.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 960}, **options)
    window = context.new_page()
    window.goto(page.as_uri())
    if place:
        window.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
        window.evaluate("(place) => document.querySelector(place).scrollIntoView()", place)
    window.wait_for_timeout(300)
    keep(window.screenshot(), name)
    context.close()


def print_sheet(browser: Browser, page: Path, name: str) -> None:
    """Write a picture of the first printed sheet, A4 at 96 dots an inch.

    Args:
        browser: The browser.
        page: The report.
        name: Name of the picture.
    """
    context = browser.new_context(viewport={"width": 794, "height": 1123}, bypass_csp=True)
    window = context.new_page()
    window.emulate_media(media="print")
    window.goto(page.as_uri())
    window.add_style_tag(content=SHEET)
    keep(window.screenshot(), name)
    context.close()


def keep(picture: bytes, name: str) -> None:
    """Write a picture if it is small enough.

    Args:
        picture: A PNG file.
        name: Its name in the documentation's assets.
    """
    if len(picture) > MOST_BYTES:
        raise SystemExit(f"{name} has {len(picture):,} bytes, more than {MOST_BYTES:,}")
    (ASSETS / f"{name}.png").write_bytes(picture)
    print(f"docs/assets/{name}.png: {len(picture):,} bytes")


def run_notebook(folder: Path) -> None:
    """Run the notebook of the documentation and keep what it showed.

    Args:
        folder: The folder that it runs in, with ``cautery-demo/out``.
    """
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources=resources, record_timing=False
    ).execute()
    nbformat.write(notebook, NOTEBOOK)  # type: ignore[no-untyped-call]
    print(f"{NOTEBOOK.relative_to(ROOT)}: {NOTEBOOK.stat().st_size:,} bytes")


if __name__ == "__main__":
    sys.exit(main())
