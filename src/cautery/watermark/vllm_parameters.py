"""What all watermark schemes of vLLM have in common: fields of ``--watermark-config``."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.watermark.fields import Fields
from cautery.watermark.positions import Positions

MOST_CONTEXT: Final = 64
"""Widest context that a profile may ask for. vLLM warns above 16 and names no bound; SGLang and
TensorRT-LLM stop at 64. Without one, a hostile profile could ask for any amount of memory."""
PADDING: Final = -1
"""Stands in a context for a place before the text."""
PRF_NAMES: Final = ("philox", "philox4x32-10-v1")
"""vLLM's name of its keyed function, and the version that its code states."""
SCOPES: Final = ("single_turn", "none", "all")
"""Where vLLM's generator looks for a repeated context, which it samples without a mark. It says
how the text was made; what the detector counts once is the profile's own ``deduplicate``."""


def take_context_width(fields: Fields, default: int = 4) -> int:
    """Take the number of tokens before each position that the keyed function reads."""
    return fields.whole("context_width", default=default, least=1, most=MOST_CONTEXT)


def take_generator_fields(fields: Fields) -> str:
    """Check the fields that say how the text was made; return ``deduplicate_contexts``."""
    fields.choice("prf", default=PRF_NAMES[0], options=PRF_NAMES)
    return fields.choice("deduplicate_contexts", default=SCOPES[0], options=SCOPES)


def padded_positions(tokens: NDArray[np.int64], width: int) -> Positions:
    """Score every token; the context of the first ones is padded.

    Args:
        tokens: One text.
        width: Tokens of a context.

    Returns:
        As many positions as tokens.

    Example:
        >>> padded_positions(np.array([7, 8, 9]), 2).context.tolist()
        [[-1, -1], [-1, 7], [7, 8]]
    """
    padded = np.concatenate([np.full(width, PADDING, dtype=np.int64), tokens])
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)
    return Positions(
        index=np.arange(len(tokens), dtype=np.int64),
        token=tokens,
        context=windows[: len(tokens)],
    )
