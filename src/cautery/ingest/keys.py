"""Keys: 64-bit numbers that stand for texts that a scan only ever compares.

The same text gives the same key on every machine, engine and day, so that keys may be grouped
and merged anywhere. Two texts of one key are a matter of 2**-64 unless somebody makes them.
Whoever does so with clients or addresses gains nothing: he could have sent the same ones. For
accounts he might hide behind another's, so their keys are cryptographic (BLAKE2b, RFC 7693):
two accounts of his own may be made to look like one, somebody else's account may not.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cautery.ingest.word_hashes import hash_texts, mix
from cautery.records.exchange import KEY_COLUMNS

STYLE_COLUMNS: Final = (
    "temperature",
    "top_p",
    "max_tokens",
    "n",
    "stream",
    "logprobs",
    "user_agent",
    "header_order",
)
"""What code decides about a request, not the person behind it."""
_TEXT_KEYS: Final = (
    ("address_key", "client_address"),
    ("network_key", "client_network"),
    ("device_key", "tls_ja4"),
)
_FACTOR: Final = np.uint64(0xD6E8FEB86659FD93)
_NOTHING: Final = np.uint64(0x9B05688C2B3E6C1F)
"""Stands for a null inside a style."""


def text_keys(texts: pa.Array) -> pa.Array:
    """Hash every text; each distinct one once.

    Args:
        texts: String array; nulls are fine.

    Returns:
        Integers of 64 bits, null where there is no text or an empty one.

    Example:
        >>> keys = text_keys(pa.array(["a", None, "a", "b"]))
        >>> keys[0] == keys[2], keys[0] == keys[3], keys[1].as_py()
        (True, False, None)
    """
    encoded = texts.cast(pa.large_string()).dictionary_encode()
    empty = pc.equal(encoded.dictionary, "").to_numpy(zero_copy_only=False).astype(np.bool_)
    values = pa.array(hash_texts(encoded.dictionary).view(np.int64), pa.int64(), mask=empty)
    return values.take(encoded.indices)


@lru_cache(maxsize=2**19)
def account_key(account_id: str) -> int:
    """Hash one account.

    Args:
        account_id: As in the exchange table.

    Returns:
        A signed integer of 64 bits.
    """
    digest = blake2b(account_id.encode(), digest_size=8, person=b"cautery").digest()
    return int.from_bytes(digest, "big", signed=True)


def account_keys(accounts: pa.Array) -> pa.Array:
    """Hash every account; each distinct one once.

    Args:
        accounts: String array without nulls.

    Returns:
        Integers of 64 bits.
    """
    encoded = accounts.dictionary_encode()
    values = [account_key(name) for name in encoded.dictionary.to_pylist()]
    return pa.array(values, pa.int64()).take(encoded.indices)


def _value_hashes(column: pa.Array) -> NDArray[np.uint64]:
    """Hash every value of a column of any kind."""
    nulls = pc.is_null(column).to_numpy(zero_copy_only=False)
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        keys = pc.fill_null(text_keys(column), 0).to_numpy(zero_copy_only=False)
        hashes = keys.astype(np.int64).view(np.uint64)
    elif pa.types.is_floating(kind):
        # Adding zero makes one of the two zeros.
        values = pc.fill_null(column, 0.0).to_numpy(zero_copy_only=False).astype(np.float64) + 0.0
        hashes = mix(values.view(np.uint64))
    else:
        values = pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
        hashes = mix(values.astype(np.int64).view(np.uint64))
    return np.where(nulls, _NOTHING, hashes)


def style_keys(columns: list[pa.Array]) -> NDArray[np.int64]:
    """Hash the combination of some columns, row by row.

    Args:
        columns: At least one array; all of one length.

    Returns:
        One integer of 64 bits a row.
    """
    total = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        total = mix(total * _FACTOR + _value_hashes(column))
    return total.view(np.int64)


def add_keys(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Add the key columns to a batch of exchanges with its sketches.

    Args:
        batch: Batch with the canonical columns and ``client_network``.

    Returns:
        The batch with the columns of ``KEY_COLUMNS`` appended.
    """
    found: dict[str, Any] = {key: text_keys(batch.column(column)) for key, column in _TEXT_KEYS}
    found["account_key"] = account_keys(batch.column("account_id"))
    styles = [batch.column(name) for name in STYLE_COLUMNS]
    found["style_key"] = pa.array(style_keys(styles), pa.int64())
    names = [column.name for column in KEY_COLUMNS]
    return pa.RecordBatch.from_arrays(
        [*batch.columns, *(found[name] for name in names)], names=[*batch.schema.names, *names]
    )
