"""The table of neural students tries plans that can be put together, and keeps its results."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="wants pip install torch==2.13.0")

from benchmarks.resist_neural import TRIED, Kept, main, plans_of

from cautery.resist.laboratory.findings import SeedResult
from cautery.resist.laboratory.harvest import HonestCosts
from cautery.resist.laboratory.trial import TrialSize

COSTS = HonestCosts(
    right=0.9, same_answer=1.0, words_shown=4.0, words_waited=0.0, passes_a_word=1.0
)
RESULT = SeedResult(passive=0.1, same_kind=0.2, adaptive=0.3, chosen="inferred", costs=COSTS)


def test_every_row_is_a_plan() -> None:
    """All of them, or those named."""
    assert list(plans_of(None)) == list(TRIED)
    assert [len(plan.steps) for plan in plans_of(["drop-logprobs, single-choice"]).values()] == [2]


def test_results_are_kept_by_size(tmp_path: Path) -> None:
    """They are read again for the same harvest, and not for another."""
    file = tmp_path / "kept.jsonl"
    Kept(file, TrialSize()).add("none", 3, RESULT)
    assert Kept(file, TrialSize()).results == {("none", 3): RESULT}
    assert Kept(file, TrialSize(requests=1200)).results == {}
    assert Kept(None, TrialSize()).results == {}


def test_the_packaged_teacher_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    """Its accuracy and its entropy, as a table."""
    main(["teacher", "--test-questions", "40"])
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert len(rows) == 6
