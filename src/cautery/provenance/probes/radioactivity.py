"""Radioactivity: does a suspect model show training on text that our keys marked?

Sander, Fernandez, Durmus, Douze and Furon, *Watermarking makes language models radioactive*
(NeurIPS 2024): a model that learned from marked text repeats a part of the mark, and the exact test
of the watermark tells, if repetitions count once and contexts that the training data never held are
left out. Written anew from the paper; no code of theirs (CC-BY-NC) was used.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from cautery import __version__
from cautery.errors import ConfigurationError
from cautery.provenance.radioactive_evidence import LearnedPairs, evidence_of_keys
from cautery.provenance.radioactive_power import (
    ASSUMPTIONS,
    EXPECTED_ONLY,
    WANTED_POWER,
    curve,
    share_needed,
)
from cautery.provenance.radioactive_tests import (
    Tally,
    controls_of,
    expectation_of,
    key_test,
    log10_chance_of,
    tallies_of,
    teacher_of,
)
from cautery.provenance.suspect_material import Exposure, SuspectMaterial
from cautery.provenance.text import KeysOfProfile
from cautery.records.probe import KeyTest, PowerCurve, ProbeReport, ProbeVerdict
from cautery.watermark.multiple_testing import holm
from cautery.watermark.profile import caveat_of
from cautery.watermark.scoring import Plan
from cautery.watermark.verification import plan_of

CONTROL_KEYS: Final = 200
"""Keys that marked nothing, scored on the same pairs."""
MOST_UNDETECTED: Final = 50
"""Tests without a finding that a report lists."""
LIMITS: Final = (
    "A detected key shows training on text that the key marked: not who collected that text.",
    "It does not show that the training was not permitted.",
    "Not detected is not clean: paraphrased training data, or a filter that undoes marks, hide it.",
    "Keys of single accounts seldom show in a copy that learned from many accounts.",
    "The chance supposes that nobody who made the suspect knew the key.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioactivityQuestion:
    """Keys to test a suspect for, and what is known of its training."""

    tested: tuple[KeysOfProfile, ...]
    """Profiles and their keys."""
    exposures: tuple[tuple[Exposure, ...], ...]
    """Our marked text by profile, in the same order; empty where none is at hand."""
    references: tuple[tuple[Exposure, ...], ...] = ()
    """Unmarked text of the same kind by profile, in the same order; empty where none is at hand."""
    campaigns: Mapping[str, str] = field(default_factory=dict)
    """Campaign of each account, for accounts whose keys do not name it."""
    memorisation: float = 1.0
    """Part of its training data's mark that a copy is taken to repeat, for the power curve."""
    control_keys: int = CONTROL_KEYS


@dataclass(frozen=True, slots=True)
class _Profile:
    """One profile, and what came of it."""

    name: str
    plan: Plan
    evidence: list[LearnedPairs]
    tallies: list[Tally]


@dataclass(frozen=True)
class Radioactivity:
    """Tests whether a suspect model learned from text that our keys marked."""

    name: str = "radioactivity"
    description: str = "Did the suspect learn from text that our watermark keys marked?"

    def examine(self, suspect: Any, question: Any) -> ProbeReport:
        """Test a suspect for every key of every profile, and for campaigns' accounts together.

        Null: the suspect never learned from text that any of the keys marked. All tests are
        corrected together (Holm).

        Args:
            suspect: A ``SuspectMaterial``.
            question: A ``RadioactivityQuestion``.

        Returns:
            The report.

        Raises:
            ConfigurationError: There is no key, or the memorisation is not between 0 and 1.
            InputError: A token is not in a profile's vocabulary.
        """
        _check(question)
        rate = min(each.profile.false_positive_rate for each in question.tested)
        profiles = [
            _examined(each, suspect, question, place) for place, each in enumerate(question.tested)
        ]
        tests = [(one, tally) for one in profiles for tally in one.tallies]
        chances = np.array([log10_chance_of(one.plan, tally)[1] for one, tally in tests])
        level = math.log10(rate)
        found = [
            key_test(one.plan, one.name, tally, float(corrected), level)
            for (one, tally), corrected in zip(tests, holm(chances), strict=True)
        ]
        found.sort(key=lambda test: (test.log10_p, test.key_id))
        log10_level = level - math.log10(len(tests))
        power = tuple(_curve(one, tally, log10_level, question) for one, tally in _largest(tests))
        controls = [
            controls_of(one.plan, one.name, one.evidence, question.control_keys) for one in profiles
        ]
        named = [test for test in found if test.detected]
        return ProbeReport(
            software=f"cautery {__version__}",
            probe=self.name,
            suspect=suspect.name,
            material_sha256=_digest(suspect),
            access=suspect.access,
            supervised=suspect.supervised,
            verdict=_verdict(named, power),
            false_positive_rate=rate,
            tests=len(tests),
            texts=len(suspect.samples[0]),
            tokens=sum(sample.written for sample in suspect.samples[0]),
            key_tests=(*named, *[test for test in found if not test.detected][:MOST_UNDETECTED]),
            power=power,
            controls=tuple(control for control in controls if control is not None),
            epochs=_names(test.epoch for test in named),
            campaign_ids=_names(test.campaign_id for test in named),
            account_ids=_names(test.account_id for test in named),
            notes=(*suspect.notes, *_unmarked(tests)),
            assumptions=_assumptions(power),
            limits=(*LIMITS, *(each for each in map(_caveat, question.tested) if each)),
        )


def _check(question: RadioactivityQuestion) -> None:
    if not question.tested or not all(each.keys for each in question.tested):
        raise ConfigurationError("there is no key to test for", where="keys")
    if not 0.0 < question.memorisation <= 1.0:
        raise ConfigurationError(
            f"must be above 0 and at most 1, not {question.memorisation}", where="memorisation"
        )


def _examined(
    each: KeysOfProfile, suspect: SuspectMaterial, question: RadioactivityQuestion, place: int
) -> _Profile:
    plan = plan_of(each.profile)
    samples, exposures = suspect.samples[place], question.exposures[place]
    reference = question.references[place] if question.references else ()
    evidence = list(evidence_of_keys(plan, samples, exposures, each.keys, reference))
    return _Profile(each.profile.name, plan, evidence, tallies_of(evidence, question.campaigns))


def _largest(tests: Sequence[tuple[_Profile, Tally]]) -> list[tuple[_Profile, Tally]]:
    """Take of each profile and kind of test the one with the most pairs."""
    best: dict[tuple[str, str], tuple[_Profile, Tally]] = {}
    for one, tally in tests:
        kind = (one.name, str(tally.pool))
        if kind not in best or len(tally.values) > len(best[kind][1].values):
            best[kind] = one, tally
    return list(best.values())


def _unmarked(tests: Sequence[tuple[_Profile, Tally]]) -> list[str]:
    """Say of which kinds of keys our own text shows no mark: their curves mean nothing."""
    notes = []
    for one, tally in _largest(tests):
        effect, marked = teacher_of(one.plan, tally)
        if effect is not None and not marked:
            question = f"the exposure shows no mark of {tally.key_id}: was it marked with it?"
            notes.append(f"{one.name}: {question}")
    return notes


def _curve(
    one: _Profile, tally: Tally, log10_level: float, question: RadioactivityQuestion
) -> PowerCurve:
    null, pairs = one.plan.null, len(tally.values)
    expected, teacher, measured = expectation_of(one.plan, tally)
    given = (null, expected, pairs, log10_level, question.memorisation)
    return PowerCurve(
        profile=one.name,
        pool=tally.pool,
        key_id=tally.key_id,
        pairs=pairs,
        log10_level=log10_level,
        teacher_mean=teacher.mean,
        measured=measured,
        memorisation=question.memorisation,
        points=curve(*given),
        share_needed=share_needed(*given),
    )


def _verdict(named: Sequence[KeyTest], power: Sequence[PowerCurve]) -> ProbeVerdict:
    if named:
        return ProbeVerdict.DETECTED
    if all(one.points[-1].power < WANTED_POWER for one in power):
        return ProbeVerdict.TOO_LITTLE
    return ProbeVerdict.NOT_DETECTED


def _assumptions(power: Sequence[PowerCurve]) -> tuple[str, ...]:
    if all(one.measured for one in power):
        return ASSUMPTIONS
    return (*ASSUMPTIONS, EXPECTED_ONLY)


def _digest(suspect: SuspectMaterial) -> str:
    digest = hashlib.sha256()
    for samples in suspect.samples:
        for sample in samples:
            digest.update(np.asarray(sample.tokens, dtype="<i8").tobytes())
            if sample.predictions is not None:
                digest.update(np.asarray(sample.predictions, dtype="<i8").tobytes())
    return digest.hexdigest()


def _names(names: Any) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}))


def _caveat(each: KeysOfProfile) -> str:
    caveat = caveat_of(each.profile)
    return f"{each.profile.name}: {caveat}" if caveat else ""


MEMBER: Final = Radioactivity()
