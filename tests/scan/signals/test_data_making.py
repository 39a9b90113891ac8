"""Groups that ask for questions, instructions or rewrites, and people with one question."""

from __future__ import annotations

from tests.scan.phrase_checks import PhraseChecks
from tests.scan.phrase_worlds import FAMILY_OF

from cautery.scan.signals.data_making import CURVE


class TestDataMaking(PhraseChecks):
    """What data_making keeps to."""

    family = FAMILY_OF["data_making"]
    curve = CURVE
