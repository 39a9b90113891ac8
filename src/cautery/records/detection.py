"""What a test of one text for watermark keys found."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What is said of a text."""

    DETECTED = "detected"
    NOT_DETECTED = "not detected"
    TOO_SHORT = "too short"
    """Not detected, and a marked text of this length would often not be either."""
    NOT_TESTED = "not tested"
    """No tokens: the profile's tokenizer is not there, or does not belong to the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """One text, tested for one key or more; the figures are those of the best key."""

    id: str | int
    """Of the text, as its owner named it."""
    verdict: Verdict
    tokens: int
    """In the text."""
    tokens_scored: int
    """That remain when places without context and repetitions are left out."""
    key_id: str
    """The key with the smallest p-value; it marked the text only if the verdict says so."""
    keys_tested: int
    statistic: float | None
    """As the engine's own detector sums it; nothing if the text was not tested."""
    log10_p: float | None
    """Chance of this statistic or more in a text that the key did not mark."""
    log10_corrected_p: float | None
    """The same for the best of so many keys."""
    tokens_needed: int | None = None
    """Scored tokens that would suffice at the planned power; nothing if none would."""
    reason: str = ""
    """Sentence for people, where the verdict needs one."""

    @property
    def p_value(self) -> float | None:
        """The chance itself; 0 where a double ends (1e-308), which ``log10_p`` never does."""
        return None if self.log10_p is None else chance(self.log10_p)

    @property
    def corrected_p_value(self) -> float | None:
        """The corrected chance itself."""
        return None if self.log10_corrected_p is None else chance(self.log10_corrected_p)

    def line(self) -> dict[str, Any]:
        """Give what ``cautery watermark detect`` writes of a text (contracts, section 5)."""
        return {
            "id": self.id,
            "verdict": str(self.verdict),
            "p_value": self.p_value,
            "log10_p": self.log10_p,
            "statistic": self.statistic,
            "tokens": self.tokens,
            "tokens_scored": self.tokens_scored,
            "key_id": self.key_id,
            "corrected_p_value": self.corrected_p_value,
            "keys_tested": self.keys_tested,
        }


def chance(log10_p: float) -> float:
    """Turn decades into a chance; 0 below about 1e-323."""
    return float(10.0**log10_p) if log10_p > -324.0 else 0.0


def chance_text(log10_p: float) -> str:
    """Write a chance so that it reads as itself, however small.

    Args:
        log10_p: Its logarithm, at most 0.

    Returns:
        Three digits and an exponent; also a number in JSON.

    Example:
        >>> chance_text(-500.0), chance_text(-99999.3), chance_text(math.log10(0.25))
        ('1.00e-500', '5.01e-100000', '2.50e-1')
    """
    if math.isinf(log10_p):
        return "0"
    exponent = math.floor(log10_p)
    digits = f"{10.0 ** (log10_p - exponent):.2f}"
    if digits == "10.00":
        digits, exponent = "1.00", exponent + 1
    return digits if exponent == 0 else f"{digits}e{exponent}"
