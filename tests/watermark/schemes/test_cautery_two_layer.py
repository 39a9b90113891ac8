from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from tests.watermark.hf_cases import FOLDER, key_of
from tests.watermark.two_layer_reference import evidence, layer_of

from cautery.errors import ConfigurationError
from cautery.ports import ManyKeys
from cautery.records.key import Key, Layer
from cautery.registry import SCHEMES
from cautery.watermark.schemes.cautery_two_layer import MEMBER

STORED: dict[str, Any] = json.loads((FOLDER / "cautery_two_layer.json").read_text(encoding="utf-8"))
DEFAULTS = MEMBER.parameters({})


def stored_key(layer: Layer) -> Key:
    return key_of(bytes.fromhex(STORED["keys"][layer]), layer)


def random_keys(count: int, layer: Layer, seed: int = 0) -> list[Key]:
    """Keys of one epoch: the same split key."""
    generator = np.random.default_rng(seed)
    split = np.random.default_rng(seed + 1).bytes(16)
    return [key_of(split + generator.bytes(16), layer, f"k-{place}") for place in range(count)]


def test_it_stands_on_the_shelf() -> None:
    """Found by its name in profiles, and with a fast way for many keys."""
    found: object = SCHEMES.load("cautery-two-layer")
    assert found is MEMBER
    assert isinstance(MEMBER, ManyKeys)


@pytest.mark.parametrize("layer", list(Layer))
def test_vectors_of_the_plain_reference(layer: Layer) -> None:
    """Positions and values of each layer are those that the documentation lists."""
    parameters = MEMBER.parameters(STORED["parameters"])
    key, rows = stored_key(layer), [row for row in STORED["positions"] if row["layer"] == layer]
    positions = MEMBER.positions(np.array(STORED["token_ids"]), parameters, key)
    assert positions.index.tolist() == [row["index"] for row in rows]
    expected = [row["value"] for row in rows]
    assert MEMBER.values(positions, key, parameters) == pytest.approx(expected, rel=1e-15)


def test_the_page_has_the_vectors() -> None:
    """What the documentation tells others to reach is what the reference gave."""
    page = (FOLDER.parents[1] / "docs/reference/schemes/cautery-two-layer.md").read_text("utf-8")
    for row in STORED["positions"][:8]:
        cells = (row["index"], row["layer"], row["numerator"], f"{row['value']:.15g}")
        assert f"| {' | '.join(map(str, cells))} |" in page
    assert all(key in page for key in STORED["keys"].values())
    assert ", ".join(map(str, STORED["token_ids"][:12])) in page


@pytest.mark.parametrize(("short", "long", "share"), [(1, 1, 0.5), (3, 5, 0.1), (2, 7, 0.9)])
def test_plain_numbers_give_the_same(short: int, long: int, share: float) -> None:
    """Other widths and shares, beside whole numbers."""
    given = {
        "shared_context_width": short,
        "account_context_width": long,
        "account_share": share,
    }
    parameters = MEMBER.parameters(given)
    tokens = np.random.default_rng(long).integers(0, 2**32, 60)
    for layer in Layer:
        (key,) = random_keys(1, layer)
        value, width = key.value.reveal(), short if layer is Layer.SHARED else long
        positions = MEMBER.positions(tokens, parameters, key)
        contexts = {place: tokens[:place].tolist() for place in range(long, 60)}
        own = [place for place in contexts if layer_of(contexts[place], value, given) == layer]
        assert positions.index.tolist() == own
        expected = [evidence(contexts[place], int(tokens[place]), value, width) for place in own]
        assert MEMBER.values(positions, key, parameters) == pytest.approx(expected, rel=1e-15)


def test_layers_share_the_text_out() -> None:
    """Every position with a whole context is one layer's, the account's in the asked share."""
    tokens = np.random.default_rng(0).integers(0, 50_000, 20_004)
    shared, account = (
        MEMBER.positions(tokens, DEFAULTS, random_keys(1, layer)[0]) for layer in Layer
    )
    together = np.sort(np.concatenate([shared.index, account.index]))
    assert np.array_equal(together, np.arange(4, 20_004))
    assert len(account) == pytest.approx(5000, abs=4 * (20_000 * 0.25 * 0.75) ** 0.5)
    assert shared.context.shape[1] == 2
    assert account.context.shape[1] == 4
    assert np.array_equal(account.context[:, -1], tokens[account.index - 1])


def test_keys_of_an_epoch_get_the_same_object() -> None:
    """What 24,000 account keys rely on; another split key or layer gives another."""
    tokens = np.arange(100)
    one, other = random_keys(2, Layer.ACCOUNT)
    (foreign,) = random_keys(1, Layer.ACCOUNT, seed=5)
    found = MEMBER.positions(tokens, DEFAULTS, one)
    assert MEMBER.positions(tokens.copy(), DEFAULTS, other) is found
    assert MEMBER.positions(tokens, DEFAULTS, foreign).index.tolist() != found.index.tolist()
    with pytest.raises(ValueError, match="read-only"):
        found.token[0] = 1


def test_many_keys_are_tried_at_once() -> None:
    """Row by row what one key gives."""
    keys = random_keys(40, Layer.ACCOUNT)
    positions = MEMBER.positions(np.arange(900) % 50, DEFAULTS, keys[0])
    rows = MEMBER.values_of_keys(positions, keys, DEFAULTS)
    for row, key in zip(rows, keys, strict=True):
        assert np.array_equal(row, MEMBER.values(positions, key, DEFAULTS))


@pytest.mark.parametrize("layer", list(Layer))
def test_wrong_keys_keep_their_rate(layer: Layer) -> None:
    """4,000 wrong keys on one text: 5 % and 1 % of them, give or take four standard errors."""
    tokens = np.random.default_rng(1).integers(0, 50_000, 150)
    keys = random_keys(4000, layer, seed=2)
    positions = MEMBER.positions(tokens, DEFAULTS, keys[0])
    null = MEMBER.null(DEFAULTS)
    rows = MEMBER.values_of_keys(positions, keys, DEFAULTS)
    decades = [null.log10_upper_tail(null.statistic(row), len(row)) for row in rows]
    for rate in (0.05, 0.01):
        found = np.mean(np.array(decades) < np.log10(rate))
        assert found == pytest.approx(rate, abs=4 * (rate / 4000) ** 0.5)


def test_prf_input_is_context_and_token() -> None:
    """A repeated draw has one fingerprint."""
    (key,) = random_keys(1, Layer.SHARED)
    positions = MEMBER.positions(np.tile([1, 2, 3], 40), DEFAULTS, key)
    assert len(np.unique(MEMBER.prf_inputs(positions, key, DEFAULTS))) <= 3


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"shared_context_width": 0}, "shared_context_width"),
        ({"shared_context_width": 5}, "shared_context_width"),
        ({"account_context_width": 17}, "account_context_width"),
        ({"account_share": 1.0}, "account_share"),
        ({"account_share": "many"}, "account_share"),
        ({"context_width": 4}, "context_width"),
    ],
)
def test_wrong_parameters_name_the_field(given: dict[str, Any], field: str) -> None:
    """Out of range, the short context longer than the long one, or of another scheme."""
    with pytest.raises(ConfigurationError, match=f"parameters.{field}"):
        MEMBER.parameters(given)


@pytest.mark.parametrize(
    "value", [b"", bytes(range(31)), bytes(range(16)) * 2, bytes(32), bytes(range(16)) + bytes(16)]
)
def test_weak_keys_are_refused(value: bytes) -> None:
    """Another length, equal halves, or a half of one byte; the value is not shown."""
    with pytest.raises(ConfigurationError, match="key k-1") as error:
        MEMBER.check_key(key_of(value), DEFAULTS)
    assert not value or value.hex() not in str(error.value)
    MEMBER.check_key(key_of(bytes(range(32))), DEFAULTS)
