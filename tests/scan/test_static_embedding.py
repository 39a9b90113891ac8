"""Static embeddings: exact sums, the layouts that are read, and hostile folders."""

from __future__ import annotations

import hashlib
import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.static_models import DIMENSIONS, save_model, save_tokenizer, static_model

from cautery.errors import ConfigurationError, MissingExtraError
from cautery.scan import static_embedding as room
from cautery.scan.static_embedding import TEXT_TOKENS, UNIT, StaticEmbedding

SUBJECTS = {"animals": ("cat", "dog", "horse"), "numbers": ("one", "two", "three")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a model of two subjects."""
    return static_model(tmp_path_factory.mktemp("static") / "model", SUBJECTS)


@pytest.fixture(scope="module")
def model(folder: Path) -> StaticEmbedding:
    """Load it."""
    return StaticEmbedding(folder)


def likeness(vectors: Any) -> Any:
    """Cosines of all pairs of vectors."""
    return vectors.astype(np.float64) @ vectors.astype(np.float64).T / UNIT**2


def test_meaning(model: StaticEmbedding) -> None:
    """Other words of one subject are near, words of another are not, lengths are one."""
    found = likeness(model.embed(["cat dog", "horse horse horse", "two three"]))
    assert np.allclose(np.diag(found), 1.0, atol=0.001)
    assert found[0, 1] > 0.95
    assert abs(found[0, 2]) < 0.7


def test_nothing_known(model: StaticEmbedding) -> None:
    """A text without known tokens is zero, and unknown tokens do not pull at known ones."""
    found = model.embed(["", "unheard of", "cat", "cat unheard"])
    assert not found[:2].any()
    assert (found[2] == found[3]).all()
    assert model.embed([]).shape == (0, DIMENSIONS)


def test_long_text(model: StaticEmbedding) -> None:
    """Only the first tokens of a text count, and only its first characters are looked at."""
    many = "cat " * TEXT_TOKENS
    assert (model.embed([many[:1_999]]) == model.embed([many + "two " * 10_000])).all()


@given(st.permutations(["cat", "dog one", "two two", "horse", "", "three cat"]), st.integers(1, 4))
def test_order_and_batches(model: StaticEmbedding, texts: list[str], size: int) -> None:
    """Neither the order of texts nor the size of a batch changes a digit."""
    whole = model.embed(texts)
    pieces = [model.embed(texts[first : first + size]) for first in range(0, len(texts), size)]
    assert (np.concatenate(pieces) == whole).all()
    alone = {text: model.embed([text])[0] for text in texts}
    assert all((alone[text] == row).all() for text, row in zip(texts, whole, strict=True))


def test_digest(folder: Path, model: StaticEmbedding) -> None:
    """The digest is what sha256sum prints of both files, hashed again."""
    lines = ""
    for name in ("model.safetensors", "tokenizer.json"):
        lines += f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
    assert model.sha256 == hashlib.sha256(lines.encode()).hexdigest()


def test_other_layouts(tmp_path: Path, folder: Path, model: StaticEmbedding) -> None:
    """Small whole numbers with weights and a mapping, half precision, and another name are read."""
    from safetensors.numpy import load_file

    table = load_file(folder / "model.safetensors")["embeddings"]
    words = ["[UNK]", *(word for some in SUBJECTS.values() for word in some)]
    save_tokenizer(tmp_path, words)
    most = np.abs(table).max(axis=1)
    eighth = np.rint(table / most[:, None] * 127).astype(np.int8)
    mapping = np.arange(len(words))[::-1].astype(np.int64)
    for tensors in (
        {"embeddings": eighth[::-1], "mapping": mapping, "weights": most},
        {"embeddings": table.astype(np.float16)},
        {"embedding.weight": table},
    ):
        save_model(tmp_path, tensors)
        texts = ["cat dog", "two", "horse one"]
        assert np.abs(StaticEmbedding(tmp_path).embed(texts) - model.embed(texts)).max() < 150


def test_nothing_but_zeros(tmp_path: Path) -> None:
    """A table of zeros means nothing and harms nothing."""
    save_tokenizer(tmp_path, ["[UNK]", "cat"])
    save_model(tmp_path, {"embeddings": np.zeros((2, 4), dtype=np.float32)})
    assert not StaticEmbedding(tmp_path).embed(["cat"]).any()


Spoil = Callable[[Path], object]


def _raw(header: dict[str, Any], data: bytes = b"") -> Spoil:
    text = json.dumps(header).encode()
    return lambda folder: (folder / "model.safetensors").write_bytes(
        struct.pack("<Q", len(text)) + text + data
    )


def _tensors(**tensors: Any) -> Spoil:
    return lambda folder: save_model(folder, tensors)


def _tokenizer(content: bytes) -> Spoil:
    return lambda folder: (folder / "tokenizer.json").write_bytes(content)


def _replaced_by_folder(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer.json").mkdir()


_NAN = np.full((7, 4), np.nan, dtype=np.float32)
_TABLE = np.ones((7, 4), dtype=np.float32)
SPOILED: dict[str, tuple[Spoil, str]] = {
    "no model": (lambda folder: (folder / "model.safetensors").unlink(), "no such file"),
    "no tokenizer": (lambda folder: (folder / "tokenizer.json").unlink(), "no such file"),
    "a folder": (_replaced_by_folder, "is a folder"),
    "empty": (lambda folder: (folder / "model.safetensors").write_bytes(b""), "not a model"),
    "huge header": (
        lambda folder: (folder / "model.safetensors").write_bytes(b"\xff" * 64),
        "not a model",
    ),
    "outside": (
        _raw({"embeddings": {"dtype": "F32", "shape": [7, 4], "data_offsets": [0, 10**9]}}),
        "not a model",
    ),
    "another kind": (
        _raw(
            {"embeddings": {"dtype": "X9", "shape": [7, 4], "data_offsets": [0, 112]}}, b"0" * 112
        ),
        "not a model",
    ),
    "half as long": (
        _raw(
            {"embeddings": {"dtype": "BF16", "shape": [7, 4], "data_offsets": [0, 56]}}, b"0" * 56
        ),
        "not a model",
    ),
    "no table": (_tensors(other=_TABLE), "no table"),
    "flat": (_tensors(embeddings=_TABLE[0]), "shape"),
    "wide": (_tensors(embeddings=np.ones((7, 1_025), dtype=np.int8)), "shape"),
    "truth values": (_tensors(embeddings=np.ones((7, 4), dtype=np.bool_)), "shape"),
    "nothing": (_tensors(embeddings=np.ones((0, 4), dtype=np.float32)), "0 tokens"),
    "not finite": (_tensors(embeddings=_NAN), "not finite"),
    "weights": (_tensors(embeddings=_TABLE, weights=_TABLE[0]), "weights"),
    "weights not finite": (_tensors(embeddings=_TABLE, weights=_NAN[:, 0]), "not finite"),
    "mapping": (_tensors(embeddings=_TABLE, mapping=np.full(7, 7)), "mapping"),
    "negative mapping": (_tensors(embeddings=_TABLE, mapping=np.full(7, -1)), "mapping"),
    "fractional mapping": (_tensors(embeddings=_TABLE, mapping=_TABLE[:, 0]), "mapping"),
    "too few rows": (_tensors(embeddings=_TABLE[:3]), "3 rows"),
    "not JSON": (_tokenizer(b"\x00\xff{"), "does not work"),
    "not a tokenizer": (_tokenizer(b"[]"), "does not work"),
    "deep": (_tokenizer(b"[" * 100_000), "does not work"),
    "unknown model": (_tokenizer(b'{"model": {"type": "Nothing"}}'), "does not work"),
}


@pytest.mark.parametrize("fault", sorted(SPOILED))
def test_spoiled(tmp_path: Path, fault: str) -> None:
    """A folder with one fault is refused with a sentence that names the file."""
    static_model(tmp_path, SUBJECTS)
    spoil, words = SPOILED[fault]
    spoil(tmp_path)
    with pytest.raises(ConfigurationError, match=words) as caught:
        StaticEmbedding(tmp_path)
    assert str(tmp_path) in caught.value.where


@pytest.mark.parametrize("library", ["safetensors", "tokenizers"])
def test_without_the_extra(folder: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """Without a library the error names the extra that brings it."""
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=r"cautery\[embedding\]"):
        StaticEmbedding(folder)


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files and tables over their bounds are refused before they are worked on."""
    static_model(tmp_path, SUBJECTS)
    monkeypatch.setattr(room, "MOST_NUMBERS", 100)
    with pytest.raises(ConfigurationError, match="7 tokens"):
        StaticEmbedding(tmp_path)
    monkeypatch.setattr(room, "MOST_MODEL_BYTES", 100)
    with pytest.raises(ConfigurationError, match="larger than the 100 bytes"):
        StaticEmbedding(tmp_path)


def test_tokenizer_fails_at_a_text(tmp_path: Path) -> None:
    """A tokenizer that loads and then fails is an error of the folder."""
    static_model(tmp_path, SUBJECTS)
    document = json.loads((tmp_path / "tokenizer.json").read_bytes())
    document["model"]["unk_token"] = "nowhere"
    (tmp_path / "tokenizer.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="does not work"):
        StaticEmbedding(tmp_path).embed(["unheard"])
