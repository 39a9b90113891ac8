from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.watermark.vector_cases import random_keys

from cautery.ports import Scheme
from cautery.records.key import Key
from cautery.registry import SCHEMES
from cautery.watermark import many_keys
from cautery.watermark.many_keys import blocks_of_keys, statistics_of_keys, values_of_keys

SCHEME = SCHEMES.load("vllm-gumbel")


@dataclass(frozen=True)
class OneByOne:
    """A scheme without a way of its own for many keys."""

    name: str = "one-by-one"
    description: str = "For this test."

    def parameters(self, given: Any) -> Any:
        return SCHEME.parameters(given)

    def check_key(self, key: Key, parameters: Any) -> None:
        SCHEME.check_key(key, parameters)

    def positions(self, tokens: NDArray[np.int64], parameters: Any, key: Key) -> Any:
        return SCHEME.positions(tokens, parameters, key)

    def values(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.float64]:
        return SCHEME.values(positions, key, parameters)

    def prf_inputs(self, positions: Any, key: Key, parameters: Any) -> NDArray[np.uint64]:
        return SCHEME.prf_inputs(positions, key, parameters)

    def null(self, parameters: Any) -> Any:
        return SCHEME.null(parameters)


@pytest.fixture
def text() -> tuple[Any, Any, list[Key]]:
    """Positions of a text, parameters and keys."""
    keys = random_keys(23)
    parameters = SCHEME.parameters({})
    tokens = np.random.default_rng(5).integers(0, 1000, 60)
    return SCHEME.positions(tokens, parameters, keys[0]), parameters, keys


def test_scheme_without_a_faster_way_gives_the_same(text: tuple[Any, Any, list[Key]]) -> None:
    """One key after the other, or all at once: the same bits."""
    positions, parameters, keys = text
    slow = values_of_keys(cast("Scheme", OneByOne()), positions, keys, parameters)
    assert np.array_equal(slow, values_of_keys(SCHEME, positions, keys, parameters))


@pytest.mark.parametrize("at_once", [1, 60, 500, 10**6])
def test_blocks_cover_all_keys_in_order(
    text: tuple[Any, Any, list[Key]], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks are as small as asked for, at least one key, and miss nobody."""
    positions, parameters, keys = text
    monkeypatch.setattr(many_keys, "VALUES_AT_ONCE", at_once)
    whole = values_of_keys(SCHEME, positions, keys, parameters)
    places: list[int] = []
    for block, values in blocks_of_keys(SCHEME, positions, keys, parameters):
        assert values.size <= max(at_once, len(positions))
        assert np.array_equal(values, whole[block])
        places += range(*block.indices(len(keys)))
    assert places == list(range(len(keys)))


def test_statistics_are_those_of_each_key(text: tuple[Any, Any, list[Key]]) -> None:
    """The statistic of a key in a crowd is the statistic of the key alone, to the last bit."""
    positions, parameters, keys = text
    null = SCHEME.null(parameters)
    alone = [null.statistic(SCHEME.values(positions, key, parameters)) for key in keys]
    assert statistics_of_keys(SCHEME, positions, keys, parameters).tolist() == alone


def test_empty_text_and_no_keys(text: tuple[Any, Any, list[Key]]) -> None:
    """Nothing to score gives statistics of nothing, and no keys give none."""
    positions, parameters, keys = text
    nothing = SCHEME.positions(np.zeros(0, dtype=np.int64), parameters, keys[0])
    assert statistics_of_keys(SCHEME, nothing, keys, parameters).tolist() == [0.0] * len(keys)
    assert statistics_of_keys(SCHEME, positions, [], parameters).size == 0
