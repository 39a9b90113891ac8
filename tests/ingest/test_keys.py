"""Tests of the keys that stand for texts: the same everywhere, and apart where texts are."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.ingest.keys import (
    STYLE_COLUMNS,
    account_key,
    account_keys,
    add_keys,
    style_keys,
    text_keys,
)
from cautery.ingest.schema import BATCH_SCHEMA, make_schema
from cautery.ingest.sketches import add_sketches
from cautery.records.exchange import KEY_COLUMNS

GOLDEN = {
    "a": (5082034526010717030, -3542220453482012525),
    "é": (4336649574346176316, 45367366143234104),
    "203.0.113.7": (-6646508850656961578, -2534944377330706005),
    "x" * 1000: (-4851282357755214131, 7997725490853051125),
}
"""Key as a text and key as an account."""
TEXTS = st.lists(st.none() | st.sampled_from(["", "a", "b", "ab"]) | st.text(max_size=6))
STYLE_KINDS = tuple(BATCH_SCHEMA.field(name).type for name in STYLE_COLUMNS)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    pa.float64(): st.sampled_from([0.0, 0.5, 1.0, -1.0, 5e-324]),
    pa.int32(): st.integers(-2, 2) | st.integers(-(2**31), 2**31 - 1),
    pa.bool_(): st.booleans(),
    pa.string(): st.sampled_from(["", "0", "a", "b", "None", "null"]),
}
STYLES = st.tuples(*(st.none() | VALUES[kind] for kind in STYLE_KINDS))


def styles(rows: list[tuple[Any, ...]]) -> list[int]:
    """Give the style key of rows of the eight columns."""
    columns = zip(*rows, strict=True)
    arrays = [pa.array(values, kind) for values, kind in zip(columns, STYLE_KINDS, strict=True)]
    return [int(key) for key in style_keys(arrays)]


@pytest.mark.parametrize("text", GOLDEN)
def test_golden_keys(text: str) -> None:
    """Keys never change between releases, machines and engines."""
    assert (text_keys(pa.array([text]))[0].as_py(), account_key(text)) == GOLDEN[text]


def test_golden_style() -> None:
    """The key of a style never changes either."""
    assert styles([(0.7, None, 256, 1, True, False, "x/1", "")]) == [1804668983215314840]


@given(texts=TEXTS, start=st.integers(0, 3), kind=st.sampled_from([pa.string(), pa.large_string()]))
def test_same_text_same_key(texts: list[str | None], start: int, kind: Any) -> None:
    """A text has one key, whatever stands around it and however the array holds it."""
    alone = [text_keys(pa.array([text], pa.string()))[0].as_py() for text in texts]
    part = pa.array(texts, kind).slice(start)
    assert text_keys(part).to_pylist() == alone[start:]
    assert text_keys(part.dictionary_encode()).to_pylist() == alone[start:]
    assert text_keys(part).type == pa.int64()


def test_no_text_no_key() -> None:
    """A missing text and an empty one have no key, so that nobody shares them."""
    assert text_keys(pa.array([None, "", "a"]))[:2].to_pylist() == [None, None]
    assert text_keys(pa.nulls(2, pa.string())).to_pylist() == [None, None]
    assert text_keys(pa.array([], pa.string())).to_pylist() == []


def test_different_texts_have_different_keys() -> None:
    """A hundred thousand texts, as texts and as accounts, have as many keys."""
    names = pa.array([f"{number:x}" for number in range(100_000)])
    for keys in (text_keys(names), account_keys(names)):
        assert len(keys.unique()) == len(names)
        assert keys.null_count == 0


@given(st.lists(st.text(max_size=8), max_size=8))
def test_accounts_have_cryptographic_keys(accounts: list[str]) -> None:
    """An account's key is BLAKE2b of its id as a signed number: nobody can make another's."""
    found = account_keys(pa.array(accounts, pa.string()))
    assert found.type == pa.int64()
    for account, key in zip(accounts, found.to_pylist(), strict=True):
        digest = blake2b(account.encode(), digest_size=8, person=b"cautery").digest()
        assert key == account_key(account) == int.from_bytes(digest, "big", signed=True)


@given(st.lists(STYLES, min_size=1, max_size=6))
def test_styles_differ_where_a_column_does(rows: list[tuple[Any, ...]]) -> None:
    """Requests have one style if all eight columns are equal, and null equals null only."""
    keys = styles(rows)
    assert keys == [styles([row])[0] for row in rows]
    for key, row in zip(keys, rows, strict=True):
        for other_key, other in zip(keys, rows, strict=True):
            assert (key == other_key) is (row == other)


@given(STYLES, st.integers(0, len(STYLE_COLUMNS) - 1), st.data())
def test_every_column_counts(row: tuple[Any, ...], place: int, data: st.DataObject) -> None:
    """One other value, or none, in any one column makes another style."""
    value = data.draw(st.none() | VALUES[STYLE_KINDS[place]])
    changed = (*row[:place], value, *row[place + 1 :])
    assert (styles([row]) == styles([changed])) is (row == changed)


def test_both_zeros_are_one() -> None:
    """A temperature of minus zero is a temperature of zero."""
    zero, minus, nothing = style_keys([pa.array([0.0, -0.0, None])]).tolist()
    assert zero == minus != nothing


@pytest.mark.parametrize(
    "column",
    [
        pa.array([True, False, None]),
        pa.array([1, 0, None], pa.int32()),
        pa.array([1, 0, None], pa.int64()),
        pa.array([1.0, 0.0, None]),
        pa.array(["x", "", None]),
        pa.array(["x", "", None], pa.large_string()),
    ],
    ids=lambda column: str(column.type),
)
def test_kinds_of_values(column: Any) -> None:
    """Columns of every kind are hashed value by value, in slices too, and null is no value."""
    keys = style_keys([column])
    assert keys.dtype == np.int64
    assert len(set(keys.tolist())) == 3
    assert style_keys([column.slice(1)]).tolist() == keys.tolist()[1:]


def test_order_of_columns_counts() -> None:
    """The same values in other columns are another style."""
    one, two = pa.array([1], pa.int32()), pa.array([2], pa.int32())
    assert style_keys([one, two]).tolist() != style_keys([two, one]).tolist()


def test_add_keys() -> None:
    """A batch gets exactly the key columns behind its own, each made of the column it names."""
    columns = {field.name: pa.nulls(3, field.type) for field in BATCH_SCHEMA}
    columns |= {
        "account_id": pa.array(["a", "b", "a"]),
        "client_address": pa.array(["203.0.113.7", "unix:", None]),
        "tls_ja4": pa.array(["t13d", None, ""]),
        "max_tokens": pa.array([1, 2, 1], pa.int32()),
    }
    plain = add_sketches(pa.RecordBatch.from_pydict(columns, schema=BATCH_SCHEMA))
    keyed = add_keys(plain)
    names = [column.name for column in KEY_COLUMNS]
    assert keyed.select(plain.schema.names).equals(plain)
    assert keyed.schema.names == [*plain.schema.names, *names]
    assert keyed.select(names).schema.equals(make_schema(KEY_COLUMNS))
    networks = pa.array(["203.0.113.0/24", None, None])
    assert keyed["account_key"].equals(account_keys(columns["account_id"]))
    assert keyed["address_key"].equals(text_keys(columns["client_address"]))
    assert keyed["network_key"].equals(text_keys(networks))
    assert keyed["device_key"].equals(text_keys(columns["tls_ja4"]))
    first, second, third = keyed["style_key"].to_pylist()
    assert first == third != second


def test_add_keys_to_nothing() -> None:
    """A batch without rows gets the columns as well."""
    empty = add_sketches(pa.RecordBatch.from_pylist([], schema=BATCH_SCHEMA))
    assert add_keys(empty).num_rows == 0
    assert add_keys(empty).num_columns == empty.num_columns + len(KEY_COLUMNS)
