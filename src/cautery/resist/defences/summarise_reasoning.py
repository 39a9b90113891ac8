"""Shows a summary in place of the reasoning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec

from cautery.ports import AnswerStream
from cautery.records.answer import Answer, AnswerChoice
from cautery.resist.parameters import read_parameters
from cautery.resist.reasoning_text import (
    ReasoningRewriter,
    begins_in_reasoning,
    without_tags,
)
from cautery.resist.streams import nothing
from cautery.resist.summarising import extractive_summary

MOST_HELD: Final = 1_000_000
"""Characters of one stretch of reasoning that are held and summarised; a longer one is hidden."""


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set."""

    most_share: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)] = 0.25
    """Of the reasoning's characters that the summary may have."""
    most_sentences: Annotated[int, msgspec.Meta(ge=1, le=50)] = 3
    """Sentences of the built-in summary."""
    keeps_figures: bool = False
    """Whether the built-in summary may take sentences with figures, formulas or code."""
    begins_inside: bool = False
    """Whether streamed texts begin in their reasoning without a tag."""


@dataclass(frozen=True)
class SummariseReasoning:
    """Tells an honest reader what was done, and a student little of how.

    Args:
        rewrite: Makes a summary of a stretch of reasoning, for example by asking a served model;
            None for the built-in extractive one. What it gives is cut to the share, and its tags
            are taken out. If it raises, the reasoning is hidden.
        most_held: Characters of one stretch that are held back for it; a longer one is hidden.
        overrun: Told of each that is longer; what it raises ends the answer.
    """

    rewrite: Callable[[str], str] | None = None
    most_held: int = MOST_HELD
    overrun: Callable[[], None] = nothing
    name: str = "summarise-reasoning"
    description: str = "Shows a summary in place of the reasoning, built in or by any rewriter."
    precedence: int = 30

    def parameters(self, given: Mapping[str, Any]) -> Parameters:
        """Check ``most_share`` (0.25), ``most_sentences`` (3), ``keeps_figures`` (false)."""
        return read_parameters(given, Parameters, self.name)

    def apply(self, answer: Answer, parameters: Any) -> Answer:
        """Summarise the reasoning of every text."""
        return Answer(
            choices=tuple(self._summarised(choice, parameters) for choice in answer.choices)
        )

    def open_stream(self, parameters: Any) -> AnswerStream:
        """Hold back each stretch of reasoning to its end; let through the rest."""
        return self._stream(parameters, parameters.begins_inside)

    def _stream(self, parameters: Any, begins_inside: bool) -> ReasoningRewriter:
        def rewritten(reasoning: str) -> str:
            summary = self._summary(reasoning, parameters)
            return f"<think>{summary}</think>\n" if summary else ""

        return ReasoningRewriter(
            rewritten, begins_inside=begins_inside, most_held=self.most_held + 1
        )

    def _summarised(self, choice: AnswerChoice, parameters: Any) -> AnswerChoice:
        stream = self._stream(parameters, begins_in_reasoning(choice.text))
        text = stream.feed(choice.text) + stream.finish()
        reasoning = self._summary(choice.reasoning, parameters)
        unchanged = text == choice.text and reasoning == choice.reasoning
        return AnswerChoice(
            text=text,
            reasoning=reasoning,
            token_chances=choice.token_chances if unchanged else (),
        )

    def _summary(self, reasoning: str, parameters: Any) -> str:
        if len(reasoning) > self.most_held:
            self.overrun()
            return ""
        if self.rewrite is None:
            return extractive_summary(
                reasoning,
                most_share=parameters.most_share,
                most_sentences=parameters.most_sentences,
                keeps_figures=parameters.keeps_figures,
            )
        if not reasoning:
            return ""
        try:
            summary = self.rewrite(reasoning)
        except Exception:  # noqa: BLE001 - whatever fails in there, the reasoning must not get out
            return ""
        return without_tags(summary[: int(parameters.most_share * len(reasoning))])


MEMBER: Final = SummariseReasoning()
