"""How far a grader agrees with labelled answers: Cohen's kappa, with an interval.

J. Cohen, *A coefficient of agreement for nominal scales* (Educational and Psychological Measurement
20, 1960). The interval is Wilson's for the share of agreement, carried through kappa with the
agreement by chance held fixed: unlike the usual normal interval it does not shrink to a point when
a small sample agrees throughout.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from cautery.provenance.answer_grading import Grader
from cautery.provenance.paired_tests import wilson
from cautery.provenance.suite_items import package_lines
from cautery.records.probe import AnswerGrade, GraderAgreement


class LabelledAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer with the grade that its author gave it."""

    id: str
    kind: str
    answer: str
    grade: AnswerGrade


def labelled_answers() -> tuple[LabelledAnswer, ...]:
    """Read the labelled answers that come with the package.

    Returns:
        They were written and labelled for this project, by one author.
    """
    decoder = msgspec.json.Decoder(LabelledAnswer)
    return tuple(decoder.decode_lines(package_lines("labelled-answers.jsonl")))


def agreements(grader: Grader, answers: Sequence[LabelledAnswer]) -> tuple[GraderAgreement, ...]:
    """Let a grader grade labelled answers.

    Args:
        grader: The grader.
        answers: The answers.

    Returns:
        Its agreement, by kind of question.
    """
    found = []
    for kind in sorted({each.kind for each in answers}):
        own = [each for each in answers if each.kind == kind]
        pairs = [(each.grade, grader.grade(kind, "", each.answer)) for each in own]
        kappa, low, high = kappa_interval(pairs)
        found.append(
            GraderAgreement(
                grader=grader.name,
                kind=kind,
                answers=len(pairs),
                agreed=sum(one is other for one, other in pairs),
                kappa=kappa,
                kappa_low=low,
                kappa_high=high,
            )
        )
    return tuple(found)


def kappa_interval(
    pairs: Sequence[tuple[AnswerGrade, AnswerGrade]],
) -> tuple[float, float, float]:
    """Compute Cohen's kappa of two graders of the same answers.

    Args:
        pairs: Their grades.

    Returns:
        Kappa, and its 95 % interval; (0, -1, 1) where chance alone agrees throughout.

    Example:
        >>> one, other = AnswerGrade.REFUSED, AnswerGrade.COMPLIED
        >>> pairs = [(one, one)] * 20 + [(one, other)] * 5 + [(other, one)] * 10
        >>> pairs += [(other, other)] * 15
        >>> round(kappa_interval(pairs)[0], 3)
        0.4
    """
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    by_chance = sum(first[grade] * second[grade] for grade in first) / max(len(pairs), 1) ** 2
    if not pairs or by_chance >= 1.0:
        return 0.0, -1.0, 1.0
    agreed = sum(one is other for one, other in pairs)
    ends = (agreed / len(pairs), *wilson(agreed, len(pairs)))
    kappa, low, high = ((share - by_chance) / (1.0 - by_chance) for share in ends)
    return kappa, low, high
