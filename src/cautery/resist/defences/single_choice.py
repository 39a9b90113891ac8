"""Leaves one of several texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cautery.ports import AnswerStream
from cautery.records.answer import Answer
from cautery.resist.parameters import NoParameters, read_parameters
from cautery.resist.streams import UnchangedText


@dataclass(frozen=True)
class SingleChoice:
    """Several answers to one question let a student vote, rank and filter."""

    name: str = "single-choice"
    description: str = "Leaves the first of several texts: no n-best lists."
    precedence: int = 10

    def parameters(self, given: Mapping[str, Any]) -> NoParameters:
        """Take none."""
        return read_parameters(given, NoParameters, self.name)

    def apply(self, answer: Answer, parameters: Any) -> Answer:
        """Leave the first."""
        return Answer(choices=answer.choices[:1])

    def open_stream(self, parameters: Any) -> AnswerStream:
        """Let the first text through; whoever relays the stream drops the others."""
        return UnchangedText()


MEMBER: Final = SingleChoice()
