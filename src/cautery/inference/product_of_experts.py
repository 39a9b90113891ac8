"""Hugging Face transformers: the product of experts as a logits processor, forward passes only.

The served model is sampled times a proxy student (*The Distillation Game*, arXiv 2605.22737), with
the distortion bound of ``cautery.resist.defences.product_of_experts``, which does the arithmetic.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from transformers import LogitsProcessor

from cautery.errors import ConfigurationError
from cautery.resist.defences.product_of_experts import MEMBER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cautery.resist.defences.product_of_experts import Parameters


class ProductOfExpertsProcessor(LogitsProcessor):  # type: ignore[misc]
    """For one call of ``model.generate(..., logits_processor=[...])``. Sampling only, no beams.

    The engine runs it before temperature, top-k and top-p. A watermark that is given as
    ``watermarking_config`` comes behind all of them, and marks what this leaves.

    Args:
        proxy: The proxy student: a causal language model with the served model's tokens.
        parameters: The defence's own, as its ``parameters`` gives them.
        temperature: That ``generate`` samples at, so that the tilt is not divided by it.
        pad_token_id: Of padding at the left of prompts; None if they are all as long.

    Raises:
        ConfigurationError: The temperature is not above 0.
    """

    def __init__(
        self,
        proxy: Any,
        parameters: Parameters,
        *,
        temperature: float = 1.0,
        pad_token_id: int | None = None,
    ) -> None:
        if not temperature > 0.0:
            raise ConfigurationError("must be above 0", where="temperature")
        self._proxy = CachedReader(proxy, pad_token_id)
        self._parameters, self._temperature = parameters, temperature

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.Tensor:
        """Reweight the next token of each row.

        Args:
            input_ids: Prompt and response so far, shape (rows, tokens).
            scores: Logits of the served model, shape (rows, vocabulary).

        Returns:
            Scores that give the product's log-probabilities when divided by the temperature.

        Raises:
            ConfigurationError: The proxy's vocabulary is smaller, or the engine searches with
                beams, or assists.
        """
        teacher = scores.double().cpu().numpy() / self._temperature
        proxy = self._proxy.read(input_ids)[:, : teacher.shape[1]]
        logs = MEMBER.reweighted(teacher, proxy, self._parameters) * self._temperature
        return torch.from_numpy(logs).to(device=scores.device, dtype=scores.dtype)


class CachedReader:
    """Follows one call of ``generate`` with another model, a token a step.

    Args:
        model: A causal language model of transformers.
        pad_token_id: Of padding at the left of prompts, or None.
    """

    def __init__(self, model: Any, pad_token_id: int | None = None) -> None:
        self._model, self._padding = model, pad_token_id
        known = inspect.signature(model.forward).parameters
        # transformers renames its argument for what was read.
        self._memory_name = "cache" if "cache" in known else "past_key_values"
        self._memory: Any = None
        self._mask: torch.Tensor | None = None

    def read(self, input_ids: torch.LongTensor) -> NDArray[np.float64]:
        """Read what is new.

        Args:
            input_ids: Prompt and response so far, shape (rows, tokens); one more than last time.

        Returns:
            Logits of the next token, shape (rows, vocabulary).

        Raises:
            ConfigurationError: Rows did not keep their places, or grew by more than a token.
        """
        mask, new = self._grown(input_ids)
        given = {
            "input_ids": new,
            "attention_mask": mask,
            "position_ids": (mask.cumsum(dim=1) - 1).clamp(min=0)[:, -new.shape[1] :],
            self._memory_name: self._memory,
            "use_cache": True,
        }
        with torch.inference_mode():
            found = self._model(**given)
        self._memory = found.past_key_values
        logits: NDArray[np.float64] = found.logits[:, -1].double().cpu().numpy()
        return logits

    def _grown(self, input_ids: torch.LongTensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Give the mask of everything, and the tokens that were not read yet."""
        rows, length = input_ids.shape
        if self._mask is None:
            self._mask = torch.ones_like(input_ids)
            if self._padding is not None:
                # Padding at the left: what comes before the first token that is none.
                self._mask = ((input_ids != self._padding).cumsum(dim=1) > 0).long()
            return self._mask, input_ids
        if (rows, length) != (self._mask.shape[0], self._mask.shape[1] + 1):
            raise ConfigurationError(
                "a proxy student follows token by token, in rows that keep their places",
                where="generate",
                hint="Sample with num_beams=1 and without assistant model.",
            )
        self._mask = torch.cat([self._mask, torch.ones_like(self._mask[:, :1])], dim=1)
        return self._mask, input_ids[:, -1:]
