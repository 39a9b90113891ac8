"""Makes the vectors of cautery's own scheme from the plain reference, not from the scheme.

python -m tests.vectors.make_two_layer
"""

from __future__ import annotations

import hashlib
import json

from tests.vectors.engine_texts import FOLDER
from tests.watermark.two_layer_reference import evidence, layer_of, numerator

SPLIT = bytes(range(16))
GIVEN = {"shared_context_width": 2, "account_context_width": 4, "account_share": 0.25}


def layer_key(layer: str, number: int) -> bytes:
    """32 bytes: the split key, and the layer's own."""
    return SPLIT + hashlib.sha256(f"{layer} {number}".encode()).digest()[:16]


def main() -> None:
    """Write ``cautery_two_layer.json``."""
    keys = {layer: layer_key(layer, 1) for layer in ("shared", "account")}
    tokens = [
        int.from_bytes(hashlib.sha256(bytes([place])).digest()[:4], "big") % 50_000
        for place in range(44)
    ]
    rows = []
    for place in range(GIVEN["account_context_width"], len(tokens)):  # type: ignore[call-overload]
        context, token = tokens[:place], tokens[place]
        layer = layer_of(context, keys["shared"], GIVEN)
        width = int(GIVEN[f"{layer}_context_width"])
        rows.append(
            {
                "index": place,
                "layer": layer,
                "numerator": str(numerator(context, token, keys[layer], width)),
                "value": evidence(context, token, keys[layer], width),
            }
        )
    made = {
        "origin": "tests/vectors/make_two_layer.py, from the plain reference in tests/watermark",
        "parameters": GIVEN,
        "keys": {layer: key.hex() for layer, key in keys.items()},
        "token_ids": tokens,
        "positions": rows,
    }
    path = FOLDER / "cautery_two_layer.json"
    path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
