"""Hugging Face transformers: any scheme that cautery can embed, as a watermarking configuration.

The engine puts the processor that a watermarking configuration builds behind temperature, top-k
and top-p, where a mark belongs. A processor that is given to ``generate`` directly comes before
them, and would mark tokens that are then thrown away.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from transformers import LogitsProcessor
from transformers.generation import BaseWatermarkingConfig

from cautery.errors import ConfigurationError
from cautery.ports import Embeds
from cautery.watermark.key_strength import refuse_to_mark_with

if TYPE_CHECKING:
    from cautery.ports import Marking, Scheme
    from cautery.records.key import Key


class Watermark(BaseWatermarkingConfig):  # type: ignore[misc]
    """A watermark for ``model.generate(..., watermarking_config=Watermark(...))``.

    Saved with a model it names its keys and holds none; Hugging Face's own configurations write
    theirs into ``generation_config.json`` in clear.

    Args:
        scheme: A scheme that cautery can embed.
        parameters: The profile's.
        keys: One for each layer of the scheme.

    Raises:
        ConfigurationError: The scheme is marked by its engine only, or a key is refused.
    """

    def __init__(self, scheme: Scheme, parameters: Any, keys: Sequence[Key]) -> None:
        if not isinstance(scheme, Embeds):
            raise ConfigurationError(
                f"{scheme.name} is embedded by its own engine",
                where="scheme",
                hint="cautery verifies it; to embed, take hf-synthid or cautery-two-layer.",
            )
        for key in keys:
            scheme.check_key(key, parameters)
            refuse_to_mark_with(key)
        self._scheme, self._parameters, self._keys = scheme, parameters, tuple(keys)
        scheme.begin(self._keys, parameters, [])  # refuses the wrong keys now, not mid-answer

    def construct_processor(self, vocab_size: int, device: Any) -> MarkingProcessor:
        """Build the processor of one call of ``generate``; the engine calls this."""
        scheme: Any = self._scheme
        return MarkingProcessor(lambda prompt: scheme.begin(self._keys, self._parameters, prompt))

    def validate(self) -> None:
        """Do nothing: everything was checked as it was made."""

    def to_dict(self) -> dict[str, Any]:
        """Say which scheme and keys, by name."""
        return {"scheme": self._scheme.name, "key_ids": [key.key_id for key in self._keys]}

    def to_json_string(self) -> str:
        """Write the same as JSON."""
        return json.dumps(self.to_dict(), indent=2) + "\n"

    def __iter__(self) -> Any:
        yield from self.to_dict().items()

    def __deepcopy__(self, memo: dict[int, Any]) -> Watermark:
        # The engine copies its configuration; a secret is not copied, and nothing here changes.
        return self


class MarkingProcessor(LogitsProcessor):  # type: ignore[misc]
    """Marks the responses of one call of ``generate``, a row each. Sampling only, no beams.

    Args:
        begin: Begins a response, given the tokens of its prompt.
    """

    def __init__(self, begin: Callable[[Sequence[int]], Marking]) -> None:
        self._begin = begin
        self._responses: list[Marking] = []
        self._length = 0

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.Tensor:
        """Reweight the next token of each row.

        Args:
            input_ids: Prompt and response so far, shape (rows, tokens).
            scores: Logits after temperature and truncation, shape (rows, vocabulary).

        Returns:
            Logarithms of the probabilities to sample from.

        Raises:
            ConfigurationError: The engine searches with beams, or assists.
        """
        self._follow(input_ids)
        marked = torch.full_like(scores, -torch.inf)
        for row, response in enumerate(self._responses):
            candidates = torch.nonzero(scores[row] > -torch.inf).squeeze(1)
            shares = torch.softmax(scores[row, candidates].double(), dim=0)
            reweighted = response.reweighted(shares.cpu().numpy(), candidates.cpu().numpy())
            with np.errstate(divide="ignore"):
                logs = torch.from_numpy(np.log(reweighted))
            marked[row, candidates] = logs.to(device=marked.device, dtype=marked.dtype)
        return marked

    def _follow(self, input_ids: torch.LongTensor) -> None:
        rows, length = input_ids.shape
        if not self._responses:
            self._responses = [self._begin(row) for row in input_ids.tolist()]
        elif (rows, length) != (len(self._responses), self._length + 1):
            raise ConfigurationError(
                "a watermark is embedded token by token, in rows that keep their places",
                where="generate",
                hint="Sample with num_beams=1 and without assistant model.",
            )
        else:
            chosen = input_ids[:, -1].tolist()
            for response, token in zip(self._responses, chosen, strict=True):
                response.accept(token)
        self._length = length
