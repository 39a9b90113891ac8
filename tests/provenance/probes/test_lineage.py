"""Lineage of n-gram students: who is found, who is accused, and what is refused."""

from __future__ import annotations

import itertools
import json
import math
from functools import lru_cache

import jsonschema
import msgspec
import numpy as np
import pytest
from benchmarks.lineage import LEVEL, LEVELS, accused_share, compared, wrong_claims
from benchmarks.lineage_models import TableModel, student, unrelated
from scipy.stats import binom

from cautery.errors import ConfigurationError
from cautery.provenance.lineage_tests import (
    agreements_of,
    claim_of,
    controls_needed,
    interval_of,
    new_value_test,
    pairs_of,
    sign_test,
)
from cautery.provenance.probe_schema import probe_schema
from cautery.provenance.probes.lineage import MEMBER, LineageQuestion
from cautery.records.probe import Access, ProbeReport, ProbeVerdict

CONTROLS = 23
"""The fewest for three teachers at a level of 0.01."""
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
    assert first.pairs_as_near == 0
    assert first.rank_p == pytest.approx(1 / 300)
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
    accused = report.false_accusations
    assert accused is not None
    assert (accused.controls, accused.accused, accused.rate) == (CONTROLS, (), 0.0)
    assert accused.rate_high == pytest.approx(interval_of(0, CONTROLS)[1])


WORLDS = {
    "alike": (0.0, 1.0, 0.0),
    "family": (0.3, 1.0, 0.0),
    "weak": (0.0, 2.0, 0.0),
    "camps": (0.0, 1.0, 0.6),
}
"""Kinds of unrelated models: see benchmarks/lineage.py."""


@pytest.mark.parametrize("controls", [3, 5, 13])
@pytest.mark.parametrize("world", list(WORLDS))
def test_false_accusations_stay_below_the_level(world: str, controls: int) -> None:
    """Of 1,104 claims on unrelated models no more than the level are believed, in camps or not."""
    level = LEVELS[controls]
    worlds = [compared(unrelated(24, seed, *WORLDS[world]), listed=False) for seed in (0, 1)]
    claims = [claim for one in worlds for claim in wrong_claims(one, controls, controls)]
    assert len(claims) == 1_104
    assert accused_share(claims, level)[0] <= level


def test_camps_fool_the_tests_without_pairs() -> None:
    """With three controls, all of them may be of another camp than suspect and teacher."""
    worlds = [compared(unrelated(24, seed, *WORLDS["camps"]), listed=False) for seed in range(3)]
    claims = [claim for one in worlds for claim in wrong_claims(one, 3, 3)]
    whole, spread, signs = accused_share(claims, LEVEL)
    assert signs >= spread > 3 * LEVEL
    assert whole == 0.0


def test_the_rank_of_a_pair_is_uniform_among_exchangeable_models() -> None:
    """Each pair of seven models is once the suspect's: the ranks are 1 to 21, each once."""
    comparison = compared(unrelated(7, 5, *WORLDS["camps"]), listed=True)
    ranks = []
    for suspect, teacher in itertools.combinations(range(7), 2):
        others = [one for one in range(7) if one not in {suspect, teacher}]
        claim = claim_of(agreements_of(comparison, suspect, teacher, others))
        assert claim.pairs == 21
        ranks.append(claim.pairs_as_near + 1)
    assert sorted(ranks) == list(range(1, 22))


def test_too_few_controls_are_told() -> None:
    """A copy stays unnamed at a level that so few controls cannot show, and the note says so."""
    copy = student(models()[0], models()[1], 1.0, 5)
    report = report_of(copy, controls=8)
    assert report.verdict is ProbeVerdict.TOO_LITTLE
    assert report.notes[0] == (
        "8 controls can show no chance below 0.067: a level of 0.01 takes 23 of them"
    )
    assert report.lineage[0].log10_corrected_p == pytest.approx(math.log10(3 / 45))
    assert report.lineage[0].power[-1].power == 1.0
    for teachers, level in ((1, 0.01), (3, 0.01), (1, 0.001), (20, 0.1)):
        needed = controls_needed(level, teachers)
        assert teachers / pairs_of(needed) <= level < teachers / pairs_of(needed - 1)


def test_controls_that_are_students_void_the_claim() -> None:
    """Controls that descend from the teacher are accused when left out; nothing is said then."""
    copies = [student(models()[0], models()[1], 1.0, seed) for seed in (5, 6, 7)]
    controls = [*copies[:2], *models()[4:24]]
    question = LineageQuestion(
        teachers=(models()[0].answered("teacher"),),
        controls=tuple(model.answered(f"control-{n}") for n, model in enumerate(controls)),
    )
    report = MEMBER.examine(copies[2].answered("suspect"), question)
    assert report.false_accusations is not None
    assert report.false_accusations.accused == ("control-0", "control-1")
    assert report.verdict is ProbeVerdict.TOO_LITTLE
    assert not report.lineage[0].detected
    assert any("nothing is claimed" in note for note in report.notes)


def test_controls_of_another_kind_can_show_little() -> None:
    """Controls that are all like each other and unlike the teacher clear nobody."""
    camp = [student(models()[1], model, 0.9, place) for place, model in enumerate(models()[4:])]
    question = LineageQuestion(
        teachers=(models()[0].answered("teacher", listed=True, tokenizer="words"),),
        controls=tuple(
            model.answered(f"control-{place}", listed=True, tokenizer="words")
            for place, model in enumerate(camp)
        ),
    )
    report = MEMBER.examine(
        models()[2].answered("suspect", listed=True, tokenizer="words"), question
    )
    assert report.verdict is ProbeVerdict.TOO_LITTLE
    assert any("controls as able" in note for note in report.notes)
    assert not any("controls as able" in note for note in report_of(models()[1]).notes)


def test_able_controls_among_others_clear_nobody() -> None:
    """Five models like the teacher do not make up for nine that are like each other."""
    camp = [student(models()[1], model, 0.9, place) for place, model in enumerate(models()[4:13])]
    question = LineageQuestion(
        teachers=(models()[0].answered("teacher", listed=True, tokenizer="words"),),
        controls=tuple(
            model.answered(f"control-{place}", listed=True, tokenizer="words")
            for place, model in enumerate([*models()[20:25], *camp])
        ),
    )
    report = MEMBER.examine(
        models()[2].answered("suspect", listed=True, tokenizer="words"), question
    )
    power = {point.followed_share: point.power for point in report.lineage[0].power}
    assert power[1.0] == 1.0
    assert power[0.5] < 0.9
    assert report.verdict is ProbeVerdict.TOO_LITTLE


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
