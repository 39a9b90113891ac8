"""Files of a suspect's texts, and of our own marked ones: a JSON line each.

A line has ``id``, and ``text`` or ``token_ids``; ``prompt`` or ``prompt_token_ids`` where they are
known; of an open suspect ``predictions``, its likeliest tokens at each place of ``token_ids``; of
our own text ``account_id``, ``campaign_id`` and ``epoch``. Other fields are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from cautery.errors import InputError
from cautery.numbered_lines import decoded, lines_of
from cautery.provenance.suspect_material import Exposure, Sample
from cautery.records.probe import Access
from cautery.watermark.text_lines import MAX_TOKEN

if TYPE_CHECKING:
    from typing import BinaryIO

    from numpy.typing import NDArray

    from cautery.watermark.tokenizer import Tokenizer

MAX_LINE_BYTES: Final = 16 * 1024 * 1024
MOST_TOKENS: Final = 20_000_000
"""Tokens of all lines together; bounds memory at some gigabytes."""
MOST_PREDICTIONS: Final = 64
"""Likeliest tokens of a place."""


class GivenLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line, as it stands."""

    id: str | int = ""
    text: str | None = None
    token_ids: list[int] | None = None
    prompt: str | None = None
    prompt_token_ids: list[int] | None = None
    predictions: list[list[int]] | None = None
    account_id: str = ""
    campaign_id: str = ""
    epoch: str = ""
    schema: str = ""
    """Set in the first line of an endpoint's answers, which is none."""
    failure: str = ""
    """Why an endpoint gave no answer; such a line holds none."""


_DECODER: Final = msgspec.json.Decoder(GivenLine)
_HINT: Final = 'A line is {"id": ..., "text": "..."} or {"id": ..., "token_ids": [...]}.'
Numbered = tuple[str, GivenLine]
"""File and line, and what stands there."""


def given_lines(stream: BinaryIO, name: str) -> Iterator[Numbered]:
    """Read the lines of a file.

    Args:
        stream: JSON Lines.
        name: Of the file, for messages.

    Yields:
        Place and content of each line that is not empty.

    Raises:
        InputError: A line is too long or is no such object; names file and line.
    """
    for _, where, content in lines_of(stream, name, most_bytes=MAX_LINE_BYTES):
        yield where, decoded(content, _DECODER, where=where, wanted="a text", hint=_HINT)


class LineReader:
    """Reads lines as one profile does; counts their tokens.

    Args:
        tokenizer: The profile's; None if it names none, and lines must have token ids then.
    """

    def __init__(self, tokenizer: Tokenizer | None) -> None:
        self._tokenizer = tokenizer
        self._tokens = 0

    def sample(self, where: str, line: GivenLine) -> Sample:
        """Read a text of the suspect.

        Raises:
            InputError: It has neither text nor token ids, or ids that are no tokens, or
                predictions that do not fit; names the line.
        """
        if line.predictions is not None:
            return self._forced(where, line)
        prompt, answer = self._parts(where, line)
        return Sample(tokens=np.concatenate([prompt, answer]), start=len(prompt))

    def exposure(self, where: str, line: GivenLine) -> Exposure:
        """Read a text of ours.

        Raises:
            InputError: As ``sample``.
        """
        prompt, answer = self._parts(where, line)
        return Exposure(
            tokens=np.concatenate([prompt, answer]),
            start=len(prompt),
            account_id=line.account_id,
            campaign_id=line.campaign_id,
            epoch=line.epoch,
        )

    def _parts(self, where: str, line: GivenLine) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        answer = self._read(where, "token_ids", line.token_ids, line.text)
        if answer is None:
            raise InputError("needs token_ids or text, and not both", where=where)
        prompt = self._read(where, "prompt_token_ids", line.prompt_token_ids, line.prompt)
        return np.empty(0, np.int64) if prompt is None else prompt, answer

    def _read(
        self, where: str, field: str, ids: list[int] | None, text: str | None
    ) -> NDArray[np.int64] | None:
        if ids is not None and text is not None and field == "token_ids":
            return None
        if ids is not None:
            tokens = _tokens(where, field, ids)
        elif text is None:
            return None
        elif self._tokenizer is None:
            raise InputError(
                "is a text, and the profile names no tokenizer",
                where=where,
                hint="Name it in the profile, or give token_ids.",
            )
        else:
            tokens = self._tokenizer.encode(text)
        self._count(where, len(tokens))
        return tokens

    def _forced(self, where: str, line: GivenLine) -> Sample:
        if line.token_ids is None or line.predictions is None:
            raise InputError("predictions belong to token_ids, and there are none", where=where)
        tokens, rows = _tokens(where, "token_ids", line.token_ids), line.predictions
        if len(rows) != len(tokens):
            raise InputError(
                f"{len(rows):,} predictions for {len(tokens):,} token_ids",
                where=where,
                hint="Give one list a place; an empty one where there is no prediction.",
            )
        most = max((len(row) for row in rows), default=0)
        if most > MOST_PREDICTIONS:
            raise InputError(f"more than {MOST_PREDICTIONS} predictions of a place", where=where)
        self._count(where, len(tokens) * max(most, 1))
        predictions = np.full((len(tokens), max(most, 1)), -1, dtype=np.int64)
        for place, row in enumerate(rows):
            predictions[place, : len(row)] = _tokens(where, f"predictions[{place}]", row)
        return Sample(tokens=tokens, start=len(tokens), predictions=predictions)

    def _count(self, where: str, tokens: int) -> None:
        self._tokens += tokens
        if self._tokens > MOST_TOKENS:
            raise InputError(
                f"more than {MOST_TOKENS:,} tokens", where=where, hint="Give a part of the texts."
            )


def _tokens(where: str, field: str, ids: Sequence[int]) -> NDArray[np.int64]:
    wrong = next((place for place, one in enumerate(ids) if not 0 <= one <= MAX_TOKEN), None)
    if wrong is not None:
        raise InputError(f"{field}[{wrong}] is {ids[wrong]}, which is no token", where=where)
    return np.array(ids, dtype=np.int64)


def read_samples(
    lines: Iterable[Numbered], tokenizers: Sequence[Tokenizer | None]
) -> tuple[Access, tuple[tuple[Sample, ...], ...]]:
    """Read a suspect's texts as each profile does.

    Args:
        lines: Of the file; lines without an answer are passed over.
        tokenizers: Of the profiles.

    Returns:
        What is had of the suspect, and the samples by profile.

    Raises:
        InputError: There is no text, some have predictions and others not, or a line is wrong.
    """
    readers = [LineReader(tokenizer) for tokenizer in tokenizers]
    found: list[list[Sample]] = [[] for _ in readers]
    for where, line in lines:
        if line.failure:
            continue
        for reader, samples in zip(readers, found, strict=True):
            samples.append(reader.sample(where, line))
        kinds = {sample.predictions is None for sample in (found[0][0], found[0][-1])}
        if len(kinds) > 1:
            raise InputError("some lines have predictions and others not", where=where)
    if not found or not found[0]:
        raise InputError("there is no text of the suspect")
    access = Access.CLOSED if found[0][0].predictions is None else Access.OPEN
    return access, tuple(tuple(samples) for samples in found)


def read_exposures(
    lines: Iterable[Numbered],
    tokenizers: Sequence[Tokenizer | None],
    campaigns: Mapping[str, str] | None = None,
) -> tuple[tuple[Exposure, ...], ...]:
    """Read our own marked texts as each profile does.

    Args:
        lines: Of the file.
        tokenizers: Of the profiles.
        campaigns: Campaign of each account that is in one, if a case tells; for lines that name
            an account and no campaign.

    Returns:
        The exposures by profile.

    Raises:
        InputError: A line is wrong.
    """
    readers = [LineReader(tokenizer) for tokenizer in tokenizers]
    found: list[list[Exposure]] = [[] for _ in readers]
    for where, line in lines:
        for reader, exposures in zip(readers, found, strict=True):
            exposures.append(_labelled(reader.exposure(where, line), campaigns))
    return tuple(tuple(exposures) for exposures in found)


def _labelled(exposure: Exposure, campaigns: Mapping[str, str] | None) -> Exposure:
    if campaigns is None or exposure.campaign_id or not exposure.account_id:
        return exposure
    campaign_id = campaigns.get(exposure.account_id, "")
    return replace(exposure, campaign_id=campaign_id, campaign_known=True)
