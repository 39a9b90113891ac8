"""Walks the shelves and names what a member lacks: registration, port, page, tests, golden data."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from cautery.policy.cases import run_pack_cases
from cautery.policy.pack import load_pack
from cautery.policy.pack_source import CASES, RULES, SETTINGS
from cautery.policy.sources import PolicySources
from cautery.registry import PACKS, SHELVES, Shelf

ROOT = Path(__file__).resolve().parents[2]

JUDGEMENT_HEADINGS = (
    "What it measures",
    "Formula",
    "Why it matters",
    "Who is innocent",
    "How it is evaded",
    "Source",
)
"""What the page of a signal or a link must tell, each under its own heading."""


def folder_of(shelf: Shelf[Any]) -> Path:
    """Return the folder of src that is the shelf."""
    return ROOT / "src" / Path(*shelf.package.split("."))


def files_of(shelf: Shelf[Any]) -> list[str]:
    """Name the modules that stand on the shelf, registered or not."""
    return sorted(
        path.stem for path in folder_of(shelf).glob("*.py") if not path.stem.startswith("_")
    )


PACK_HEADINGS = ("Rules", "What is not known", "Limits", "Sources")
"""What the page of a policy pack must tell."""

HEADINGS: dict[str, tuple[str, ...]] = {
    "signals": JUDGEMENT_HEADINGS,
    "links": JUDGEMENT_HEADINGS,
    "packs": PACK_HEADINGS,
}


def missing_of_page(shelf: Shelf[Any], name: str) -> list[str]:
    """Say what the member's docs page lacks."""
    page = ROOT / "docs" / "reference" / shelf.kind / f"{name.replace('_', '-')}.md"
    if not page.is_file():
        return [f"page {page.relative_to(ROOT)}"]
    text = page.read_text(encoding="utf-8")
    headings = {match.strip().casefold() for match in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    wanted = HEADINGS.get(shelf.kind, ())
    missing = [
        f"heading '## {heading}' in {page.relative_to(ROOT)}"
        for heading in wanted
        if heading.casefold() not in headings
    ]
    if not text.startswith("# "):
        missing.append(f"a title on the first line of {page.relative_to(ROOT)}")
    return missing


def missing_of_tests(shelf: Shelf[Any], name: str) -> list[str]:
    """Say which test file or golden data the member lacks."""
    room = Path(*shelf.package.split(".")[1:])
    test = ROOT / "tests" / room / f"test_{name}.py"
    missing = [] if test.is_file() else [f"tests {test.relative_to(ROOT)}"]
    if shelf.kind == "formats":
        golden = ROOT / "tests" / "golden" / "formats" / name
        if len([path for path in golden.glob("*") if path.is_file()]) < 2:
            missing.append(f"golden input and output in {golden.relative_to(ROOT)}/")
    return missing


def missing_of_module(shelf: Shelf[Any], name: str) -> list[str]:
    """Say how the member's module falls short of the shelf's port."""
    if name not in import_module(shelf.package).MEMBERS:
        return [f"the line '{name}' in MEMBERS of {shelf.package}"]
    member = getattr(import_module(f"{shelf.package}.{name}"), "MEMBER", None)
    if member is None:
        return [f"the constant MEMBER in {shelf.package}.{name}"]
    missing = []
    if not isinstance(member, shelf.port):
        missing.append(f"what the port {shelf.port.__name__} asks for, in MEMBER")
    if str(getattr(member, "name", "")).replace("-", "_") != name:
        missing.append(f"MEMBER.name == '{name}' (it is {getattr(member, 'name', None)!r})")
    return missing


def missing_of_pack(name: str) -> list[str]:
    """Say what a policy pack lacks: files beside it, cases that go as they should, its page."""
    folder = folder_of(PACKS)
    files = [folder / f"{name}{ending}" for ending in (RULES, SETTINGS, CASES)]
    missing = [f"file {file.relative_to(ROOT)}" for file in files if not file.is_file()]
    if missing:
        return missing
    pack = load_pack(PolicySources({}), name)
    missing += [f"{fault.where}: {fault.what}" for fault in run_pack_cases(pack).faults]
    page = ROOT / "docs" / "reference" / "packs" / f"{pack.name}.md"
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    rows = [f"| `{rule.rule}` | {rule.action} | {rule.text} |" for rule in pack.rules]
    missing += [f"the row {row} in {page.name}" for row in rows if row not in text]
    for words in (str(pack.dated), "legal"):
        missing += [] if words in text else [f"'{words}' in {page.name}"]
    return missing


MEMBERS = [
    pytest.param(shelf, name, id=f"{shelf.kind}-{name}")
    for shelf in SHELVES
    for name in files_of(shelf)
]


@pytest.mark.parametrize("shelf", SHELVES, ids=lambda shelf: shelf.kind)
def test_members_is_the_sorted_list_of_files(shelf: Shelf[Any]) -> None:
    """A shelf's MEMBERS is sorted and names exactly the modules that stand there."""
    members = import_module(shelf.package).MEMBERS
    assert list(members) == files_of(shelf)


@pytest.mark.parametrize(("shelf", "name"), MEMBERS)
def test_member_is_complete(shelf: Shelf[Any], name: str) -> None:
    """Every file on a shelf is registered, keeps to its port, and has its page and its tests."""
    missing = [
        *missing_of_module(shelf, name),
        *missing_of_page(shelf, name),
        *missing_of_tests(shelf, name),
        *(missing_of_pack(name) if shelf.kind == "packs" else []),
    ]
    assert not missing, f"{shelf.noun} '{name}' lacks: " + "; ".join(missing)


@pytest.mark.parametrize("shelf", SHELVES, ids=lambda shelf: shelf.kind)
def test_no_page_without_a_member(shelf: Shelf[Any]) -> None:
    """Every page of a shelf but its index describes something that stands there."""
    pages = (ROOT / "docs" / "reference" / shelf.kind).glob("*.md")
    described = {page.stem.replace("-", "_") for page in pages if page.stem != "index"}
    assert described <= set(files_of(shelf))
