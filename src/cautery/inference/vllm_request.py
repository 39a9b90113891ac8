"""Requests on their way to vLLM: what a client may not set is dropped, what marks is put in.

For a gateway that stands before the engine, whatever it is written in: pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cautery.inference.key_choice import FIELD, OWN_FIELDS

DROPPED: Final = frozenset(
    {
        "watermarking",  # opts out of the engine's own watermark
        "logits_processors",  # earlier versions run code that it names
        "logits_processor_pattern",
        "custom_logit_processor",  # SGLang's pickled code
        "use_beam_search",  # beams carry no mark of a sampling scheme
        "extra_args",
    }
)
"""Fields of a body that would change, switch off or get round a watermark."""
EXTRA_ARGUMENTS: Final = "vllm_xargs"


def native_request(body: Mapping[str, Any]) -> dict[str, Any]:
    """Rewrite a request for an engine with its own watermark on.

    Args:
        body: As the client sent it.

    Returns:
        A new body; the mark is asked for whatever the client said.

    Example:
        >>> native_request({"model": "m", "watermarking": False})
        {'model': 'm', 'watermarking': True}
    """
    return {**_stripped(body), "watermarking": True}


def marked_request(body: Mapping[str, Any], key_ids: Sequence[str]) -> dict[str, Any]:
    """Rewrite a request for an engine that runs ``cautery.inference.vllm:Watermark``.

    Args:
        body: As the client sent it.
        key_ids: Identifiers of the keys that mark it; none leaves the choice to the engine.

    Returns:
        A new body.

    Example:
        >>> marked_request({"vllm_xargs": {"cautery_key_ids": "mine", "a": 1}}, ["k1", "k2"])
        {'vllm_xargs': {'a': 1, 'cautery_key_ids': ['k1', 'k2']}}
    """
    rewritten = _stripped(body)
    if key_ids:
        extra = rewritten.get(EXTRA_ARGUMENTS, {})
        rewritten[EXTRA_ARGUMENTS] = {**extra, FIELD: list(key_ids)}
    return rewritten


def _stripped(body: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in body.items() if name not in DROPPED}
    extra = kept.pop(EXTRA_ARGUMENTS, None)
    if isinstance(extra, Mapping):
        allowed = {
            name: value
            for name, value in extra.items()
            if not str(name).strip().casefold().startswith(OWN_FIELDS)
        }
        if allowed:
            kept[EXTRA_ARGUMENTS] = allowed
    return kept
