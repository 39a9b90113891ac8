"""One response in an engine that asks again, asks ahead, and takes back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.inference.marking_cases import GIVEN, SYNTHID, TWO_LAYER, keys_of

from cautery.errors import ConfigurationError
from cautery.inference.response import Response
from cautery.registry import SCHEMES

SHARES = np.full(8, 0.125)
TOKENS = np.arange(8)
"""So few tokens that contexts repeat."""


def response(scheme: str) -> Response:
    """A response to one prompt, with a generator of its own."""
    member: Any = SCHEMES.load(scheme)
    keys, parameters = keys_of(scheme, "a"), member.parameters(GIVEN[scheme])
    return Response(lambda: member.begin(keys, parameters, [5, 6]), np.random.default_rng(1))


def written(one: Response, count: int) -> list[int]:
    """Write some tokens, as an engine does that never stumbles."""
    text: list[int] = []
    for _ in range(count):
        one.reach(len(text), lambda start, stop: text[start:stop])
        text.append(one.choose(SHARES, TOKENS))
    return text


def next_shares(one: Response) -> list[float]:
    """What the scheme makes of the next token, repeated contexts included."""
    shares: list[float] = one.ahead()._begun().reweighted(SHARES, TOKENS).tolist()
    return shares


@pytest.mark.parametrize("scheme", [TWO_LAYER, SYNTHID])
def test_a_response_that_stumbles_is_the_same(scheme: str) -> None:
    """Asked again, gone ahead with rejected drafts, and begun anew: nothing changes."""
    text = written(response(scheme), 60)
    steady, stumbling = response(scheme), response(scheme)
    for length in range(60):
        steady.reach(length, lambda start, stop: text[start:stop])
        if length % 3 == 0:  # a step that the engine throws away
            stumbling.reach(length, lambda start, stop: text[start:stop])
            stumbling.choose(SHARES, TOKENS)
        stumbling.reach(length, lambda start, stop: text[start:stop])
        draft = stumbling.ahead()
        for token in (1, 2, 1):
            draft.choose(SHARES, TOKENS)
            draft.accept(token)
        assert next_shares(stumbling) == next_shares(steady)
        assert next_shares(response_at(scheme, text[:length])) == next_shares(steady)


def response_at(scheme: str, text: list[int]) -> Response:
    """A response that comes back from preemption with its text."""
    resumed = response(scheme)
    resumed.reach(len(text), lambda start, stop: text[start:stop])
    return resumed


def test_contexts_do_repeat_in_these_tests() -> None:
    """Some are left unmarked, so that what a marking remembers is tested."""
    text = written(response(TWO_LAYER), 60)
    unmarked = [max(next_shares(response_at(TWO_LAYER, text[:end]))) < 1 for end in range(60)]
    assert any(unmarked)
    assert not all(unmarked)


def test_an_unknown_token_is_refused() -> None:
    """The engine writes -1 for a token that another step is still working on."""
    with pytest.raises(ConfigurationError, match="asynchronous"):
        response(TWO_LAYER).accept(-1)
