"""What ``cautery resist apply`` does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Annotated, Any, Final

import msgspec

from cautery.cli.given_files import opened
from cautery.errors import OutputError
from cautery.numbered_lines import decoded, lines_of
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


_DECODER: Final = msgspec.json.Decoder(_Line)
_HINT: Final = 'Each line is {"choices": [{"text": ...}]}'


def apply_lines(file: str, tiers: Path, tier: str, audit: Path | None) -> Iterator[str]:
    """Change the answers of a file, line by line; see the verb ``apply``."""
    plan = load_tiers(tiers).plan(tier)
    with ExitStack() as stack:
        stream = stack.enter_context(opened(file))
        kept = stack.enter_context(_written(audit)) if audit else None
        for _, where, content in lines_of(stream, file, most_bytes=MOST_LINE_BYTES):
            read = decoded(content, _DECODER, where=where, wanted="an answer", hint=_HINT)
            yield _changed(read, plan, kept)


def _changed(read: _Line, plan: Plan, kept: IO[bytes] | None) -> str:
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


def _written(path: Path) -> IO[bytes]:
    try:
        return path.open("wb")
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror or error}", where=str(path)
        ) from None
