"""What an endpoint has answered so far, on disk: one line an answer, none lost, none paid twice.

The first line says which plan the answers belong to. A line is on disk before the next question is
asked; one that was cut off as the process died is removed when the file is opened again. The
answers are lines that ``cautery provenance model --suspect FILE`` reads as they are.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from cautery.errors import ConfigurationError, MalformedFileError
from cautery.ledger.durable_files import (
    WriterLock,
    check_plain,
    make_folder,
    output_errors,
    synchronise,
    write_all,
)
from cautery.numbered_lines import Row, decoded
from cautery.provenance.query_plan import Spent

ANSWERS_SCHEMA: Final = "cautery.answers/1"
MOST_STATE_BYTES: Final = 4 * 1024 * 1024 * 1024


class PlanHeader(msgspec.Struct, frozen=True, kw_only=True):
    """First line: what was asked, of whom and how. Another plan has another state."""

    schema: str = ANSWERS_SCHEMA
    url: str
    model: str
    style: str
    max_tokens: int
    temperature: float
    prompts_sha256: str
    grader: str = ""
    """Who grades the answers, where they are graded."""
    top_logprobs: int = 0


class AnswerLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question, and what came of it."""

    id: str
    prompt: str = ""
    text: str = ""
    first_tokens: tuple[str, ...] = ()
    """Likeliest first tokens, if they were asked for and given."""
    finish_reason: str = ""
    model: str = ""
    requests: int = 1
    """Times that it was asked."""
    input_tokens: int = 0
    output_tokens: int = 0
    failure: str = ""
    """Why there is no answer, and will be none."""
    grade: str = ""
    """What the answer did, where answers are graded."""
    text_hmac: str = ""
    """Keyed hash of an answer that was graded and dropped."""
    named_owner: bool = False
    """Whether a graded answer named the teacher or its maker."""


_HEADERS: Final = msgspec.json.Decoder(PlanHeader)
_ANSWERS: Final = msgspec.json.Decoder(AnswerLine)


class QueryState:
    """The answers so far, opened for writing; use ``with``.

    Args:
        path: The file; made if it is not there, for its owner's eyes only.
        header: Which plan.

    Raises:
        ConfigurationError: It belongs to another plan.
        MalformedFileError: It is no such file.
        OutputError: Another process asks, or it cannot be written.
    """

    def __init__(self, path: Path, header: PlanHeader) -> None:
        with output_errors(path):
            make_folder(path.resolve().parent)
        self._path = path
        self._lock = WriterLock(path.with_name(f"{path.name}.lock"))
        try:
            with output_errors(path):
                check_plain(path)
                self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self.lines, self._size = self._opened(header)
        except BaseException:
            self._lock.release()
            raise

    def _opened(self, header: PlanHeader) -> tuple[dict[str, AnswerLine], int]:
        content = self._content()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            with output_errors(self._path):
                os.ftruncate(self._descriptor, len(whole))
        if not whole:
            line = msgspec.json.encode(header) + b"\n"
            self._append(line, 0)
            return {}, len(line)
        first, *rows = whole.splitlines()
        self._check(first, header)
        lines: dict[str, AnswerLine] = {}
        for number, row in enumerate(rows, start=2):
            answer = self._row(row, number, _ANSWERS)
            lines[answer.id] = answer
        return lines, len(whole)

    def _content(self) -> bytes:
        size = os.fstat(self._descriptor).st_size
        if size > MOST_STATE_BYTES:
            raise MalformedFileError("too long for answers", where=str(self._path))
        with output_errors(self._path):
            return os.pread(self._descriptor, size, 0)

    def _check(self, first: bytes, header: PlanHeader) -> None:
        found = self._row(first, 1, _HEADERS)
        for name in PlanHeader.__struct_fields__:
            there, wanted = getattr(found, name), getattr(header, name)
            if there != wanted:
                raise ConfigurationError(
                    f"holds answers of another plan: {name} was {there!r}, not {wanted!r}",
                    where=str(self._path),
                    hint="Give another --state, or the options of before.",
                )

    def _row(self, content: bytes, number: int, decoder: msgspec.json.Decoder[Row]) -> Row:
        return decoded(
            content,
            decoder,
            where=f"{self._path}:{number}",
            wanted="the answers of an endpoint",
            hint="Give the --state of an earlier run, or the name of a new file.",
            error_type=MalformedFileError,
        )

    def add(self, line: AnswerLine) -> None:
        """Keep an answer; it is on disk when this returns.

        Raises:
            OutputError: It cannot be written.
        """
        content = msgspec.json.encode(line) + b"\n"
        self._append(content, self._size)
        self._size += len(content)
        self.lines[line.id] = line

    def _append(self, content: bytes, offset: int) -> None:
        with output_errors(self._path):
            write_all(self._descriptor, content, offset)
            synchronise(self._descriptor)

    @property
    def spent(self) -> Spent:
        """What all answers cost, in all runs."""
        found = Spent()
        for line in self.lines.values():
            found = replace(
                found,
                requests=found.requests + line.requests,
                input_tokens=found.input_tokens + line.input_tokens,
                output_tokens=found.output_tokens + line.output_tokens,
            )
        return found

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file, and let another process ask."""
        os.close(self._descriptor)
        self._lock.release()
