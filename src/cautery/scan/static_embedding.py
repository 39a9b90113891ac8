"""Static embeddings: a vector for each token, from a folder on this machine; nothing is fetched.

A text's vector is the sum of its tokens' vectors, of length one (Tulkens and van Dongen,
*Model2Vec*, 2024). Vectors are whole numbers and sums of such are exact, so that no order of
texts, size of a batch, thread or processor can change a digit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import sparse

from cautery.errors import ConfigurationError, InputError, MissingExtraError
from cautery.plain_files import read_plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODEL_FILE: Final = "model.safetensors"
TOKENIZER_FILE: Final = "tokenizer.json"
TABLES: Final = ("embeddings", "embedding.weight")
"""Names of the table in the layouts of model2vec and of sentence-transformers."""
MOST_MODEL_BYTES: Final = 2**30
MOST_TOKENIZER_BYTES: Final = 64 * 2**20
MOST_DIMENSIONS: Final = 1_024
MOST_NUMBERS: Final = 2**28
"""Tokens times dimensions: a gigabyte of memory."""
ROWS_AT_ONCE: Final = 65_536
TEXT_CHARACTERS: Final = 2_000
"""Characters of a text that are read, its first."""
TEXT_TOKENS: Final = 512
"""Tokens of a text that count, its first."""
TEXTS_AT_ONCE: Final = 1_024
STEPS: Final = 2**14
"""Steps between zero and the largest number of a table: a sum of ``TEXT_TOKENS`` fits into 32 bits,
and the squares of ``MOST_DIMENSIONS`` such sums together into 64."""
UNIT: Final = 10_000
"""Length of the vector of a text."""
_HINT: Final = "Give a folder in the layout of model2vec: model.safetensors and tokenizer.json."


class StaticEmbedding:
    """A static embedding model, loaded once.

    Args:
        folder: Holds ``model.safetensors`` and ``tokenizer.json``.

    Raises:
        ConfigurationError: A file is missing, too large, damaged, or does not fit the other.
        MissingExtraError: The libraries of the extra are not installed.
    """

    def __init__(self, folder: Path) -> None:
        self._where = str(folder)
        model = _content(folder / MODEL_FILE, MOST_MODEL_BYTES)
        tokenizer = _content(folder / TOKENIZER_FILE, MOST_TOKENIZER_BYTES)
        self.sha256 = _digest({MODEL_FILE: model, TOKENIZER_FILE: tokenizer})
        self._table = _table(model, folder / MODEL_FILE)
        self._tokenizer = _tokenizer(tokenizer, folder / TOKENIZER_FILE)
        self._unknown = _unknown(self._tokenizer)
        last = max(self._tokenizer.get_vocab(with_added_tokens=True).values(), default=-1)
        if not 0 <= last < self.tokens:
            raise ConfigurationError(
                f"the tokenizer has tokens up to {last:,}, the table has {self.tokens:,} rows",
                where=self._where,
                hint="Take both files from one model.",
            )

    @property
    def tokens(self) -> int:
        """Tokens that have a vector."""
        return int(self._table.shape[0])

    @property
    def dimensions(self) -> int:
        """Numbers of a vector."""
        return int(self._table.shape[1])

    def embed(self, texts: Sequence[str]) -> NDArray[np.int16]:
        """Turn texts into vectors.

        Args:
            texts: Any texts.

        Returns:
            Vectors of length ``UNIT`` or zero if no token is known, shape (texts, dimensions).

        Raises:
            ConfigurationError: The tokenizer fails at a text.
        """
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.int16)
        for first in range(0, len(texts), TEXTS_AT_ONCE):
            some = texts[first : first + TEXTS_AT_ONCE]
            vectors[first : first + len(some)] = self._embedded(some)
        return vectors

    def _embedded(self, texts: Sequence[str]) -> NDArray[np.int16]:
        ids = self._ids([text[:TEXT_CHARACTERS] for text in texts])
        lengths = np.array([len(one) for one in ids], dtype=np.int64)
        flat = np.fromiter((token for one in ids for token in one), np.int32, int(lengths.sum()))
        counts = sparse.csr_matrix(
            (np.ones(flat.size, dtype=np.int32), flat, np.append(0, np.cumsum(lengths))),
            shape=(len(ids), self.tokens),
        )
        sums = np.asarray(counts @ self._table, dtype=np.int64)
        length = np.sqrt((sums**2).sum(axis=1).astype(np.float64))
        scaled = sums * (UNIT / np.maximum(length, 1.0))[:, None]
        return np.asarray(np.rint(scaled), dtype=np.int16)

    def _ids(self, texts: list[str]) -> list[list[int]]:
        try:
            found = self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        except BaseException as error:
            raise _not_working(error, self._where) from error
        return [
            [token for token in one.ids[:TEXT_TOKENS] if token != self._unknown] for one in found
        ]


def _content(path: Path, most_bytes: int) -> bytes:
    try:
        return read_plain(path, most_bytes)
    except InputError as error:
        raise ConfigurationError(error.what, where=str(path), hint=_HINT) from error


def _digest(files: dict[str, bytes]) -> str:
    """SHA-256 over the lines that ``sha256sum`` prints of the files, in the order of names."""
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _missing(library: str) -> MissingExtraError:
    return MissingExtraError(
        f"an embedding needs the library {library}", hint="pip install 'cautery[embedding]'"
    )


def _table(content: bytes, path: Path) -> NDArray[np.int32]:
    """Read the vectors of all tokens, weights multiplied in, as whole numbers."""
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load
    except ImportError as error:
        raise _missing("safetensors") from error
    try:
        tensors = load(content)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"is not a model: {str(error)[:200]}", where=str(path), hint=_HINT
        ) from error
    name = next((one for one in TABLES if one in tensors), None)
    if name is None:
        raise ConfigurationError("holds no table of embeddings", where=str(path), hint=_HINT)
    parts = (tensors[name], tensors.get("mapping"), tensors.get("weights"))
    problem = _problem(*parts)
    if problem:
        raise ConfigurationError(problem, where=str(path), hint=_HINT)
    return _whole_numbers(*parts)


def _problem(table: Any, rows: Any, weights: Any) -> str:
    """Say what is wrong with the shapes and numbers of a model; nothing if they are usable."""
    if (
        table.ndim != 2
        or table.dtype.kind not in "fi"
        or not 1 <= table.shape[1] <= MOST_DIMENSIONS
    ):
        return f"the table has the shape {table.shape} and {table.dtype} numbers"
    if rows is not None and (
        rows.ndim != 1 or rows.dtype.kind not in "iu" or not _inside(rows, table.shape[0])
    ):
        return "the mapping from tokens to rows does not fit the table"
    tokens = table.shape[0] if rows is None else rows.size
    if not 1 <= tokens <= MOST_NUMBERS // table.shape[1]:
        return f"the table has {tokens:,} tokens of {table.shape[1]:,} numbers"
    if weights is not None and (weights.shape != (tokens,) or weights.dtype.kind not in "fiu"):
        return "the weights of tokens do not fit the table"
    if not all(one is None or bool(np.isfinite(one).all()) for one in (table, weights)):
        return "the table holds numbers that are not finite"
    return ""


def _inside(rows: Any, size: int) -> bool:
    return not rows.size or (int(rows.min()) >= 0 and int(rows.max()) < size)


def _whole_numbers(table: Any, rows: Any, weights: Any) -> NDArray[np.int32]:
    """Multiply weights in and round; piece by piece, as a table may be large."""
    tokens = table.shape[0] if rows is None else rows.size
    pieces = [slice(first, first + ROWS_AT_ONCE) for first in range(0, tokens, ROWS_AT_ONCE)]

    def vectors(piece: slice) -> NDArray[np.float64]:
        some = table[piece] if rows is None else table[rows[piece].astype(np.int64)]
        scale = 1.0 if weights is None else weights[piece].astype(np.float64)[:, None]
        return np.asarray(some.astype(np.float64) * scale, dtype=np.float64)

    most = max(float(np.abs(vectors(piece)).max()) for piece in pieces)
    found = np.zeros((tokens, table.shape[1]), dtype=np.int32)
    if 0.0 < most < np.inf:
        for piece in pieces:
            found[piece] = np.rint(vectors(piece) / most * STEPS)
    return found


def _tokenizer(content: bytes, path: Path) -> Any:
    try:
        import tokenizers
    except ImportError as error:
        raise _missing("tokenizers") from error
    try:
        tokenizer = tokenizers.Tokenizer.from_buffer(content)
        tokenizer.no_truncation()
        tokenizer.no_padding()
    except BaseException as error:
        raise _not_working(error, str(path)) from error
    return tokenizer


def _unknown(tokenizer: Any) -> int | None:
    """Find the token that stands for what the tokenizer does not know; it means nothing."""
    model = json.loads(tokenizer.to_str())["model"]
    if isinstance(model.get("unk_id"), int):
        return int(model["unk_id"])
    name = model.get("unk_token")
    return tokenizer.token_to_id(name) if isinstance(name, str) else None


def _not_working(error: BaseException, where: str) -> BaseException:
    """Turn what the library raises, a panic of its Rust code included, into an error of ours."""
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        return error
    return ConfigurationError(
        f"the tokenizer does not work: {str(error)[:200]}", where=where, hint=_HINT
    )
