"""Texts to token ids, by the very tokenizer that the engine used."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from cautery.errors import ConfigurationError, MissingExtraError
from cautery.plain_files import open_plain

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from cautery.watermark.profile import TokenizerFile


class Tokenizer:
    """A tokenizer of a profile, loaded once.

    Args:
        file: Which file, and its digest.

    Raises:
        ConfigurationError: The file is not there, is another one than the profile says, or is no
            tokenizer.
        MissingExtraError: The library ``tokenizers`` is not installed.
    """

    def __init__(self, file: TokenizerFile) -> None:
        content = tokenizer_content(file.path)
        digest = hashlib.sha256(content).hexdigest()
        if digest != file.sha256:
            raise ConfigurationError(
                f"the profile's tokenizer has sha256 {file.sha256[:16]}..., "
                f"this file has {digest[:16]}...",
                where=str(file.path),
                hint="Another tokenizer gives other tokens, so nothing would be found: "
                "use the engine's own file.",
            )
        self._tokenizer = _load(content, file.path)
        self.vocabulary_size = int(self._tokenizer.get_vocab_size(with_added_tokens=True))

    def encode(self, text: str) -> NDArray[np.int64]:
        """Turn a text into token ids, without the special tokens that open a prompt.

        Args:
            text: Any text.

        Returns:
            Token ids, shape (tokens,).
        """
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return np.asarray(encoding.ids, dtype=np.int64)

    def decode(self, tokens: NDArray[np.int64]) -> str:
        """Turn token ids into the text that they stand for.

        Args:
            tokens: Token ids, shape (tokens,).

        Returns:
            The text.
        """
        return str(self._tokenizer.decode(tokens.tolist(), skip_special_tokens=False))


def tokenizer_content(path: Path) -> bytes:
    """Read a tokenizer's file.

    Args:
        path: A ``tokenizer.json``.

    Returns:
        Its bytes.

    Raises:
        ConfigurationError: It cannot be read.
    """
    try:
        with open_plain(path) as stream:
            return stream.read()
    except OSError as error:
        raise ConfigurationError(
            f"the tokenizer cannot be read: {error.strerror or error}", where=str(path)
        ) from error


def tokenizer_digest(path: Path) -> str:
    """Give the SHA-256 of a tokenizer's file, as profiles name it.

    Args:
        path: A ``tokenizer.json``.

    Returns:
        Hexadecimal digits.

    Raises:
        ConfigurationError: It cannot be read.
    """
    return hashlib.sha256(tokenizer_content(path)).hexdigest()


def _load(content: bytes, path: Path) -> Any:
    try:
        import tokenizers
    except ImportError as error:
        raise MissingExtraError(
            "texts need the library tokenizers",
            hint="pip install 'cautery[watermark]', or give token_ids instead of text.",
        ) from error
    try:
        return tokenizers.Tokenizer.from_buffer(content)
    except Exception as error:  # the library raises bare Exception whatever is wrong
        raise ConfigurationError(f"not a tokenizer.json: {error}", where=str(path)) from error
