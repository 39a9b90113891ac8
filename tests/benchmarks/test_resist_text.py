"""The tokens that come with the benchmark carry the mark, and students are asked rightly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="wants pip install torch==2.13.0")

from benchmarks.radioactivity_cases import plan_of  # noqa: E402
from benchmarks.resist_text import Led, log10_p  # noqa: E402
from benchmarks.smollm2_tokens import GIVEN, KEY, OTHER, SCHEME, VOCABULARY, material  # noqa: E402

from benchmarks import text_students  # noqa: E402
from cautery.inference.neural_laboratory.networks import Network  # noqa: E402
from cautery.provenance.radioactive_evidence import evidence_of_keys  # noqa: E402
from cautery.provenance.radioactive_tests import log10_chance_of, tallies_of  # noqa: E402
from cautery.provenance.suspect_material import Sample  # noqa: E402
from cautery.registry import SCHEMES  # noqa: E402


def test_marked_answers_are_marked_and_plain_ones_are_not() -> None:
    """The scheme's own test tells the two apart, without a student."""
    given = material()
    plan = plan_of(SCHEME, SCHEMES.load(SCHEME).parameters(GIVEN))
    chances = []
    for rows in (given.marked_tokens, given.known[given.plain]):
        samples = [Sample(tokens=row[row >= 0]) for row in rows[:12]]
        (one,) = evidence_of_keys(plan, samples, [], [KEY])
        (tally,) = tallies_of([one], {})
        chances.append(log10_chance_of(plan, tally)[1])
    assert chances[0] < -20.0
    assert chances[1] > -4.0


def test_an_untaught_student_shows_no_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Led along the marked answers it says what it says, in the model's own tokens."""
    monkeypatch.setattr(
        text_students, "SCHOOLING", replace(text_students.SCHOOLING, steps=1, batch=2)
    )
    given = material()
    student = text_students.Student(text_students.trained(given.plain, 1))
    predicted = Led(student, given).predict(given.marked_tokens[3], 2)
    assert predicted.shape == (100, 2)
    assert (predicted[0] == -1).all()
    first = given.marked[:2, 0][given.marked[:2, 0] != OTHER]
    written = student.write(first, given.known, 2)
    own = [Sample(tokens=given.known[row]) for row in written]
    chance, controls = log10_p(given, own)
    assert chance > -4.0
    assert len(controls) == 200
    assert (given.known[written] >= 0).all()


def test_neutralising_takes_away_a_lead() -> None:
    """What a student leads by after a token is gone, and what is left adds up to 1."""
    removed = np.zeros((VOCABULARY, VOCABULARY))
    removed[5, 7] = 2.0
    student = text_students.Student(Network(text_students.SHAPE, 1), removed)
    logs = np.full((1, VOCABULARY), -np.log(VOCABULARY))
    left = student.adjusted(logs, np.array([5]))
    assert np.exp(left).sum() == pytest.approx(1.0)
    assert left[0, 8] - left[0, 7] == pytest.approx(2.0)
