"""Write the documentation's tables and its diagram from the committed results.

    python benchmarks/pages.py            # writes
    python benchmarks/pages.py --check    # only says what is out of date

A page marks a table with ``<!-- table: NAME -->`` and ``<!-- end of table -->``; the names are
those of ``page_tables.TABLES``. Nothing is measured here.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.page_tables import TABLES, held_out, results
from benchmarks.reliability_diagram import diagram, points_of
from benchmarks.results_file import ROOT

DIAGRAM: Final = ROOT / "docs" / "assets" / "reliability.svg"
"""Reliability diagram of the held-out logs."""

_MARKED: Final = re.compile(r"(<!-- table: ([^>]+?) -->\n).*?(<!-- end of table -->)", re.DOTALL)


def with_tables(text: str) -> str:
    """Put the tables between a page's markers.

    Args:
        text: The page.

    Returns:
        The page with the tables of the committed results.

    Raises:
        KeyError: A marker names no table.
    """

    def filled(match: re.Match[str]) -> str:
        lines = TABLES[match[2]]()
        return f"{match[1]}\n" + "\n".join(lines) + f"\n\n{match[3]}"

    return _MARKED.sub(filled, text)


def pages() -> Iterator[tuple[Path, str]]:
    """Yield every file that follows from the results, with what it should hold."""
    for path in sorted((ROOT / "docs").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if "<!-- table: " in text:
            yield path, with_tables(text)
    rows = held_out(results("tiers"))
    subject = f"{len(rows)} held-out simulated logs, all tiers together"
    yield DIAGRAM, diagram(points_of(rows), subject)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or check them.

    Args:
        arguments: The words of the command line; None for those of the process.

    Returns:
        1 if ``--check`` finds a page that does not agree with the results.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args(arguments)
    stale = []
    for path, text in pages():
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.relative_to(ROOT).as_posix())
        if not given.check:
            path.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"{'out of date' if given.check else 'wrote'}: {name}")
    return int(given.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
