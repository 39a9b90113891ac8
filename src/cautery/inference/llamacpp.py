"""llama-cpp-python: any scheme that cautery can embed, as a logits processor of one completion.

llama.cpp calls processors before its penalties, grammar, truncation and temperature, so the
adapter is told temperature and truncation and does them first; a single token is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.inference.response import Response
from cautery.inference.truncation import LLAMA_CPP, Sampling, final_distribution
from cautery.ports import Embeds
from cautery.watermark.key_strength import refuse_to_mark_with

if TYPE_CHECKING:
    from cautery.ports import Scheme
    from cautery.records.key import Key


class MarkingProcessor:
    """For ``llama(prompt, logits_processor=LogitsProcessorList([MarkingProcessor(...)]))``.

    One object a completion; it takes the prompt from the first call. Penalties come behind it and
    do nothing any more. No grammar and no draft model: the one may forbid the token that was
    chosen, the other asks ahead.

    Args:
        scheme: A scheme that cautery can embed.
        parameters: The profile's.
        keys: One for each layer of the scheme.
        sampling: Temperature and truncation of the completion; llama-cpp-python's own defaults
            are ``Sampling(temperature=0.8, top_k=40, top_p=0.95, min_p=0.05)``.
        generator: Samples what the scheme leaves open; seeded by the system if not given.

    Raises:
        ConfigurationError: The scheme is marked by its engine only, a key is refused, or the
            temperature is not above 0: greedy completions carry no mark.
    """

    def __init__(
        self,
        scheme: Scheme,
        parameters: Any,
        keys: Sequence[Key],
        sampling: Sampling,
        generator: np.random.Generator | None = None,
    ) -> None:
        if not isinstance(scheme, Embeds):
            raise ConfigurationError(
                f"{scheme.name} is embedded by its own engine",
                where="scheme",
                hint="cautery verifies it; to embed, take hf-synthid or cautery-two-layer.",
            )
        if sampling.temperature <= 0.0:
            raise ConfigurationError(
                "a greedy completion carries no mark",
                where="temperature",
                hint="Give a temperature above 0, or no watermark.",
            )
        for key in keys:
            scheme.check_key(key, parameters)
            refuse_to_mark_with(key)
        self._begin = partial(scheme.begin, tuple(keys), parameters)
        self._begin([])  # refuses the wrong keys now, not mid-answer
        self._sampling = sampling
        self._generator = generator or np.random.default_rng()
        self._response: Response | None = None
        self._length = 0
        self.failed = False
        """Whether it refused a call. llama.cpp's C code swallows errors, so look at it after."""

    def __call__(
        self, input_ids: NDArray[np.intc], scores: NDArray[np.single]
    ) -> NDArray[np.single]:
        """Choose the next token and leave no other.

        Args:
            input_ids: Prompt and response so far.
            scores: Logits before all else, shape (vocabulary,).

        Returns:
            Logits, of which one is above -inf.

        Raises:
            ConfigurationError: The text did not grow by one token since the last call.
        """
        if self._response is None:
            prompt = input_ids.tolist()
            self._response = Response(lambda: self._begin(prompt), self._generator)
        elif len(input_ids) != self._length + 1:
            self.failed = True
            raise ConfigurationError(
                "a watermark is embedded token by token, in one completion",
                where="logits_processor",
                hint="Make a processor for each completion, and give no draft model.",
            )
        else:
            self._response.accept(int(input_ids[-1]))
        self._length = len(input_ids)
        shares, candidates = final_distribution(scores, self._sampling, LLAMA_CPP)
        marked = np.full_like(scores, -np.inf)
        marked[self._response.choose(shares, candidates)] = 0.0
        return marked
