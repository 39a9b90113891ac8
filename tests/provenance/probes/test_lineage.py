"""Lineage of n-gram students: who is found, who is accused, and what is refused."""

from __future__ import annotations

import json
import math
from functools import lru_cache

import jsonschema
import msgspec
import numpy as np
import pytest
from benchmarks.lineage import LEVEL, accused_share, compared, wrong_claims
from benchmarks.lineage_models import TableModel, student, unrelated
from scipy.stats import binom

from cautery.errors import ConfigurationError
from cautery.provenance.lineage_tests import interval_of, new_value_test, sign_test
from cautery.provenance.probe_schema import probe_schema
from cautery.provenance.probes.lineage import MEMBER, LineageQuestion
from cautery.records.probe import Access, ProbeReport, ProbeVerdict

CONTROLS = 8
SEED = 77


@lru_cache(maxsize=1)
def models() -> list[TableModel]:
    """A teacher, another model, two more teachers, and controls."""
    return unrelated(CONTROLS + 4, SEED)


def report_of(suspect: TableModel, *, controls: int = CONTROLS, listed: bool = True) -> ProbeReport:
    """Run the probe for three teachers, and check the report against the schema."""

    def asked(model: TableModel, name: str) -> object:
        return model.answered(name, listed=listed, tokenizer="words")

    question = LineageQuestion(
        teachers=tuple(asked(models()[place], f"teacher-{place}") for place in (0, 2, 3)),  # type: ignore[misc]
        controls=tuple(
            asked(model, f"control-{place}")  # type: ignore[misc]
            for place, model in enumerate(models()[4 : 4 + controls])
        ),
    )
    report = MEMBER.examine(asked(suspect, "suspect"), question)
    jsonschema.Draft202012Validator(probe_schema()).validate(
        json.loads(msgspec.json.encode(report))
    )
    return report


@pytest.mark.parametrize("listed", [False, True], ids=["text", "logprobs"])
def test_a_student_is_found_and_its_teacher_named(listed: bool) -> None:
    """Half of its training data from the teacher is enough; no other teacher is named."""
    copy = student(models()[0], models()[1], 0.5, 5)
    report = report_of(copy, listed=listed)
    assert report.verdict is ProbeVerdict.DETECTED
    assert [test.teacher for test in report.lineage if test.detected] == ["teacher-0"]
    first = report.lineage[0]
    assert first.agreement_low < first.agreement < first.agreement_high
    assert first.agreement > max(one.agreement for one in first.controls)
    assert first.rank_p == pytest.approx(1 / (CONTROLS + 1))
    assert first.log10_p <= first.log10_corrected_p <= math.log10(LEVEL)
    assert report.access is (Access.OPEN if listed else Access.CLOSED)


def test_an_unrelated_suspect_is_not_accused() -> None:
    """It is not detected, and the report says what would have been, and who was accused."""
    report = report_of(models()[1])
    assert report.verdict is ProbeVerdict.NOT_DETECTED
    assert not any(test.detected for test in report.lineage)
    powers = [point.power for point in report.lineage[0].power]
    assert powers[0] < 0.2
    assert powers[-1] == 1.0
    assert any("fewer than 10 controls" in note for note in report.notes)
    accused = report.false_accusations
    assert accused is not None
    assert (accused.controls, accused.accused, accused.rate) == (CONTROLS, (), 0.0)
    assert accused.rate_high == pytest.approx(interval_of(0, CONTROLS)[1])


@pytest.mark.parametrize("listed", [False, True], ids=["text", "logprobs"])
@pytest.mark.parametrize("controls", [3, 8])
def test_false_accusations_stay_below_the_level(controls: int, listed: bool) -> None:
    """Of 1,104 claims on unrelated models at most one in a hundred is believed."""
    worlds = [compared(unrelated(24, seed), listed=listed) for seed in (0, 1)]
    claims = [claim for world in worlds for claim in wrong_claims(world, controls, controls)]
    assert len(claims) == 1_104
    assert accused_share(claims)[0] <= LEVEL


def test_families_fool_the_sign_test_alone() -> None:
    """Where half of the models are akin, the spread of the controls keeps the level."""
    claims = wrong_claims(compared(unrelated(24, 1, family=0.3), listed=True), 3, 3)
    both, signs = accused_share(claims)
    assert signs > LEVEL
    assert both <= LEVEL


@pytest.mark.parametrize(
    "world", [(0.3, 1.0, 0.0), (0.0, 2.0, 0.0), (0.0, 1.0, 0.6)], ids=["family", "weak", "camps"]
)
def test_ten_controls_keep_the_level_in_camps(world: tuple[float, float, float]) -> None:
    """Wherever models are not alike, ten controls hold some of every kind."""
    claims = wrong_claims(compared(unrelated(24, 1, *world), listed=False), 10, 10)
    assert accused_share(claims)[0] <= LEVEL


def test_controls_that_are_students_void_the_claim() -> None:
    """A control that descends from the teacher is accused when it is left out; nothing is said."""
    copies = [student(models()[0], models()[1], 1.0, seed) for seed in (5, 6)]
    question = LineageQuestion(
        teachers=(models()[0].answered("teacher"),),
        controls=tuple(
            model.answered(f"control-{place}")
            for place, model in enumerate([copies[0], *models()[4:]])
        ),
    )
    report = MEMBER.examine(copies[1].answered("suspect"), question)
    assert report.false_accusations is not None
    assert report.false_accusations.accused == ("control-0",)
    assert report.verdict is ProbeVerdict.TOO_LITTLE
    assert not report.lineage[0].detected
    assert any("nothing is claimed" in note for note in report.notes)


def test_the_sign_test_is_exact() -> None:
    """It is the upper tail of a fair binomial law over prompts that are no ties."""
    for ahead, behind in ((0, 0), (0, 9), (7, 9), (120, 30)):
        wanted = binom.sf(ahead - 1, ahead + behind, 0.5)
        assert 10 ** sign_test(ahead, behind) == pytest.approx(wanted, rel=1e-9)


def test_a_new_value_is_uniform_under_the_null() -> None:
    """For one more of some normal values, with many prompts, the chance is uniform or larger."""
    draw = np.random.default_rng(4)
    shares = 1.0 / (1.0 + np.exp(-draw.normal(0.0, 0.3, (2_000, 6))))
    chances = np.array(
        [
            10 ** new_value_test(np.full(5_000, row[0]), np.repeat(row[1:, None], 5_000, 1))
            for row in shares
        ]
    )
    for level in (0.01, 0.05, 0.2):
        count = int((chances <= level).sum())
        assert binom.sf(count - 1, len(chances), level) > 0.01
    assert (chances <= 0.2).mean() > 0.15


@pytest.mark.parametrize(
    ("teachers", "controls", "level", "said"),
    [
        (0, 3, 0.01, "no teacher"),
        (1, 2, 0.01, "2 control models are too few"),
        (1, 51, 0.01, "more than 50 controls"),
        (21, 3, 0.01, "more than 20 teachers"),
        (1, 3, 0.0, "above 0"),
        (1, 3, math.nan, "above 0"),
    ],
    ids=["no-teacher", "two-controls", "many-controls", "many-teachers", "level-0", "level-nan"],
)
def test_questions_that_are_refused(teachers: int, controls: int, level: float, said: str) -> None:
    """Each names what is wrong before anything is compared."""
    one = models()[0].answered("one")
    question = LineageQuestion(teachers=(one,) * teachers, controls=(one,) * controls, level=level)
    with pytest.raises(ConfigurationError, match=said):
        MEMBER.examine(one, question)
