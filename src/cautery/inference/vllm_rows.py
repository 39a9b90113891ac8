"""The rows of vLLM's logits, kept in step with its requests; both processor APIs use it.

It asks of the engine's objects only what is written here, and imports nothing of the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np

from cautery.inference.key_choice import KeyChoice
from cautery.inference.response import Response
from cautery.inference.row_marking import Turn, mark_rows
from cautery.inference.truncation import VLLM, Sampling

GREEDY_BELOW: Final = 1e-5
"""Temperatures below are greedy: the engine's own bound."""
_AFTER_TEMPERATURE: Final = ("top_k", "top_p")
"""What the V1 sampler still has to do when it calls a processor that keeps the arg max."""


@dataclass(slots=True)
class Request:
    """A request that is being marked."""

    sampling: Sampling
    begin: Callable[[Sequence[int]], Response]
    """Begins its response, given the prompt."""
    response: Response | None = None


def request_of(choice: KeyChoice, params: Any) -> Request | None:
    """Make what is kept of a request; nothing if it is not marked.

    Args:
        choice: Finds its keys.
        params: The engine's ``SamplingParams``.

    Returns:
        The request, or nothing if it is greedy or may stay unmarked.

    Raises:
        ConfigurationError: Its keys are refused; ``validate_params`` refused them before.
    """
    keys = choice.keys_of(params.extra_args)
    if keys is None or params.temperature < GREEDY_BELOW:
        return None
    seed = params.seed
    if seed is None:
        # All workers of a tensor-parallel engine must choose the same token. The engine seeds
        # numpy alike in all of them, and draws its own seeds of requests so.
        seed = np.random.randint(0, 1 << 63, dtype=np.int64)  # noqa: NPY002
    generator = np.random.default_rng(abs(int(seed)))
    sampling = Sampling(
        temperature=params.temperature, top_k=params.top_k, top_p=params.top_p, min_p=params.min_p
    )
    return Request(
        sampling=sampling,
        begin=lambda prompt: Response(partial(choice.begin, keys, list(prompt)), generator),
    )


class SlotRows:
    """Rows of Model Runner V2: a request has a slot, and a row for each token that is drafted.

    Args:
        choice: Finds the keys of requests.
        state: The engine's ``LogitsProcRequestState``.
    """

    def __init__(self, choice: KeyChoice, state: Any) -> None:
        self._choice, self._state = choice, state
        self._requests: dict[int, Request] = {}

    def add(self, slot: int, params: Any) -> bool:
        """Take a request into a slot, whoever was there before; say whether it is marked."""
        self._requests.pop(slot, None)
        request = request_of(self._choice, params)
        if request is not None:
            self._requests[slot] = request
        return request is not None

    def apply(self, logits: Any, context: Any) -> Any:
        """Leave of each row of a marked request the token that the scheme chose.

        Args:
            logits: Shape (rows, vocabulary), before temperature and truncation.
            context: The engine's ``LogitsContext``.

        Returns:
            The same tensor.
        """
        slots = [int(slot) for slot in context.idx_mapping_np]
        if not any(slot in self._requests for slot in slots):
            return logits
        rows: dict[int, list[int]] = {}
        for row, slot in enumerate(context.expanded_idx_mapping.tolist()):
            if slot in self._requests:
                rows.setdefault(slot, []).append(row)
        positions, inputs = context.pos.tolist(), context.input_ids.tolist()
        turns: list[Turn] = []
        for slot, own in rows.items():
            own.sort(key=positions.__getitem__)
            visible = positions[own[0]] + 1
            if visible < int(self._state.prefill_len.np[slot]):
                continue  # a piece of the prompt: the engine throws away what is sampled here
            turns += self._turns(slot, own, visible, [inputs[row] for row in own[1:]])
        mark_rows(logits, turns, VLLM)
        return logits

    def _turns(
        self, slot: int, rows: list[int], visible: int, drafted: list[int]
    ) -> Iterator[Turn]:
        request = self._requests[slot]
        prompt = int(self._state.prompt_len.np[slot])
        tokens = self._state.all_token_ids.gpu[slot]
        if request.response is None:
            request.response = request.begin(tokens[:prompt].tolist())
        response = request.response
        response.reach(visible - prompt, partial(_part, tokens, prompt))
        if drafted:
            response = response.ahead()
        for place, row in enumerate(rows):
            before = tuple(drafted[place - 1 : place]) if place else ()
            yield Turn(row=row, response=response, sampling=request.sampling, drafted=before)


class BatchRows:
    """Rows of the V1 runner: a request has one, which moves as others come and go.

    Args:
        choice: Finds the keys of requests.
    """

    def __init__(self, choice: KeyChoice) -> None:
        self._choice = choice
        self._requests: dict[int, tuple[Request, list[int]]] = {}

    def update(self, batch_update: Any) -> None:
        """Follow requests that leave, come and move, in this order.

        Args:
            batch_update: The engine's ``BatchUpdate``, or nothing.
        """
        if batch_update is None:
            return
        for row in batch_update.removed:
            self._requests.pop(row, None)
        for row, params, prompt, output in batch_update.added:
            self._requests.pop(row, None)
            request = request_of(self._choice, params)
            if request is not None:
                request.response = request.begin(prompt or [])
                self._requests[row] = (request, output)
        for source, target, direction in batch_update.moved:
            moving, there = self._requests.pop(source, None), self._requests.pop(target, None)
            if moving is not None:
                self._requests[target] = moving
            if there is not None and direction.name == "SWAP":
                self._requests[source] = there

    def apply(self, logits: Any) -> Any:
        """Leave of each row of a marked request the token that the scheme chose.

        Args:
            logits: Shape (rows, vocabulary), after temperature and min-p.

        Returns:
            The same tensor.
        """
        turns = []
        for row, (request, output) in sorted(self._requests.items()):
            if request.response is not None:
                request.response.reach(len(output), partial(_slice, output))
                turns.append(Turn(row=row, response=request.response, sampling=request.sampling))
        mark_rows(logits, turns, _AFTER_TEMPERATURE)
        return logits


def _slice(tokens: list[int], start: int, stop: int) -> list[int]:
    return tokens[start:stop]


def _part(tokens: Any, prompt: int, start: int, stop: int) -> list[int]:
    if start == stop:
        return []
    part: list[int] = tokens[prompt + start : prompt + stop].tolist()
    return part
