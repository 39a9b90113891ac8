"""What the pages show in Python is what happens."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize(
    ("page", "examples"),
    [("how-to/choose-a-defence.md", 8), ("reference/defences/summarise-reasoning.md", 4)],
)
def test_examples(page: str, examples: int) -> None:
    """Every example of the page runs and gives what stands there."""
    assert doctest.testfile(str(DOCS / page), module_relative=False) == (0, examples)


def test_the_tiers_of_the_how_to_are_read() -> None:
    """The file of tiers that the page shows is one."""
    from cautery.resist.tiers import read_tiers

    text = (DOCS / "how-to/choose-a-defence.md").read_text(encoding="utf-8")
    shown = text.partition("```toml\n")[2].partition("```")[0]
    assert sorted(read_tiers(shown, "page").plans) == ["likely", "ordinary", "watch"]
