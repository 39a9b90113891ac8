"""What all watermark schemes of vLLM have in common: fields of ``--watermark-config``."""

from __future__ import annotations

from typing import Final

from cautery.watermark.fields import Fields

MOST_CONTEXT: Final = 64
"""Widest context that a profile may ask for. vLLM warns above 16 and names no bound; SGLang and
TensorRT-LLM stop at 64. Without one, a hostile profile could ask for any amount of memory."""
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
