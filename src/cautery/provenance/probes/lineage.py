"""Lineage: does a suspect model descend from a presumed teacher, as its next tokens tell?

Nikolic, Baluta and Saxena, *Model provenance testing for large language models* (NeurIPS 2025): a
model agrees with its ancestor on the next token of random prompts more often than with unrelated
models. Written anew from the paper, with an exact test and a second one on the spread of unrelated
models (``provenance/lineage_tests.py``). No watermark is needed.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from cautery import __version__
from cautery.errors import ConfigurationError
from cautery.provenance.lineage_power import ASSUMPTIONS, lineage_power
from cautery.provenance.lineage_tests import (
    FEWEST_CONTROLS,
    MOST_CONTROLS,
    MOST_TEACHERS,
    Claim,
    accused_controls,
    agreements_of,
    claim_of,
    controls_needed,
    corrected,
    interval_of,
    pairs_of,
)
from cautery.provenance.next_token_agreement import (
    LIKELIEST_TOKENS,
    AnsweredModel,
    Comparison,
    compare,
)
from cautery.records.lineage import ControlAgreement, FalseAccusations, LineageTest
from cautery.records.probe import Access, ProbeReport, ProbeVerdict
from cautery.watermark.null_distributions import GreenCount

LEVEL: Final = 0.01
"""Chance that any teacher is named that the suspect does not descend from."""
WANTED_POWER: Final = 0.9
DOUBT: Final = 0.1
"""Chance, at the level, of so many accused controls, below which nothing is claimed."""
SHOWN_SHARE: Final = 0.5
"""Part of the prompts, one of ``FOLLOWED``: *not detected* is only said where a copy that follows
its teacher on so many shows with ``WANTED_POWER``. One that follows on all is no measure: it shows
where no real copy would, among controls that agree with each other more than a model does with its
copy (n-gram models beside language models). Nothing of the suspect enters, and no chance changes.
Unrelated models reach it with five controls and more (0.91; benchmarks/lineage.py), but for camps
of which first words alone are compared."""
LIMITS: Final = (
    "Agreement shows kinship, and not which of the two came first.",
    "A base model, a parent or training data that both share looks the same.",
    "It does not show that the training was not permitted.",
    "The chance holds for controls as able as suspect and teacher, of their languages and formats.",
    "Not detected is not clean: a copy trained on little, or on much else, agrees less.",
    "So does one that is asked through a prompt of its own, a rewriter or at a high temperature.",
    "An endpoint may answer test prompts with another model: to hide, or to incriminate it.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageQuestion:
    """Presumed teachers, and models that are related to nobody here."""

    teachers: tuple[AnsweredModel, ...]
    controls: tuple[AnsweredModel, ...]
    """At least three."""
    level: float = LEVEL
    notes: tuple[str, ...] = ()
    """What is odd about the answers."""


@dataclass(frozen=True)
class Lineage:
    """Tests whether a suspect model descends from a presumed teacher, without a watermark."""

    name: str = "lineage"
    description: str = "Does the suspect's next token betray a teacher, against unrelated models?"

    def examine(self, suspect: Any, question: Any) -> ProbeReport:
        """Test a suspect against every presumed teacher.

        Null: the suspect descends from none of them. Corrected over teachers (Holm).

        Args:
            suspect: An ``AnsweredModel``.
            question: A ``LineageQuestion``.

        Returns:
            The report, with the false-accusation rate over the controls.

        Raises:
            ConfigurationError: There is no teacher, too few controls, or no level.
            InputError: The models did not answer enough of the same prompts.
        """
        check_question(question)
        comparison = compare((suspect, *question.teachers, *question.controls))
        teachers = range(1, 1 + len(question.teachers))
        controls = range(1 + len(question.teachers), len(comparison.names))
        claims = [claim_of(agreements_of(comparison, 0, one, controls)) for one in teachers]
        level = math.log10(question.level)
        accused = accused_controls(comparison, teachers, controls, level)
        trusted = _trusted(len(accused), len(controls), question.level)
        test = partial(_test, comparison, controls, log10_level=level, trusted=trusted)
        chances = map(float, corrected(claims))
        found = list(map(test, teachers, claims, chances))
        found.sort(key=lambda test: (test.log10_p, test.teacher))
        return ProbeReport(
            software=f"cautery {__version__}",
            probe=self.name,
            suspect=suspect.name,
            material_sha256=hashlib.sha256(comparison.codes.astype("<i8").tobytes()).hexdigest(),
            access=Access.OPEN if comparison.basis == LIKELIEST_TOKENS else Access.CLOSED,
            supervised=False,
            verdict=_verdict(found, enough=not missing_controls(question), trusted=trusted),
            false_positive_rate=question.level,
            tests=len(found),
            texts=len(comparison.prompt_ids),
            tokens=len(comparison.prompt_ids) * comparison.codes.shape[2],
            key_tests=(),
            power=(),
            controls=(),
            epochs=(),
            campaign_ids=(),
            account_ids=(),
            notes=(
                *question.notes,
                *missing_controls(question),
                *_notes(comparison, found, trusted=trusted),
            ),
            assumptions=ASSUMPTIONS,
            limits=LIMITS,
            lineage=tuple(found),
            false_accusations=_accusations(comparison, accused, len(controls)),
        )


def check_question(question: LineageQuestion) -> None:
    """Refuse a question that cannot be answered, before anybody is asked.

    Raises:
        ConfigurationError: There is no teacher, too few controls or too many, or no level.
    """
    if not question.teachers:
        raise ConfigurationError("there is no teacher to test for", where="teacher")
    if len(question.teachers) > MOST_TEACHERS:
        raise ConfigurationError(f"more than {MOST_TEACHERS} teachers", where="teacher")
    if len(question.controls) < FEWEST_CONTROLS:
        raise ConfigurationError(
            f"{len(question.controls)} control models are too few",
            where="control",
            hint="Give answers of models that are related to neither suspect nor teacher: "
            f"{FEWEST_CONTROLS} at least, {controls_needed(LEVEL, 1)} for a level of {LEVEL:g}.",
        )
    if len(question.controls) > MOST_CONTROLS:
        raise ConfigurationError(f"more than {MOST_CONTROLS} controls", where="control")
    if not 0.0 < question.level <= 0.5:
        raise ConfigurationError(
            f"must be above 0 and at most 0.5, not {question.level}", where="level"
        )


def _trusted(accused: int, controls: int, level: float) -> bool:
    """Say whether so many accused controls may be chance at the level."""
    return not accused or GreenCount(level).log10_upper_tail(
        float(accused), controls
    ) >= math.log10(DOUBT)


def _test(
    comparison: Comparison,
    controls: Sequence[int],
    teacher: int,
    claim: Claim,
    log10_corrected_p: float,
    *,
    log10_level: float,
    trusted: bool,
) -> LineageTest:
    scores = comparison.score(0, teacher)
    mean, prompts = float(scores.mean()), len(scores)
    margin = 1.96 * float(scores.std()) / math.sqrt(prompts)
    sides = zip(claim.ahead, claim.behind, claim.log10_prompts_p, strict=True)
    return LineageTest(
        teacher=comparison.names[teacher],
        prompts=prompts,
        agreement=mean,
        agreement_low=max(mean - margin, 0.0),
        agreement_high=min(mean + margin, 1.0),
        controls=tuple(
            ControlAgreement(
                control=comparison.names[one],
                agreement=float(comparison.score(0, one).mean()),
                teacher_nearer=ahead,
                control_nearer=behind,
                log10_p=chance,
            )
            for one, (ahead, behind, chance) in zip(controls, sides, strict=True)
        ),
        controls_as_near=claim.controls_as_near,
        pairs_as_near=claim.pairs_as_near,
        rank_p=10.0**claim.log10_pairs_p,
        log10_suspect_p=claim.log10_suspect_p,
        log10_teacher_p=claim.log10_teacher_p,
        log10_p=claim.log10_p,
        log10_corrected_p=log10_corrected_p,
        detected=trusted and log10_corrected_p <= log10_level,
        power=lineage_power(comparison, teacher, controls, log10_level),
    )


def _verdict(found: Sequence[LineageTest], *, enough: bool, trusted: bool) -> ProbeVerdict:
    if any(test.detected for test in found):
        return ProbeVerdict.DETECTED
    if not (enough and trusted) or any(map(_unseen, found)):
        return ProbeVerdict.TOO_LITTLE
    return ProbeVerdict.NOT_DETECTED


def missing_controls(question: LineageQuestion) -> tuple[str, ...]:
    """Say in a note, if so, that there are too few controls to show anything at the level."""
    controls, teachers = len(question.controls), len(question.teachers)
    needed = controls_needed(question.level, teachers)
    if controls >= needed:
        return ()
    least = teachers / pairs_of(controls)
    note = f"{controls} controls can show no chance below {least:.2g}"
    return (f"{note}: a level of {question.level:g} takes {needed} of them",)


def _unseen(test: LineageTest) -> bool:
    """Say whether a copy that follows on ``SHOWN_SHARE`` of the prompts would often not show."""
    (power,) = (point.power for point in test.power if point.followed_share == SHOWN_SHARE)
    return power < WANTED_POWER


def _notes(
    comparison: Comparison, found: Sequence[LineageTest], *, trusted: bool
) -> tuple[str, ...]:
    notes = [f"{comparison.basis} of {len(comparison.prompt_ids):,} prompts are compared"]
    if not trusted:
        notes.append(
            "unrelated controls are accused more often than the level allows: nothing is claimed. "
            "Are some of them related to the teacher, or less able than the rest?"
        )
    if any(map(_unseen, found)):
        notes.append(
            f"a copy that follows its teacher on {SHOWN_SHARE:.0%} of the prompts would show in "
            f"less than {WANTED_POWER:.0%} of cases: take more prompts, and controls as able as "
            "the teacher"
        )
    return (*notes, *comparison.notes)


def _accusations(comparison: Comparison, accused: Sequence[int], controls: int) -> FalseAccusations:
    low, high = interval_of(len(accused), controls)
    return FalseAccusations(
        controls=controls,
        accused=tuple(comparison.names[one] for one in accused),
        rate=len(accused) / controls,
        rate_low=low,
        rate_high=high,
    )


MEMBER: Final = Lineage()
