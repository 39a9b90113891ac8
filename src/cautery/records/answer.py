"""An answer of a served model as a client would get it, and what a defence changed of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenChance:
    """What a server tells of one token besides the token."""

    token: str
    """The token that was chosen, as text."""
    log_chance: float
    """Natural logarithm of its probability."""
    others: tuple[tuple[str, float], ...] = ()
    """Other likely tokens with theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChoice:
    """One of the texts that were asked for."""

    text: str
    """What is shown; a server without a reasoning parser leaves the reasoning in it, in tags."""
    reasoning: str = ""
    """Reasoning that the server gives apart from the text."""
    token_chances: tuple[TokenChance, ...] = ()
    """Log-probabilities; empty if none were asked for. They spell what they belong to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One response."""

    choices: tuple[AnswerChoice, ...]
    """At least one; several if *n* were asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSize:
    """How much an answer tells. Counts only, so that a record of it repeats no text."""

    choices: int
    """Texts."""
    text_characters: int
    """Of all of them, reasoning in tags included."""
    reasoning_characters: int
    """Given apart from the texts."""
    token_chances: int
    """Tokens with log-probabilities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerChange:
    """What one defence did to one answer: a line for the audit."""

    defence: str
    """Its name."""
    changed: bool
    """Whether the answer is another one now."""
    before: AnswerSize
    """What it got."""
    after: AnswerSize
    """What it left."""


def size_of(answer: Answer) -> AnswerSize:
    """Count what an answer tells.

    Args:
        answer: The answer.

    Returns:
        Its counts.

    Example:
        >>> size_of(Answer(choices=(AnswerChoice(text="42", reasoning="6 x 7"),)))
        AnswerSize(choices=1, text_characters=2, reasoning_characters=5, token_chances=0)
    """
    return AnswerSize(
        choices=len(answer.choices),
        text_characters=sum(len(choice.text) for choice in answer.choices),
        reasoning_characters=sum(len(choice.reasoning) for choice in answer.choices),
        token_chances=sum(len(choice.token_chances) for choice in answer.choices),
    )
