"""Leaves the reasoning out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from cautery.ports import AnswerStream
from cautery.records.answer import Answer, AnswerChoice
from cautery.resist.parameters import read_parameters
from cautery.resist.reasoning_text import ReasoningRewriter, split_text


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set."""

    begins_inside: bool = False
    """Whether streamed texts begin in their reasoning without a tag."""


@dataclass(frozen=True)
class HideReasoning:
    """The steps to an answer are the better part of the lesson."""

    name: str = "hide-reasoning"
    description: str = "Leaves out the reasoning, in tags or apart from the text."
    precedence: int = 30

    def parameters(self, given: Mapping[str, Any]) -> Parameters:
        """Check ``begins_inside`` (false)."""
        return read_parameters(given, Parameters, self.name)

    def apply(self, answer: Answer, parameters: Any) -> Answer:
        """Leave it out of every text."""
        return Answer(choices=tuple(map(_without_reasoning, answer.choices)))

    def open_stream(self, parameters: Any) -> AnswerStream:
        """Let through what is shown, as soon as it is known to be that."""
        return ReasoningRewriter(lambda _: "", begins_inside=parameters.begins_inside)


def _without_reasoning(choice: AnswerChoice) -> AnswerChoice:
    shown = split_text(choice.text)[1]
    unchanged = shown == choice.text and not choice.reasoning
    # Log-probabilities spell the reasoning, token by token: they go with it.
    return AnswerChoice(text=shown, token_chances=choice.token_chances if unchanged else ())


MEMBER: Final = HideReasoning()
