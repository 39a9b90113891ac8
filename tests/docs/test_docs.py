"""The documentation keeps step with the code, and every page can be reached."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cautery.cli.exits import Exit
from cautery.cli.main import VERBS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
TOP = sorted(ROOT.glob("*.md"))
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


def name_of(path: Path) -> str:
    """Shorten a path for the test's name."""
    return path.relative_to(ROOT).as_posix()


def pages_of(entry: Any) -> list[str]:
    """Flatten the navigation into its pages."""
    if isinstance(entry, str):
        return [entry]
    below = entry.values() if isinstance(entry, dict) else entry
    return [page for part in below for page in pages_of(part)]


def test_generated_pages_are_up_to_date() -> None:
    """What follows from the code was written again after the code changed: ``make docs``."""
    result = subprocess.run(
        [sys.executable, "tools/generate_docs.py", "--check"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_page_is_in_the_navigation() -> None:
    """No page is lost, and the navigation names no page that is not there."""
    navigation = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    assert sorted(pages_of(navigation)) == [page.relative_to(DOCS).as_posix() for page in PAGES]


@pytest.mark.parametrize("page", [*PAGES, *TOP], ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page points to a file."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [first or second for first, second in LINK.findall(text)]
    local = [target.partition("#")[0] for target in targets if "://" not in target]
    assert [target for target in local if target and not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_page_has_one_title(page: Path) -> None:
    """Each page opens with its only first-level heading."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert text.startswith("# ")
    assert len(re.findall(r"^# ", text, flags=re.MULTILINE)) == 1


def test_exit_codes_are_documented() -> None:
    """The page of exit codes lists exactly those that there are."""
    text = (DOCS / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)] == list(Exit)


@pytest.mark.parametrize("page", [*PAGES, *TOP], ids=name_of)
def test_commands_in_the_docs_exist(page: Path) -> None:
    """Every ``$ cautery VERB`` in a page is a verb, every ``$ make TARGET`` a target."""
    text = page.read_text(encoding="utf-8")
    verbs = re.findall(r"^\$ cautery ([a-z]\S*)", text, re.MULTILINE)
    assert set(verbs) <= set(VERBS)
    targets = re.findall(r"^\$ make (\S+)", text, re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [name for name in targets if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []
