"""Groups that speak to filters and detectors, and people who filter their own data."""

from __future__ import annotations

from tests.scan.phrase_checks import PhraseChecks
from tests.scan.phrase_worlds import FAMILY_OF

from cautery.scan.signals.evasion import CURVE


class TestEvasion(PhraseChecks):
    """What evasion keeps to."""

    family = FAMILY_OF["evasion"]
    curve = CURVE
