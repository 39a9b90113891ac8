"""The teacher: a small transformer that adds with written working."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.inference.neural_laboratory.networks import Network, unpack, write
from cautery.inference.neural_laboratory.proxies import Following, Proxy
from cautery.inference.neural_laboratory.sequences import (
    END,
    LONGEST,
    PADDING,
    THINK,
    THOUGHT,
    TOKENS,
    question_tokens,
)
from cautery.records.answer import Answer, AnswerChoice, TokenChance
from cautery.resist.laboratory.addition import spaced
from cautery.resist.laboratory.harvest import DefendedSampling
from cautery.resist.laboratory.roles import Question, Sampler

FILE: Final = "teacher.npz"
"""Weights that ``benchmarks/resist_neural.py teach`` wrote."""
LEAST_SHARE: Final = 0.05
"""Tokens with less than this part of the likeliest one's chance are out of the question, as with
an engine's min-p; before any defence."""
ROWS_AT_ONCE: Final = 1024
USUAL_PROXY: Final = "product-of-experts"
"""Whose proxy a sampler gets that does not say whose it is."""


class NeuralTeacher:
    """The teacher.

    Args:
        network: Its weights.
        proxies: Proxy students by the name of the defence that asks them.
    """

    def __init__(self, network: Network, proxies: Mapping[str, Proxy] | None = None) -> None:
        self._network = network
        self._proxies = proxies or {}

    def answer(
        self, question: Question, seed: Sequence[int], choices: int, sampler: Sampler | None
    ) -> Answer:
        """Answer a question; see ``roles.Teacher``."""
        return self.answer_together([question], [seed], choices, sampler)[0]

    def answer_together(
        self,
        questions: Sequence[Question],
        seeds: Sequence[Sequence[int]],
        choices: int,
        sampler: Sampler | None,
    ) -> list[Answer]:
        """Answer questions; see ``roles.TeachesTogether``.

        Raises:
            ConfigurationError: The sampler's defence has no proxy student here.
        """
        found: list[list[AnswerChoice]] = [[] for _ in questions]
        for rows in _alike(questions, choices):
            prompts = np.array([question_tokens(questions[place]) for place, _ in rows])
            luck = np.array(
                [np.random.default_rng([*seeds[p], n]).random(LONGEST) for p, n in rows]
            )
            draw = _Draw(luck, sampler, self._following(sampler))
            written = write(self._network, prompts, draw, LONGEST)
            for (place, _), text, logs in zip(rows, written, draw.logs_by_row(), strict=True):
                found[place].append(_choice(text.tolist(), logs))
        return [Answer(choices=tuple(few)) for few in found]

    def _following(self, sampler: Sampler | None) -> Following | None:
        if sampler is None:
            return None
        name = sampler.defence if isinstance(sampler, DefendedSampling) else USUAL_PROXY
        if name not in self._proxies:
            raise ConfigurationError("the laboratory has no proxy student for it", where=name)
        return self._proxies[name].begin()


def _alike(questions: Sequence[Question], choices: int) -> Iterator[list[tuple[int, int]]]:
    """Give numbers of questions and of their texts, those of one length together."""
    by_digits: dict[int, list[tuple[int, int]]] = {}
    for place, question in enumerate(questions):
        by_digits.setdefault(question.digits, []).extend((place, n) for n in range(choices))
    for rows in by_digits.values():
        for start in range(0, len(rows), ROWS_AT_ONCE):
            yield rows[start : start + ROWS_AT_ONCE]


class _Draw:
    """Draws the next token of each row, by luck that was fixed beforehand."""

    def __init__(
        self, luck: NDArray[np.float64], sampler: Sampler | None, following: Following | None
    ) -> None:
        self._luck, self._sampler, self._following = luck, sampler, following
        self._logs: list[NDArray[np.float64]] = []

    def __call__(
        self, logits: NDArray[np.float64], read: NDArray[np.int64], step: int
    ) -> NDArray[np.int64]:
        below = logits - logits.max(axis=1, keepdims=True)
        logs = np.where(below >= np.log(LEAST_SHARE), below, -np.inf)
        if self._sampler is not None and self._following is not None:
            logs = self._sampler(logs, self._following.read(read))
        shares = np.exp(logs)
        ends = np.cumsum(shares, axis=1)
        with np.errstate(divide="ignore"):
            self._logs.append(np.log(shares / ends[:, -1:]))
        passed = ends <= self._luck[:, step, None] * ends[:, -1:]
        chosen: NDArray[np.int64] = np.minimum(passed.sum(axis=1), shares.shape[1] - 1)
        return chosen

    def logs_by_row(self) -> NDArray[np.float64]:
        """Give the log-probabilities that were drawn from, shape (rows, tokens, vocabulary)."""
        return np.stack(self._logs, axis=1)


def _choice(text: list[int], logs: NDArray[np.float64]) -> AnswerChoice:
    """Write tokens as the text of an answer, with what each might have been."""
    working: list[str] = []
    shown: list[str] = []
    chances = []
    thinks = thought = False
    for place, token in enumerate(text):
        if token in {END, PADDING}:
            break
        if token == THINK:
            thinks = True
        elif token == THOUGHT:
            thought = True
        else:
            (shown if thought else working).append(TOKENS[token])
            chances.append(_chance(token, logs[place]))
    inside = f"<think>\n{spaced(working)}\n" if thinks else spaced(working)
    closing = "</think>\n" if thinks and thought else ""
    return AnswerChoice(text=f"{inside}{closing}{''.join(shown)}", token_chances=tuple(chances))


def _chance(token: int, logs: NDArray[np.float64]) -> TokenChance:
    others = [int(one) for one in np.flatnonzero(np.isfinite(logs)) if one != token]
    return TokenChance(
        token=TOKENS[token],
        log_chance=float(logs[token]),
        others=tuple((TOKENS[one], float(logs[one])) for one in others),
    )


@lru_cache(maxsize=1)
def packaged_network() -> Network:
    """Load the teacher's network that comes with the package."""
    packed = resources.files("cautery.inference.neural_laboratory").joinpath(FILE).read_bytes()
    return unpack(packed, FILE)
