"""Canary: does a suspect repeat the markers that a gateway planted in a campaign's answers?

A marker is a kind of question with several equally good phrases; a key draws which of them a
campaign is given (``watermark/markers.py``). No logits are needed to plant it, nor to test for it.
After the interaction-layer markers of *Asking Back* (arXiv 2605.16462, 2026); the test is ours.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from cautery import __version__
from cautery.provenance.marker_checks import check, wrong_keys
from cautery.records.key import Secret
from cautery.records.probe import Access, ProbeReport, ProbeVerdict
from cautery.watermark.markers import PlantedMarker

LEVEL: Final = 1e-3
"""Chance that any campaign is named wrongly."""
SEED: Final = 20_261_129
"""Of the wrong keys: reports of the same answers are the same."""
ASSUMPTIONS: Final = (
    "A copy repeats a part of the markers, and answers to the others as chance has it.",
)
LIMITS: Final = (
    "A named campaign shows that its answers were learned from: not who collected them.",
    "It does not show that the training was not permitted.",
    "The chance supposes that nobody who made the suspect knew the key, or the phrases otherwise.",
    "Not detected is not clean: paraphrase, or cleaning of closing phrases, removes markers.",
    "Whoever compares the answers of two campaigns can see the markers.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredQuestions:
    """What a suspect answered to questions of the kinds that markers are for."""

    name: str
    answers: tuple[tuple[str, str], ...]
    """Questions and answers."""
    tokens: int = 0
    """Of the answers, as far as it is known."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryQuestion:
    """Markers that were planted, and the key that drew."""

    planted: tuple[PlantedMarker, ...]
    key: Secret
    level: float = LEVEL


@dataclass(frozen=True)
class Canary:
    """Tests whether a suspect repeats the markers of a campaign."""

    name: str = "canary"
    description: str = "Does the suspect repeat markers that a gateway planted in answers?"

    @staticmethod
    def check_question(question: CanaryQuestion) -> None:
        """Refuse a question that cannot be answered, before anybody is asked.

        Raises:
            ConfigurationError: There is no marker, or the level is none.
        """
        check(question.planted, question.key, (), question.level)

    def examine(self, suspect: Any, question: Any) -> ProbeReport:
        """Test a suspect for the markers of every campaign.

        Null: whoever made the suspect knew neither the key nor an answer of the campaign.
        Corrected over campaigns (Holm).

        Args:
            suspect: ``AnsweredQuestions``.
            question: A ``CanaryQuestion``.

        Returns:
            The report, with the rate at which wrong keys accuse on the same answers.

        Raises:
            ConfigurationError: There is no marker, or the level is none.
        """
        answers = sorted(set(suspect.answers))  # the same answers in any order, and not twice
        tests = check(question.planted, question.key, suspect.answers, question.level)
        named = tuple(sorted(test.campaign_id for test in tests if test.detected))
        blind = all(test.share_needed is None for test in tests)
        return ProbeReport(
            software=f"cautery {__version__}",
            probe=self.name,
            suspect=suspect.name,
            material_sha256=hashlib.sha256(msgspec.json.encode(answers)).hexdigest(),
            access=Access.CLOSED,
            supervised=True,
            verdict=(
                ProbeVerdict.DETECTED
                if named
                else ProbeVerdict.TOO_LITTLE
                if blind
                else ProbeVerdict.NOT_DETECTED
            ),
            false_positive_rate=question.level,
            tests=len(tests),
            texts=len(suspect.answers),
            tokens=suspect.tokens,
            key_tests=(),
            power=(),
            controls=(),
            epochs=(),
            campaign_ids=named,
            account_ids=(),
            notes=suspect.notes,
            assumptions=ASSUMPTIONS,
            limits=LIMITS,
            markers=tuple(tests),
            wrong_keys=wrong_keys(question.planted, suspect.answers, question.level, SEED),
        )


MEMBER: Final = Canary()
