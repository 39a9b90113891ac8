"""What is done to one answer: the defences of ``cautery.resist`` as a decision asks for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from cautery.guard.degrading.settings import DegradeSettings
from cautery.guard.degrading.tally import Tally, WordCount
from cautery.guard.degrading.undegradable import UndegradableError
from cautery.ports import AnswerStream
from cautery.records.answer import Answer, AnswerChoice
from cautery.records.decision import Degradation
from cautery.resist.defences.answer_only import AnswerOnly
from cautery.resist.defences.hide_reasoning import MEMBER as HIDE_REASONING
from cautery.resist.defences.summarise_reasoning import MEMBER as SUMMARISE_REASONING
from cautery.resist.defences.summarise_reasoning import SummariseReasoning
from cautery.resist.plans import Plan, Step
from cautery.resist.reasoning_text import begins_in_reasoning

_SUMMARY: Final[Degradation] = "summarise_reasoning"
_REWRITING: Final = frozenset({"hide_reasoning", _SUMMARY, "answer_only"})


class Degrading:
    """What is done to one answer, and counts of it.

    Args:
        degradations: What is done.
        tiers: Tiers whose parameters that has; of several the strictest. One that is not known has
            the defences' own defaults.
        settings: What the operator says.

    Example:
        >>> degrading = Degrading(["hide_reasoning"])
        >>> degrading.shown("<think>7*6</think>42"), degrading.tally.before.text_words
        ('42', 1)
    """

    def __init__(
        self,
        degradations: Collection[Degradation],
        tiers: Sequence[str] = (),
        settings: DegradeSettings | None = None,
    ) -> None:
        self._made_of = (degradations, tiers, settings)
        settings = settings or DegradeSettings()
        tiers = tiers or (settings.usual_tier,)
        asked = frozenset(degradations)
        self.tally = Tally()
        """Counts of the answer so far."""
        self.rewrites = bool(asked & _REWRITING)
        """Whether texts or reasoning are changed."""
        self.summarises = _SUMMARY in asked and not asked & {"hide_reasoning", "answer_only"}
        """Whether something stands in place of the reasoning."""
        self.leaves_answer = "answer_only" in asked
        """Whether of all texts the final answer is left."""
        self.leaves_one = "single_choice" in asked
        """Whether the first of several texts is left."""
        # Each log-probability carries its token: those of what is left out are what is left out.
        self.drops_chances = self.rewrites or "drop_logprobs" in asked
        """Whether log-probabilities are left out: on their own, or with what they spell."""
        self.most_held = settings.most_held
        """Characters of one text or stretch of reasoning that are held back."""
        self._refuses = settings.overflow == "refuse"
        self._begins_inside = settings.reasoning_begins_inside or any(
            _parameter(settings.tiers.get(tier), "begins_inside") for tier in tiers
        )
        self._parameters = _strictest(tiers, settings.tiers) if self.summarises else None
        self._apart = self._plan(begins_inside=False)

    def echo(self) -> Degrading:
        """Give the same with counts of its own, for what a stream says a second time."""
        return Degrading(*self._made_of)

    def _plan(self, *, begins_inside: bool) -> Plan:
        """Put the defences together that change one text and its reasoning."""
        if not self.rewrites:
            return Plan()
        if self._parameters is None:
            hidden = HIDE_REASONING.parameters({"begins_inside": begins_inside})
            return Plan(steps=(Step(defence=HIDE_REASONING, parameters=hidden),))
        summary = SummariseReasoning(most_held=self.most_held, overrun=self._overrun)
        summarised = msgspec.structs.replace(self._parameters, begins_inside=begins_inside)
        return Plan(steps=(Step(defence=summary, parameters=summarised),))

    def _overrun(self) -> None:
        self.tally.overruns += 1
        if self._refuses:
            raise UndegradableError("more would have to be held back than may be")

    def open_text(self, *, begins_inside: bool | None = None) -> ShownText:
        """Begin one text of the answer.

        Args:
            begins_inside: Whether it begins in its reasoning; None takes what is configured.
        """
        inside = self._begins_inside if begins_inside is None else begins_inside
        return ShownText(self._plan(begins_inside=inside).open_stream(), self)

    def shown(self, text: str) -> str:
        """Change a whole text; where the final answer is left, that is for ``FinalAnswer``."""
        inside = self._begins_inside or begins_in_reasoning(text)
        stream = self.open_text(begins_inside=inside)
        return stream.feed(text) + stream.finish()

    def shown_reasoning(self, reasoning: str) -> str:
        """Say what is shown in place of reasoning apart from the text; empty for nothing."""
        answer = Answer(choices=(AnswerChoice(text="", reasoning=reasoning),))
        shown = self._apart.apply(answer)[0].choices[0].reasoning
        self.tally.after.reasoning_words += len(shown.split())
        return shown

    def open_reasoning(self) -> HeldReasoning:
        """Begin a stretch of reasoning apart from the text."""
        return HeldReasoning(self)

    def open_answer(self) -> FinalAnswer:
        """Begin the texts of which the final answer is left."""
        defence = AnswerOnly(most_held=self.most_held, overrun=self._overrun)
        return FinalAnswer(defence.open_stream(None), self.tally)


class ShownText:
    """One text on its way to the client, counted; an ``AnswerStream``."""

    __slots__ = ("_after", "_before", "_counts_after", "_stream", "_tally")

    def __init__(self, stream: AnswerStream, degrading: Degrading) -> None:
        self._stream = stream
        self._tally = degrading.tally
        self._counts_after = not degrading.leaves_answer
        self._before, self._after = WordCount(), WordCount()

    def feed(self, piece: str) -> str:
        """Take a piece, and give what is shown of it."""
        self._tally.before.text_words += self._before.add(piece)
        return self._counted(self._stream.feed(piece))

    def finish(self) -> str:
        """Give what is left at the end."""
        return self._counted(self._stream.finish())

    def _counted(self, shown: str) -> str:
        if self._counts_after:
            self._tally.after.text_words += self._after.add(shown)
        return shown


class HeldReasoning:
    """Reasoning apart from the text, held until it has ended."""

    __slots__ = ("_count", "_degrading", "_left", "_pieces")

    def __init__(self, degrading: Degrading) -> None:
        self._degrading = degrading
        self._count = WordCount()
        self._pieces: list[str] = []
        # One more than may be held, so that the defence sees that it was longer.
        self._left = degrading.most_held + 1 if degrading.summarises else 0

    def feed(self, piece: str) -> None:
        """Take a piece."""
        self._degrading.tally.before.reasoning_words += self._count.add(piece)
        if self._left > 0:
            self._pieces.append(piece[: self._left])
            self._left -= len(self._pieces[-1])

    def replace(self, whole: str) -> None:
        """Take the whole in place of the pieces, unless it is empty; words count once."""
        if not whole:
            return
        if not self._count.begun:
            self._degrading.tally.before.reasoning_words += self._count.add(whole)
        if self._degrading.summarises:
            self._pieces = [whole[: self._degrading.most_held + 1]]

    def finish(self) -> str:
        """Say what is shown in its place; empty for nothing."""
        pieces, self._pieces = self._pieces, []
        return self._degrading.shown_reasoning("".join(pieces)) if pieces else ""


class FinalAnswer:
    """The texts of one message, of which the final answer is left."""

    __slots__ = ("_stream", "_tally", "begun")

    def __init__(self, stream: AnswerStream, tally: Tally) -> None:
        self._stream = stream
        self._tally = tally
        self.begun = False
        """Whether there was any text."""

    def part(self) -> None:
        """Begin another paragraph: something else stood between the texts."""
        if self.begun:
            self._stream.feed("\n\n")

    def feed(self, shown: str) -> None:
        """Take a piece of a text, without its reasoning."""
        self.begun = self.begun or bool(shown)
        self._stream.feed(shown)

    def finish(self) -> str:
        """Give the answer."""
        answer = self._stream.finish()
        self._tally.after.text_words += len(answer.split())
        return answer


def _strictest(tiers: Sequence[str], known: Mapping[str, Plan]) -> Any:
    """Put the parameters of summaries together: of each the one that shows less."""
    steps = [step for tier in tiers if tier in known for step in known[tier].steps]
    given = [step.parameters for step in steps if step.defence.name == SUMMARISE_REASONING.name]
    if not given:
        return SUMMARISE_REASONING.parameters({})
    return SUMMARISE_REASONING.parameters(
        {
            "most_share": min(one.most_share for one in given),
            "most_sentences": min(one.most_sentences for one in given),
            "keeps_figures": all(one.keeps_figures for one in given),
        }
    )


def _parameter(plan: Plan | None, name: str) -> bool:
    return plan is not None and any(getattr(s.parameters, name, False) for s in plan.steps)
