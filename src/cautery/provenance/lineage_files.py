"""Files of models' answers for the lineage probe: a JSON line each.

A line has ``id`` and ``text`` (the beginning of a greedy answer) or ``first_tokens`` (the likeliest
first tokens as text, the likeliest first), or both; ``prompt`` and ``tokenizer`` where they are
known. Other fields are passed over. The answers of an endpoint (``cautery.answers/1``) are read as
they are. Empty answers, and those that an endpoint never gave, are counted and left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from cautery.errors import InputError
from cautery.numbered_lines import decoded, lines_of
from cautery.provenance.next_token_agreement import DEEPEST, AnsweredModel, FirstTokens, first_word
from cautery.provenance.query_state import ANSWERS_SCHEMA

if TYPE_CHECKING:
    from typing import BinaryIO

MAX_LINE_BYTES: Final = 1024 * 1024
MOST_LINES: Final = 100_000
KEPT_CHARACTERS: Final = 1_024
"""Of an answer: its first word is enough."""


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    id: str | int = ""
    text: str = ""
    first_tokens: list[str] = []
    prompt: str = ""
    tokenizer: str = ""
    schema: str = ""
    failure: str = ""


_DECODER: Final = msgspec.json.Decoder(_Line)
_HINT: Final = 'A line is {"id": ..., "prompt": "...", "text": "..."}.'


def read_answers(stream: BinaryIO, file: str, name: str) -> tuple[AnsweredModel, tuple[str, ...]]:
    """Read one model's answers.

    Args:
        stream: JSON Lines.
        file: Its name, for messages.
        name: Of the model.

    Returns:
        The model, and what is odd about its answers.

    Raises:
        InputError: A line is none, two have one id, or no line holds an answer; names the line.
    """
    answers: dict[str, FirstTokens] = {}
    ids: set[str] = set()
    tokenizers: set[str] = set()
    rows = lines_of(stream, file, most_bytes=MAX_LINE_BYTES, most_lines=MOST_LINES)
    for number, where, content in rows:
        line = decoded(content, _DECODER, where=where, wanted="an answer", hint=_HINT)
        if line.schema == ANSWERS_SCHEMA:
            continue
        one = str(line.id) or f"line-{number}"
        if one in ids:
            raise InputError(f"two answers have the id {one!r}", where=where)
        ids.add(one)
        tokenizers |= {line.tokenizer} - {""}
        found = _answer(line)
        if found is not None:
            answers[one] = found
    if not answers:
        raise InputError("there is no answer in it", where=file)
    if len(tokenizers) > 1:
        raise InputError("its lines name several tokenizers", where=file)
    empty = len(ids) - len(answers)
    notes = (f"{name}: {empty:,} answers are empty and do not count",) if empty else ()
    return AnsweredModel(name=name, answers=answers, tokenizer="".join(tokenizers)), notes


def _answer(line: _Line) -> FirstTokens | None:
    """Take what is compared of a line; None if that is nothing."""
    text = line.text[:KEPT_CHARACTERS]
    text = text if first_word(text) else ""
    likeliest = tuple(token[:KEPT_CHARACTERS] for token in line.first_tokens[:DEEPEST] if token)
    if line.failure or not (text or likeliest):
        return None
    return FirstTokens(text=text, likeliest=likeliest, prompt=line.prompt)
