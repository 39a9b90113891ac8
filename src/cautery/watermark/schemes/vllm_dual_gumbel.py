"""vLLM's dual-key Gumbel watermark (``algorithm: dual_key_gumbel``), from 0.33 on."""

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
from cautery.watermark.key_numbers import derived_number, key_number
from cautery.watermark.null_distributions import DualGammaSum
from cautery.watermark.vllm_parameters import take_context_width, take_generator_fields
from cautery.watermark.vllm_prf import evidence

DOMAINS: Final = (b"key_a", b"key_b")
"""What the engine hashes before the master key to derive its two keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Fields of ``--watermark-config``."""

    context_width: int
    alpha: float
    """Chance that key B chooses a token; the weight of its evidence."""
    deduplicate_contexts: str


@dataclass(frozen=True)
class VllmDualGumbel(VllmGumbelScheme):
    """Two keys from one: A marks drafts, B marks what the large model samples itself."""

    name: str = "vllm-dual-gumbel"
    description: str = "vLLM's dual-key Gumbel watermark, for speculative decoding."

    def parameters(self, given: Mapping[str, Any]) -> Parameters:
        """Check ``context_width`` (4), ``alpha`` (0.1), ``prf`` and ``deduplicate_contexts``."""
        fields = Fields(given)
        width = take_context_width(fields)
        alpha = fields.number("alpha", default=0.1, least=0.0, most=1.0)
        scope = take_generator_fields(fields)
        fields.done()
        return Parameters(context_width=width, alpha=alpha, deduplicate_contexts=scope)

    def values_of_keys(
        self, positions: Any, keys: Sequence[Key], parameters: Any
    ) -> NDArray[np.float64]:
        """Give (1 - alpha) a + alpha b of each token under each master key."""
        masters = [key_number(key) for key in keys]
        derived = [derived_number(one, domain) for domain in DOMAINS for one in masters]
        numbers = np.array(derived, dtype=np.uint64)
        both = evidence(positions.context, positions.token, numbers)
        first, second, alpha = both[: len(keys)], both[len(keys) :], parameters.alpha
        weighed: NDArray[np.float64] = (1 - alpha) * first + alpha * second
        return weighed

    def engine_settings(self, key: Key, parameters: Any) -> dict[str, Any]:
        """Say it as ``--watermark-config`` takes it."""
        return {
            "algorithm": "dual_key_gumbel",
            "key": key_number(key),
            "context_width": parameters.context_width,
            "alpha": parameters.alpha,
            "deduplicate_contexts": parameters.deduplicate_contexts,
        }

    def null(self, parameters: Any) -> NullDistribution:
        """Give the law of a sum of two exponentials of different weight."""
        return DualGammaSum(parameters.alpha)


MEMBER: Final = VllmDualGumbel()
