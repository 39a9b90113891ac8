"""Defences put together: checked, ordered, carried out one after another, and written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cautery.errors import ConfigurationError
from cautery.ports import AnswerStream, ChangesAnswers, ChangesSampling, Defence
from cautery.records.answer import Answer, AnswerChange, size_of
from cautery.registry import DEFENCES

_CLASHING: Final = (
    ("hide-reasoning", "summarise-reasoning", "Hidden reasoning cannot be summarised: leave one."),
    ("answer-only", "summarise-reasoning", "The answer alone has no summary: leave one."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One defence with its parameters."""

    defence: Defence
    parameters: Any
    """As its own ``parameters`` gave them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Defences in the order in which they are carried out; ``make_plan`` makes one."""

    steps: tuple[Step, ...] = ()

    @property
    def sampling(self) -> tuple[Step, ...]:
        """Those that an engine carries out while it samples."""
        return tuple(step for step in self.steps if isinstance(step.defence, ChangesSampling))

    def apply(self, answer: Answer) -> tuple[Answer, tuple[AnswerChange, ...]]:
        """Change an answer after it was written.

        Args:
            answer: As the engine gave it.

        Returns:
            The answer for the client, and a line for the audit for each defence that ran, in
            order. The lines hold counts and no text.
        """
        changes = []
        for step in self.steps:
            if not isinstance(step.defence, ChangesAnswers):
                continue
            changed = step.defence.apply(answer, step.parameters)
            changes.append(
                AnswerChange(
                    defence=step.defence.name,
                    changed=changed != answer,
                    before=size_of(answer),
                    after=size_of(changed),
                )
            )
            answer = changed
        return answer, tuple(changes)

    def open_stream(self) -> AnswerStream:
        """Begin one text on its way to the client."""
        return _Chain(
            [
                step.defence.open_stream(step.parameters)
                for step in self.steps
                if isinstance(step.defence, ChangesAnswers)
            ]
        )


class _Chain:
    """Streams one behind the other."""

    def __init__(self, streams: Sequence[AnswerStream]) -> None:
        self._streams = streams

    def feed(self, piece: str) -> str:
        for stream in self._streams:
            piece = stream.feed(piece)
        return piece

    def finish(self) -> str:
        rest = ""
        for stream in self._streams:
            rest = (stream.feed(rest) if rest else "") + stream.finish()
        return rest


def make_plan(wanted: Mapping[str, Mapping[str, Any]], *, instead: Sequence[Defence] = ()) -> Plan:
    """Put defences together.

    Args:
        wanted: Parameters by name of the defence.
        instead: Defences that stand in for those of their names, such as a
            ``SummariseReasoning`` with a rewriter.

    Returns:
        The plan, in the order of the defences' precedence, whatever the order given.

    Raises:
        UsageError: There is no such defence.
        ConfigurationError: A parameter is wrong, or two of them make no sense together.

    Example:
        >>> plan = make_plan({"answer-only": {}, "drop-logprobs": {}})
        >>> [step.defence.name for step in plan.steps]
        ['drop-logprobs', 'answer-only']
    """
    own = {defence.name: defence for defence in instead}
    steps = []
    for name, given in wanted.items():
        defence = own.get(name.replace("_", "-")) or DEFENCES.load(name)
        steps.append(Step(defence=defence, parameters=defence.parameters(given)))
    names = [step.defence.name for step in steps]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigurationError("a defence is named twice", where=twice[0])
    for first, second, hint in _CLASHING:
        if first in names and second in names:
            raise ConfigurationError(f"{first} and {second} clash", where=second, hint=hint)
    steps.sort(key=lambda step: (step.defence.precedence, step.defence.name))
    return Plan(steps=tuple(steps))
