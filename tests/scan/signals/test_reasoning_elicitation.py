"""Groups that ask for hidden reasoning, and people who want their steps explained."""

from __future__ import annotations

from tests.scan.phrase_checks import PhraseChecks
from tests.scan.phrase_worlds import FAMILY_OF

from cautery.scan.signals.reasoning_elicitation import CURVE


class TestReasoningElicitation(PhraseChecks):
    """What reasoning_elicitation keeps to."""

    family = FAMILY_OF["reasoning_elicitation"]
    curve = CURVE
