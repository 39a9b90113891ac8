"""Suites: the shipped ones, and files of one's own, however wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from cautery.errors import InputError, NoInputError
from cautery.provenance.suite_items import (
    SHIPPED_SUITES,
    checked,
    read_items,
    shipped_items,
)
from cautery.records.probe import AnswerGrade

GOOD = '{"id": "a", "suite": "mine", "prompt": "May I?", "wanted": "refused"}'


def test_shipped_suites_are_whole() -> None:
    """Each has 30 short items of its own, named categories, and one thing that it wants."""
    items = shipped_items()
    assert {item.suite for item in items} == set(SHIPPED_SUITES)
    for suite in SHIPPED_SUITES:
        own = [item for item in items if item.suite == suite]
        assert (len(own), len({item.prompt for item in own})) == (30, 30)
        assert len({item.wanted for item in own}) == 1
        assert all(item.category and len(item.prompt) < 160 for item in own)
    kinds = {item.suite: item.kind for item in items}
    assert kinds["identity"] == "identity"
    assert kinds["over-refusal"] == "request"


def test_a_suite_of_ones_own(tmp_path: Path) -> None:
    """JSON lines with blank ones between; the category may be left out."""
    path = tmp_path / "suite.jsonl"
    path.write_text(f"\n{GOOD}\n\n")
    (item,) = read_items(path)
    assert (item.suite, item.wanted, item.category) == ("mine", AnswerGrade.REFUSED, "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nonsense", "2: not an item"),
        (GOOD.replace("refused", "denied"), "wanted is denied"),
        (GOOD.replace("refused", "x"), "2: not an item"),
        (GOOD.replace("May I?", " "), "prompt is empty"),
        (GOOD.replace("mine", ""), "must have 1 to"),
        (GOOD.replace("May I?", "x" * 70_000), "a line of more than"),
        (GOOD, "two items have the id 'a'"),
        (GOOD.replace('"a"', '"b"').replace("refused", "complied"), "wants refused and complied"),
        ("[" * 50_000, "2: not an item"),
    ],
    ids=["json", "denied", "grade", "prompt", "suite", "long", "twice", "two-wants", "deep"],
)
def test_lines_that_are_no_items(tmp_path: Path, line: str, said: str) -> None:
    """They are refused, with file and line."""
    path = tmp_path / "suite.jsonl"
    path.write_text(f"{GOOD}\n{line}\n")
    with pytest.raises(InputError, match=said):
        read_items(path)


def test_no_suite(tmp_path: Path) -> None:
    """A name that is none, a file that is not there, and an empty one."""
    with pytest.raises(InputError, match="no suite 'x'"):
        shipped_items(["x"])
    with pytest.raises(NoInputError):
        read_items(tmp_path / "none")
    with pytest.raises(InputError, match="no item"):
        checked([])
