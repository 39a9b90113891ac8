"""Groups that use the served model as a judge, and people who ask if they are right."""

from __future__ import annotations

from tests.scan.phrase_checks import PhraseChecks
from tests.scan.phrase_worlds import FAMILY_OF

from cautery.scan.signals.rubric_grading import CURVE


class TestRubricGrading(PhraseChecks):
    """What rubric_grading keeps to."""

    family = FAMILY_OF["rubric_grading"]
    curve = CURVE
