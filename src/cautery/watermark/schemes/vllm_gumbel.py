"""vLLM's Gumbel watermark (``algorithm: gumbel``), from 0.32 on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cautery.ports import NullDistribution
from cautery.records.key import Key
from cautery.watermark.fields import Fields
from cautery.watermark.gumbel import VllmGumbelScheme
from cautery.watermark.key_numbers import key_number, key_numbers
from cautery.watermark.null_distributions import GammaSum
from cautery.watermark.vllm_parameters import take_context_width, take_generator_fields
from cautery.watermark.vllm_prf import evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Fields of ``--watermark-config``."""

    context_width: int
    deduplicate_contexts: str


@dataclass(frozen=True)
class VllmGumbel(VllmGumbelScheme):
    """The token with the largest logit plus keyed Gumbel noise is chosen; its u tends to 1."""

    name: str = "vllm-gumbel"
    description: str = "vLLM's Gumbel watermark: one key, keeps the distribution of each token."

    def parameters(self, given: Mapping[str, Any]) -> Parameters:
        """Check ``context_width`` (4), ``prf`` and ``deduplicate_contexts``."""
        fields = Fields(given)
        width = take_context_width(fields)
        scope = take_generator_fields(fields)
        fields.done()
        return Parameters(context_width=width, deduplicate_contexts=scope)

    def values_of_keys(
        self, positions: Any, keys: Sequence[Key], parameters: Any
    ) -> NDArray[np.float64]:
        """Give -ln(1 - u) of each token under each key."""
        return evidence(positions.context, positions.token, key_numbers(keys))

    def engine_settings(self, key: Key, parameters: Any) -> dict[str, Any]:
        """Say it as ``--watermark-config`` takes it."""
        return {
            "algorithm": "gumbel",
            "key": key_number(key),
            "context_width": parameters.context_width,
            "deduplicate_contexts": parameters.deduplicate_contexts,
        }

    def null(self, parameters: Any) -> NullDistribution:
        """Give the law of a sum of exponentials."""
        return GammaSum()


MEMBER: Final = VllmGumbel()
