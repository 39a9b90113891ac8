"""Leaves the final answer and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cautery.ports import AnswerStream
from cautery.records.answer import Answer, AnswerChoice
from cautery.resist.final_answers import final_answer
from cautery.resist.parameters import NoParameters, read_parameters
from cautery.resist.reasoning_text import split_text
from cautery.resist.streams import WholeText


@dataclass(frozen=True)
class AnswerOnly:
    """Explanations teach as reasoning does, so they go as well."""

    name: str = "answer-only"
    description: str = "Leaves the final answer: no reasoning, no explanation."
    precedence: int = 40

    def parameters(self, given: Mapping[str, Any]) -> NoParameters:
        """Take none."""
        return read_parameters(given, NoParameters, self.name)

    def apply(self, answer: Answer, parameters: Any) -> Answer:
        """Leave the final answer of each text."""
        return Answer(choices=tuple(_answer_alone(choice) for choice in answer.choices))

    def open_stream(self, parameters: Any) -> AnswerStream:
        """Hold the text back to its end: before it, nobody knows where the answer stands."""
        return WholeText(_shown)


def _shown(text: str) -> str:
    return final_answer(split_text(text)[1])


def _answer_alone(choice: AnswerChoice) -> AnswerChoice:
    shown = _shown(choice.text)
    unchanged = shown == choice.text and not choice.reasoning
    return AnswerChoice(text=shown, token_chances=choice.token_chances if unchanged else ())


MEMBER: Final = AnswerOnly()
