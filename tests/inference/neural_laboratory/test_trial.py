"""The neural trial: a report as of tables, the same again, and it goes on where it stopped."""

from __future__ import annotations

import pytest

from cautery.inference.neural_laboratory.antidistillation import ANTIDISTILLATION
from cautery.resist.laboratory.addition import draw_questions
from cautery.resist.laboratory.findings import Findings, SeedResult
from cautery.resist.laboratory.trial import TrialSize
from cautery.resist.plans import make_plan

torch = pytest.importorskip("torch", reason="wants pip install torch==2.13.0")

from cautery.inference.neural_laboratory.networks import Schooling  # noqa: E402
from cautery.inference.neural_laboratory.students import NeuralStudents  # noqa: E402
from cautery.inference.neural_laboratory.teacher import NeuralTeacher  # noqa: E402
from cautery.inference.neural_laboratory.transformer import Shape  # noqa: E402
from cautery.inference.neural_laboratory.trial import (  # noqa: E402
    run_neural_trial,
    train_teacher,
)

SMALL = Shape(width=16, layers=1)
SIZE = TrialSize(seeds=(1, 2), requests=20, choices=1, test_questions=20)
PLANS = {
    "product-of-experts": make_plan({"product-of-experts": {}}),
    "antidistillation and hiding": make_plan(
        {"antidistillation-sampling": {}, "hide-reasoning": {}}, instead=[ANTIDISTILLATION]
    ),
}
Kept = dict[tuple[str, int], SeedResult]


def tried(known: Kept | None = None, kept: Kept | None = None) -> Findings:
    """Run a trial with students that hardly learn: what it does, not what they can."""
    notes = {} if kept is None else kept
    return run_neural_trial(
        PLANS,
        SIZE,
        students=NeuralStudents(SMALL, Schooling(steps=2)),
        patient=NeuralStudents(SMALL, Schooling(steps=3)),
        known=known,
        keep=lambda name, seed, result: notes.update({(name, seed): result}),
    )


def test_a_trial_and_its_second_half() -> None:
    """Every plan has its row; kept results are not tried again, and the findings are the same."""
    kept: Kept = {}
    findings = tried(kept=kept)
    rows = {one.plan: one for one in findings.plans}
    assert (findings.laboratory, list(rows)) == ("neural", ["none", *PLANS])
    assert rows["none"].teacher.mean > 0.9
    assert rows["none"].costs["passes_a_word"].mean == 1.0
    assert rows["product-of-experts"].costs["passes_a_word"].mean == 2.0
    both = rows["antidistillation and hiding"].costs
    assert (both["passes_a_word"].mean, both["words_shown"].mean) == (3.0, 4.0)
    first_half = {place: result for place, result in kept.items() if place[1] == 1}
    second: Kept = {}
    assert tried(first_half, second) == findings
    assert {seed for _, seed in second} == {2}


def test_a_teacher_learns_the_form_of_working() -> None:
    """A few steps suffice for the words; for the sums they do not."""
    network = train_teacher(
        1, shape=SMALL, schooling=Schooling(steps=60, learning_rate=1e-2), lessons=100
    )
    answer = NeuralTeacher(network).answer_together(
        draw_questions(1, [1]),
        [[1]],
        1,
        None,
    )
    assert answer[0].choices[0].text.startswith("<think>\nI add the columns")
