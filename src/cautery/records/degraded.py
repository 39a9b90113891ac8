"""What a degraded answer told and what its client got, counted: a line for the audit, no text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cautery.records.decision import Degradation

DEGRADED_KIND: Final = "degraded-answer"
"""Kind of the audit record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCounts:
    """How much an answer tells. Words are what stands between blanks."""

    choices: int = 0
    """Texts that were begun."""
    text_words: int = 0
    """Of all of them; reasoning in tags counts here."""
    reasoning_words: int = 0
    """Of reasoning apart from the texts."""
    token_chances: int = 0
    """Tokens with log-probabilities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DegradedAnswer:
    """What became of one answer under *degrade*."""

    decision_id: str
    """Of the decision that asked for it."""
    request_id: str
    """Of the request."""
    account_id: str
    """Whose it was."""
    degradations: tuple[Degradation, ...]
    """What was done to it."""
    defence_tiers: tuple[str, ...]
    """Tiers whose parameters that had; empty for the usual ones."""
    before: AnswerCounts
    """What the server gave, as far as the answer came."""
    after: AnswerCounts
    """What the client got."""
    overruns: int = 0
    """Texts and stretches of reasoning that were longer than is held back."""
