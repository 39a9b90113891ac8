"""Takes out of a request what a client may not set: ways round a watermark, and code to run.

The engines' own fields are listed where the engines are known, in ``cautery.inference``; an
operator may list more (``logit_bias`` for one, by which a client can push a mark out).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import msgspec

from cautery.guard.request_reading import GUARDED_FIELDS, RequestBody, decoded
from cautery.inference.key_choice import OWN_FIELDS
from cautery.inference.sglang import DROPPED as SGLANG_FIELDS
from cautery.inference.vllm_request import DROPPED as VLLM_FIELDS
from cautery.inference.vllm_request import EXTRA_ARGUMENTS

STRIPPED_FIELDS: Final = VLLM_FIELDS | SGLANG_FIELDS
"""Fields that no client may set, at the top of a body or in what engines take as extras."""
_HARMLESS: Final = GUARDED_FIELDS | {
    "messages",
    "input",
    "prompt",
    "system",
    "instructions",
    "stop",
    "stop_sequences",
    "stream_options",
    "tool_choice",
    "response_format",
}
"""Fields of ordinary bodies, so that these need not be looked at one by one."""
_NESTED: Final = (EXTRA_ARGUMENTS, "sampling_params", "extra_body")
"""Objects of a body whose fields some server takes as if they stood at its top."""


def strip_opt_outs(body: RequestBody, more: Collection[str] = frozenset()) -> list[str]:
    """Drop the fields, in place, whatever the case of their letters.

    Args:
        body: As it was read.
        more: Further fields that the operator lists, in lower case.

    Returns:
        Names of what was dropped, for a counter: ours, never the client's spelling.

    Example:
        >>> from cautery.guard.request_reading import read_body
        >>> body = read_body(b'{"Custom_Logit_Processor": "x", "model": "m"}')
        >>> strip_opt_outs(body), body.encoded()
        (['custom_logit_processor'], b'{"model":"m"}')
    """
    if not more and (body.is_plain or body.fields.keys() <= _HARMLESS):
        return []
    dropped: list[str] = []
    for name in list(body.fields):
        plain = _plain(name)
        if plain in STRIPPED_FIELDS or plain in more or plain.startswith(OWN_FIELDS):
            del body.fields[name]
            dropped.append(plain if plain in STRIPPED_FIELDS else "listed")
        elif plain in _NESTED:
            value = decoded(body.fields[name])
            if _strip_nested(value, more, dropped):
                body.fields[name] = msgspec.Raw(msgspec.json.encode(value))
    return dropped


def _strip_nested(value: Any, more: Collection[str], dropped: list[str]) -> bool:
    """Drop fields of one object, or of each in a list; say whether any was dropped."""
    before = len(dropped)
    for inner in value if isinstance(value, list) else [value]:
        if not isinstance(inner, dict):
            continue
        for name in list(inner):
            plain = _plain(name)
            if plain in STRIPPED_FIELDS or plain in more or plain.startswith(OWN_FIELDS):
                del inner[name]
                dropped.append(plain if plain in STRIPPED_FIELDS else "listed")
            elif plain in _NESTED:
                _strip_nested(inner[name], more, dropped)
    return len(dropped) > before


def _plain(name: str) -> str:
    return name.strip().casefold()
