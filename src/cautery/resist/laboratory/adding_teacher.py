"""A teacher that adds with written working, column by column, in full or in short.

In full a step names its digits, the carry and the result; in short only the digit that is written
down, with the carry kept in mind, where slips are likelier. So there is something to choose between
for a defence that works on the choice of tokens, and something to lose. All its words have known
probabilities: most are certain, the style of a step and its result are not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from cautery.records.answer import Answer, AnswerChoice, TokenChance
from cautery.resist.laboratory.addition import CLOSING, OPENING, spaced
from cautery.resist.laboratory.roles import Question, Sampler

IN_SHORT: Final = "this"
"""First word of a step in short; one in full begins with a digit."""


class Proxy(Protocol):
    """A proxy student, asked for what it would write next."""

    def log_chances(
        self, question: Question, working: Sequence[str], words: Sequence[str]
    ) -> NDArray[np.float64]:
        """Give the logarithm of the probability of each word after this working."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a teacher writes."""

    full_at_first: float = 0.7
    """Chance that the first step is in full."""
    stays_full: float = 0.95
    """Chance that a step is in full after one in full."""
    turns_full: float = 0.1
    """Chance that a step is in full after one in short."""
    slip_in_full: float = 0.005
    """Chance of a wrong result in a step in full."""
    slip_in_short: float = 0.02
    """Chance of a wrong result in a step in short."""


TERSE: Final = Manner(full_at_first=0.1, stays_full=0.5, turns_full=0.1)
"""As people write sums who do not explain them: what a proxy student has read."""


class AddingTeacher:
    """The teacher.

    Args:
        manner: How it writes.
        proxy: Asked where a sampler is given; None if no sampler ever is.
    """

    def __init__(self, manner: Manner | None = None, proxy: Proxy | None = None) -> None:
        self._manner = manner or Manner()
        self._proxy = proxy

    def answer(
        self, question: Question, seed: Sequence[int], choices: int, sampler: Sampler | None
    ) -> Answer:
        """Answer a question; see ``roles.Teacher``."""
        written = []
        for number in range(choices):
            luck = np.random.default_rng([*seed, number]).random(2 * question.digits).tolist()
            writer = _Writer(question, luck, sampler, self._proxy)
            written.append(writer.write(self._manner))
        return Answer(choices=tuple(written))


class _Writer:
    """One text as it is written."""

    def __init__(
        self, question: Question, luck: list[float], sampler: Sampler | None, proxy: Proxy | None
    ) -> None:
        self._question = question
        self._luck = iter(luck)
        self._sampler = sampler
        self._proxy = proxy
        self._words: list[str] = []
        self._chances: list[TokenChance] = []

    def write(self, manner: Manner) -> AnswerChoice:
        self._certain(OPENING)
        carry, digits, full = 0, [], manner.full_at_first
        for place in range(self._question.digits):
            first, second = self._question.column(place)
            start = self._choose({str(first): full, IN_SHORT: 1.0 - full})
            if start == IN_SHORT:
                # What is written is the digit alone; the carry goes on in the teacher's mind.
                exact = first + second + carry
                self._certain(["gives"])
                shown = int(self._choose(_around(exact % 10, 10, manner.slip_in_short, "d")))
                result = exact - exact % 10 + shown
            else:
                self._certain(["and", str(second), "with", str(carry), "is"])
                exact = first + second + carry
                result = int(self._choose(_around(exact, 20, manner.slip_in_full, "02d")))
            self._certain(["."])
            digits.append(result % 10)
            carry = result // 10
            full = manner.turns_full if start == IN_SHORT else manner.stays_full
        self._certain(CLOSING)
        answer = "".join(map(str, reversed([*digits, carry])))
        chances = [*self._chances, *(TokenChance(token=one, log_chance=0.0) for one in answer)]
        text = f"<think>\n{spaced(self._words)}\n</think>\n{answer}"
        return AnswerChoice(text=text, token_chances=tuple(chances))

    def _certain(self, words: Sequence[str]) -> None:
        self._words += words
        self._chances += [TokenChance(token=word, log_chance=0.0) for word in words]

    def _choose(self, chances: dict[str, float]) -> str:
        words = list(chances)
        logs = np.log(np.array(list(chances.values())))
        if self._sampler is not None and self._proxy is not None:
            logs = self._sampler(logs, self._proxy.log_chances(self._question, self._words, words))
        ends = np.cumsum(np.exp(logs))
        place = min(
            int(np.searchsorted(ends, next(self._luck) * ends[-1], "right")), len(words) - 1
        )
        others = [(word, float(log)) for word, log in zip(words, logs, strict=True)]
        _, log_chance = others.pop(place)
        self._chances.append(
            TokenChance(token=words[place], log_chance=log_chance, others=tuple(others))
        )
        self._words.append(words[place])
        return words[place]


def _around(exact: int, count: int, slip: float, form: str) -> dict[str, float]:
    """Give the chances of a result: the exact one, and those next to it by a slip."""
    beside = [(exact - 1) % count, (exact + 1) % count]
    chances = {format(exact, form): 1.0 - slip}
    return chances | {format(one, form): slip / 2.0 for one in beside}


def entropy_of(choice: AnswerChoice) -> float:
    """Add up the entropy of the distributions that a text was drawn from, in nats.

    Args:
        choice: A text with all its alternatives.

    Returns:
        The sum over its words.
    """
    total = 0.0
    for token in choice.token_chances:
        logs = [token.log_chance, *(log for _, log in token.others)]
        total -= sum(math.exp(log) * log for log in logs)
    return total
