"""Leaves the log-probabilities out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from cautery.ports import AnswerStream
from cautery.records.answer import Answer
from cautery.resist.parameters import NoParameters, read_parameters
from cautery.resist.streams import UnchangedText


@dataclass(frozen=True)
class DropLogprobs:
    """Soft labels tell in one exchange what samples tell in many."""

    name: str = "drop-logprobs"
    description: str = "Leaves out the log-probabilities of tokens: no soft labels."
    precedence: int = 20

    def parameters(self, given: Mapping[str, Any]) -> NoParameters:
        """Take none."""
        return read_parameters(given, NoParameters, self.name)

    def apply(self, answer: Answer, parameters: Any) -> Answer:
        """Leave them out of every text."""
        return Answer(choices=tuple(replace(choice, token_chances=()) for choice in answer.choices))

    def open_stream(self, parameters: Any) -> AnswerStream:
        """Let the text through: log-probabilities do not stand in it."""
        return UnchangedText()


MEMBER: Final = DropLogprobs()
