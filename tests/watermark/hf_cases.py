"""Reads the vectors that ``tests/vectors/make_huggingface.py`` made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cautery.records.key import Key, Layer, Secret

FOLDER = Path(__file__).resolve().parents[1] / "vectors"


def key_of(value: bytes, layer: Layer = Layer.SHARED, key_id: str = "k-1") -> Key:
    return Key(key_id=key_id, value=Secret(value), layer=layer)


def number_key(number: int) -> Key:
    return key_of(number.to_bytes(8, "big"))


def layer_keys(numbers: NDArray[np.uint64] | list[int]) -> Key:
    return key_of(b"".join(int(number).to_bytes(8, "big") for number in numbers))


def texts(name: str) -> Iterator[dict[str, Any]]:
    """The arrays of each text, by name."""
    with np.load(FOLDER / f"{name}.npz") as stored:
        numbers = sorted(int(field.rsplit("_", 1)[1]) for field in stored if "tokens" in field)
        for number in numbers:
            ending = f"_{number}"
            fields = [field for field in stored.files if field.endswith(ending)]
            # Names end in the text's number; the longer of two endings has another stem.
            yield {
                field.removesuffix(ending): stored[field]
                for field in fields
                if field.rsplit("_", 1)[1] == str(number)
            }


def profile(text: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Parameters as a profile has them."""
    return {name: text[name].item() for name in names}


def unpacked(bits: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    return np.unpackbits(bits, count=count)
