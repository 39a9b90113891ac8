"""What every watermark scheme promises, whoever wrote it; walks the whole shelf."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from cautery.errors import ConfigurationError
from cautery.ports import KeylessContexts, Scheme
from cautery.records.key import Key, Layer, Secret
from cautery.registry import SCHEMES
from cautery.watermark.many_keys import values_of_keys

CHANCE_OF_A_WRONG_ALARM = 1e-6
"""Of a test of size, were its keys drawn anew; they are not, so it fails always or never."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What a scheme needs to be tried."""

    parameters: dict[str, Any] = field(default_factory=dict)
    key_bytes: int = 8
    keys: int = 2000
    """Wrong keys of the test of size; fewer where one takes long."""
    length: int = 120
    """Tokens of its text."""


SAMPLES = {
    "vllm_gumbel": Sample(),
    "vllm_dual_gumbel": Sample(keys=500),
    "vllm_sbw": Sample(),
    "sglang_gumbel": Sample(),
    "hf_synthid": Sample(parameters={"ngram_len": 5}, key_bytes=30 * 8, keys=500),
    "hf_kgw": Sample(parameters={"vocab_size": 500}, keys=120, length=80),
    "cautery_two_layer": Sample(key_bytes=32, keys=1000),
}
SHELF = [pytest.param(name, id=name) for name in SCHEMES.names()]


def keys_of(name: str, count: int, seed: int = 0) -> list[Key]:
    """Draw keys that the scheme accepts."""
    generator, sample = np.random.default_rng(seed), SAMPLES[name]
    found = []
    for number in range(count):
        value = bytearray(generator.bytes(sample.key_bytes))
        for start in range(0, sample.key_bytes, 8):
            value[start] &= 0x7F  # numbers below 2**63, which every engine holds
        key_layer = Layer.ACCOUNT if number % 2 and sample.key_bytes == 32 else Layer.SHARED
        found.append(Key(key_id=f"k-{number}", value=Secret(bytes(value)), layer=key_layer))
    return found


@dataclass(frozen=True)
class Tried:
    """A scheme with its parameters, one key and a text of its vocabulary."""

    name: str
    scheme: Scheme
    parameters: Any
    key: Key
    tokens: NDArray[np.int64]

    def positions(self, tokens: NDArray[np.int64] | None = None) -> Any:
        text = self.tokens if tokens is None else tokens
        return self.scheme.positions(text, self.parameters, self.key)

    def values(self, positions: Any, key: Key | None = None) -> NDArray[np.float64]:
        return self.scheme.values(positions, key or self.key, self.parameters)


@pytest.fixture(params=SHELF)
def tried(request: pytest.FixtureRequest) -> Tried:
    """Load a scheme of the shelf."""
    name = str(request.param)
    assert name in SAMPLES, f"add a sample of '{name}' to SAMPLES"
    scheme, sample = SCHEMES.load(name), SAMPLES[name]
    tokens = np.random.default_rng(11).integers(0, 480, sample.length)
    parameters = scheme.parameters(sample.parameters)
    return Tried(name, scheme, parameters, keys_of(name, 1)[0], tokens)


def test_name_and_description(tried: Tried) -> None:
    """The name is the one in profiles; the description is one line that ends with a full stop."""
    assert tried.scheme.name == tried.name.replace("_", "-")
    assert "\n" not in tried.scheme.description
    assert tried.scheme.description.endswith(".")


def test_unknown_parameter_is_named(tried: Tried) -> None:
    """A misspelt field is never taken for a default."""
    given = {**SAMPLES[tried.name].parameters, "no_such_field": 1}
    with pytest.raises(ConfigurationError, match="no_such_field"):
        tried.scheme.parameters(given)


def test_weak_keys_are_refused_and_not_shown(tried: Tried) -> None:
    """Zeros, one byte over and over, and a wrong length: by id, and without the value."""
    size = SAMPLES[tried.name].key_bytes
    for value in (bytes(size), b"\x5a" * size, bytes(range(1, 6)), b""):
        key = Key(key_id="k-weak", value=Secret(value), layer=tried.key.layer)
        with pytest.raises(ConfigurationError, match="k-weak") as caught:
            tried.scheme.check_key(key, tried.parameters)
        assert "5a5a" not in str(caught.value)
        assert "0102" not in str(caught.value)
    tried.scheme.check_key(tried.key, tried.parameters)


def test_positions_are_places_of_the_text(tried: Tried) -> None:
    """Ascending places, the token that stands there, and the tokens before it, padded with -1."""
    positions = tried.positions()
    assert len(positions) > 0
    assert (np.diff(positions.index) > 0).all()
    assert positions.index[-1] < len(tried.tokens)
    assert np.array_equal(positions.token, tried.tokens[positions.index])
    for back in range(1, positions.context.shape[1] + 1):
        place = positions.index - back
        before = np.where(place >= 0, tried.tokens[np.maximum(place, 0)], -1)
        assert np.array_equal(positions.context[:, -back], before)


@pytest.mark.parametrize("length", [0, 1, 2])
def test_short_texts(tried: Tried, length: int) -> None:
    """A text of no or hardly any tokens has as many values as positions, maybe none."""
    positions = tried.positions(tried.tokens[:length])
    assert len(positions) <= length
    assert tried.values(positions).shape == (len(positions),)
    prints = tried.scheme.prf_inputs(positions, tried.key, tried.parameters)
    assert prints.shape == (len(positions),)


def test_values_are_numbers_and_the_same_again(tried: Tried) -> None:
    """Finite doubles, one a position; the text is not written to; asked again, the same bits."""
    before = tried.tokens.copy()
    values = tried.values(tried.positions())
    assert values.dtype == np.float64
    assert np.isfinite(values).all()
    assert np.array_equal(tried.tokens, before)
    assert np.array_equal(values, tried.values(tried.positions()))


def test_a_value_depends_on_nothing_after_it(tried: Tried) -> None:
    """Cut the text anywhere: what was scored before the cut keeps its value."""
    whole = tried.positions()
    values = tried.values(whole)
    for cut in (20, 61):
        part = tried.positions(tried.tokens[:cut])
        assert np.array_equal(part.index, whole.index[whole.index < cut])
        assert np.array_equal(tried.values(part), values[whole.index < cut])


def test_same_input_of_the_keyed_function_same_value(tried: Tried) -> None:
    """A text of three words: positions with one fingerprint have one value, and there are such."""
    tokens = np.random.default_rng(12).integers(0, 3, 200)
    positions = tried.positions(tokens)
    values = tried.values(positions)
    prints = tried.scheme.prf_inputs(positions, tried.key, tried.parameters)
    assert prints.dtype == np.uint64
    seen: dict[int, float] = {}
    for one, value in zip(prints.tolist(), values.tolist(), strict=True):
        assert seen.setdefault(one, value) == value
    assert len(seen) < len(positions)


def test_values_of_many_keys_are_those_of_each(tried: Tried) -> None:
    """Row by row the same bits."""
    keys = [key for key in keys_of(tried.name, 6, seed=3) if key.layer == tried.key.layer]
    positions = tried.positions()
    rows = values_of_keys(tried.scheme, positions, keys, tried.parameters)
    assert rows.shape == (len(keys), len(positions))
    for key, row in zip(keys, rows, strict=True):
        assert np.array_equal(tried.values(positions, key), row)
    assert len({row.tobytes() for row in rows}) == len(keys)


@pytest.mark.parametrize("smallest", [0, 1])
def test_where_all_keys_agree_the_scheme_says_so(tried: Tried, smallest: int) -> None:
    """A place with one value under sixty keys is keyless; no test looks at it.

    Half of the tokens are 0 or 1, which make nothing, or little, of a product with the key.
    """
    draw = np.random.default_rng(13)
    tokens = np.where(draw.random(60) < 0.5, smallest, draw.integers(0, 480, 60))
    keys = [key for key in keys_of(tried.name, 120, seed=5) if key.layer == tried.key.layer]
    positions = tried.positions(tokens)
    rows = values_of_keys(tried.scheme, positions, keys[:60], tried.parameters)
    alike = (rows == rows[0]).all(axis=0)
    keyless = np.zeros(len(positions), dtype=np.bool_)
    if isinstance(tried.scheme, KeylessContexts):
        keyless = tried.scheme.keyless(positions, tried.parameters)
    assert keyless.dtype == np.bool_
    assert keyless.shape == (len(positions),)
    assert not (alike & ~keyless).any()


def test_any_token_number_passes_without_a_warning(tried: Tried) -> None:
    """The largest token of 32 bits, or of the vocabulary, overflows nothing that is said aloud."""
    most = getattr(tried.parameters, "vocab_size", 2**31) - 1
    tokens = np.array([0, most, 1, most - 1] * 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(tried.values(tried.positions(tokens))).all()


def test_size_under_the_null(tried: Tried) -> None:
    """Wrong keys find a mark no more often than the p-value says, nor much less often.

    Null: none of the keys marked the text. Repeated inputs of the keyed function count once.
    """
    sample = SAMPLES[tried.name]
    keys = [key for key in keys_of(tried.name, 2 * sample.keys, seed=4)
            if key.layer == tried.key.layer][: sample.keys]  # fmt: skip
    positions = tried.positions()
    rows = values_of_keys(tried.scheme, positions, keys, tried.parameters)
    null = tried.scheme.null(tried.parameters)
    logs = []
    for key, row in zip(keys, rows, strict=True):
        prints = tried.scheme.prf_inputs(positions, key, tried.parameters)
        once = row[np.unique(prints, return_index=True)[1]]
        logs.append(null.log10_upper_tail(null.statistic(once), len(once)))
    for level in (0.5, 0.1, 0.01):
        found = int(np.sum(np.array(logs) <= np.log10(level)))
        most = stats.binom.isf(CHANCE_OF_A_WRONG_ALARM, len(keys), level)
        least = stats.binom.ppf(CHANCE_OF_A_WRONG_ALARM, len(keys), level * 0.5)
        assert least <= found <= most, f"{found} of {len(keys)} keys at {level}"
