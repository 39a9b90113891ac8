"""Leaves the final answer and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cautery.ports import AnswerStream
from cautery.records.answer import Answer, AnswerChoice
from cautery.resist.final_answers import final_answer
from cautery.resist.parameters import NoParameters, read_parameters
from cautery.resist.reasoning_text import split_text
from cautery.resist.streams import WholeText, nothing

MOST_HELD: Final = 1_000_000
"""Characters of one text that are held and looked through; of a longer one nothing is left."""


@dataclass(frozen=True)
class AnswerOnly:
    """Explanations teach as reasoning does, so they go as well.

    Args:
        most_held: Characters of one text that are held back; of a longer one nothing is left.
        overrun: Told of each that is longer; what it raises ends the answer.
    """

    most_held: int = MOST_HELD
    overrun: Callable[[], None] = nothing
    name: str = "answer-only"
    description: str = "Leaves the final answer: no reasoning, no explanation."
    precedence: int = 40

    def parameters(self, given: Mapping[str, Any]) -> NoParameters:
        """Take none."""
        return read_parameters(given, NoParameters, self.name)

    def apply(self, answer: Answer, parameters: Any) -> Answer:
        """Leave the final answer of each text."""
        return Answer(choices=tuple(map(self._answer_alone, answer.choices)))

    def open_stream(self, parameters: Any) -> AnswerStream:
        """Hold the text back to its end: before it, nobody knows where the answer stands."""
        return WholeText(_shown, self.most_held, self.overrun)

    def _answer_alone(self, choice: AnswerChoice) -> AnswerChoice:
        stream = self.open_stream(None)
        shown = stream.feed(choice.text) + stream.finish()
        unchanged = shown == choice.text and not choice.reasoning
        return AnswerChoice(text=shown, token_chances=choice.token_chances if unchanged else ())


def _shown(text: str) -> str:
    return final_answer(split_text(text)[1])


MEMBER: Final = AnswerOnly()
