"""What ``cautery resist apply`` does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Annotated, Any, Final

import msgspec

from cautery.errors import MalformedFileError, NoInputError, OutputError
from cautery.records.answer import Answer, AnswerChoice, TokenChance
from cautery.resist.plans import Plan
from cautery.resist.tiers import load_tiers

MOST_LINE_BYTES: Final = 16 * 2**20


class _Chance(msgspec.Struct, forbid_unknown_fields=True):
    token: str
    log_chance: float
    others: list[tuple[str, float]] = []


class _Choice(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    reasoning: str = ""
    token_chances: list[_Chance] = []


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    choices: Annotated[list[_Choice], msgspec.Meta(min_length=1)]
    id: str | int | None = None


def apply_lines(file: str, tiers: Path, tier: str, audit: Path | None) -> Iterator[str]:
    """Change the answers of a file, line by line; see the verb ``apply``."""
    plan = load_tiers(tiers).plan(tier)
    with ExitStack() as opened:
        stream = sys.stdin.buffer if file == "-" else opened.enter_context(_opened(file))
        kept = opened.enter_context(_written(audit)) if audit else None
        for number, line in enumerate(iter(lambda: stream.readline(MOST_LINE_BYTES + 1), b""), 1):
            if line.strip():
                yield _changed(line, f"{file}:{number}", plan, kept)


def _changed(line: bytes, where: str, plan: Plan, kept: IO[bytes] | None) -> str:
    if len(line) > MOST_LINE_BYTES:
        raise MalformedFileError(f"a line of more than {MOST_LINE_BYTES:,} bytes", where=where)
    try:
        read = msgspec.json.decode(line, type=_Line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedFileError(
            f"not an answer: {error}", where=where, hint='Each line is {"choices": [{"text": ...}]}'
        ) from None
    answer, changes = plan.apply(_answer(read))
    if kept:
        row = {"id": read.id, "changes": changes}
        kept.write(msgspec.json.encode(row) + b"\n")
    shown: dict[str, Any] = {} if read.id is None else {"id": read.id}
    return msgspec.json.encode({**shown, "choices": answer.choices}).decode()


def _answer(line: _Line) -> Answer:
    return Answer(
        choices=tuple(
            AnswerChoice(
                text=choice.text,
                reasoning=choice.reasoning,
                token_chances=tuple(
                    TokenChance(
                        token=one.token, log_chance=one.log_chance, others=tuple(one.others)
                    )
                    for one in choice.token_chances
                ),
            )
            for choice in line.choices
        )
    )


def _opened(file: str) -> IO[bytes]:
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror or error}", where=file) from None


def _written(path: Path) -> IO[bytes]:
    try:
        return path.open("wb")
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror or error}", where=str(path)
        ) from None
