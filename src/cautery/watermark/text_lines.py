"""Suspect texts, a JSON line each: token ids, or a text and the profile's tokenizer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from cautery.errors import InputError
from cautery.numbered_lines import decoded, lines_of
from cautery.watermark.tokenizer import Tokenizer

MAX_LINE_BYTES: Final = 256 * 1024 * 1024
"""Longest line: some thirty million token ids, or two hundred million characters."""
MAX_TOKEN: Final = 2**31 - 1
"""Largest token id where the vocabulary is not known; engines hold ids in 32 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectText:
    """One text under test."""

    text_id: str | int
    """Its ``id``, as the line says it."""
    where: str
    """File and line."""
    given: str | NDArray[np.int64]
    """The text, or the token ids, as the line gives them."""
    tokens: NDArray[np.int64] | None
    """Token ids, shape (tokens,); None where there is a text and no tokenizer for it."""


class _Line(msgspec.Struct, frozen=True):
    id: str | int
    token_ids: list[int] | None = None
    text: str | None = None


_DECODER: Final = msgspec.json.Decoder(_Line)
_HINT: Final = 'A line is {"id": ..., "token_ids": [...]} or {"id": ..., "text": "..."}.'


class TextLines:
    """Reads texts under test.

    Args:
        name: Name of the file, for messages.
        tokenizer: The profile's tokenizer; None if it names none.
        vocabulary_size: Ids from here on are refused; 0 if the profile does not say.
    """

    def __init__(self, name: str, tokenizer: Tokenizer | None, vocabulary_size: int = 0) -> None:
        self._name = name
        self._tokenizer = tokenizer
        known = tokenizer.vocabulary_size if tokenizer is not None else MAX_TOKEN + 1
        self._size = vocabulary_size or known

    def read(self, stream: BinaryIO) -> Iterator[SuspectText]:
        """Read one text a line; empty lines are passed over.

        Args:
            stream: JSON Lines.

        Yields:
            The texts, in order.

        Raises:
            InputError: A line is no such object, too long, or has ids that are no tokens; names
                line and field.
        """
        for _, where, content in lines_of(stream, self._name, most_bytes=MAX_LINE_BYTES):
            yield self.parse(content, where)

    def parse(self, line: bytes, where: str) -> SuspectText:
        """Read one line.

        Args:
            line: A JSON object.
            where: File and line, for messages.

        Returns:
            The text.

        Raises:
            InputError: As ``read``.
        """
        found = decoded(line, _DECODER, where=where, wanted="a text under test", hint=_HINT)
        if (found.token_ids is None) == (found.text is None):
            raise InputError("needs token_ids or text, and not both", where=where)
        tokens = self._tokens(found, where)
        given = found.text if found.text is not None else tokens
        return SuspectText(
            text_id=found.id,
            where=where,
            given=np.empty(0, np.int64) if given is None else given,
            tokens=tokens,
        )

    def _tokens(self, found: _Line, where: str) -> NDArray[np.int64] | None:
        if found.token_ids is None:
            if self._tokenizer is None:
                return None
            return self._tokenizer.encode(found.text or "")
        try:
            tokens = np.array(found.token_ids, dtype=np.int64)
        except OverflowError:
            tokens = np.array([-1])
        if len(tokens) and not 0 <= int(tokens.min()) <= int(tokens.max()) < self._size:
            place = int(np.argmax((tokens < 0) | (tokens >= self._size)))
            raise InputError(
                f"token_ids[{place}] is {found.token_ids[place]}, "
                f"which is not in the vocabulary of {self._size:,}",
                where=where,
                hint="These are not tokens of the profile's tokenizer.",
            )
        return tokens


def vocabulary_size_of(parameters: Any) -> int:
    """Ask a scheme's parameters for the size of the vocabulary.

    Args:
        parameters: What a scheme made of a profile's parameters.

    Returns:
        The size; 0 if they do not say.
    """
    return int(getattr(parameters, "vocab_size", 0) or 0)
