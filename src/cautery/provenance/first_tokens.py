"""The likeliest first tokens of an answer, as OpenAI-compatible endpoints write log-probabilities.

Chats give a list of places with lists of tokens; plain completions a list of objects. What is of
neither form, or was not asked for, is no error: the text of the answer still counts.
"""

from __future__ import annotations

import math
from typing import Final

import msgspec

LONGEST_TOKEN: Final = 256
"""Characters of a token that are kept."""


class _Likely(msgspec.Struct, frozen=True):
    token: str
    logprob: float


class _Place(msgspec.Struct, frozen=True):
    top_logprobs: list[_Likely] = []


class _Logprobs(msgspec.Struct, frozen=True):
    content: list[_Place] | None = None
    top_logprobs: list[dict[str, float | None] | None] | None = None


_DECODER: Final = msgspec.json.Decoder(_Logprobs | None)


def first_tokens_of(content: bytes | msgspec.Raw, most: int) -> tuple[str, ...]:
    """Take the likeliest first tokens.

    Args:
        content: The field ``logprobs`` of a choice, as JSON.
        most: Tokens that were asked for.

    Returns:
        At most so many, the likeliest first; none if they cannot be read.

    Example:
        >>> first_tokens_of(b'{"top_logprobs": [{" a": -2.0, " the": -0.5}]}', 5)
        (' the', ' a')
    """
    if not most:
        return ()
    try:
        given = _DECODER.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    likely: list[tuple[float | None, str]] = []
    if given is not None and given.content:
        likely = [(one.logprob, one.token) for one in given.content[0].top_logprobs]
    elif given is not None and given.top_logprobs:
        likely = [(chance, token) for token, chance in (given.top_logprobs[0] or {}).items()]
    known = [(-chance, token) for chance, token in likely if chance is not None and token]
    ranked = sorted(pair for pair in known if not math.isnan(pair[0]))
    return tuple(token[:LONGEST_TOKEN] for _, token in ranked[:most])
