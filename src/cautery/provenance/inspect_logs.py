"""Logs of Inspect (UK AI Security Institute, MIT) that hold the answers to exported items.

Read as JSON, without Inspect: it need not be installed. Its other format is a ZIP archive with a
compression that Python 3.11 does not know; ``inspect log convert --to json`` turns one into the
other. Of each sample the id, the answer and why it ended are read, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from cautery.errors import InputError, MalformedFileError
from cautery.provenance.query_state import AnswerLine

if TYPE_CHECKING:
    from typing import BinaryIO

MOST_LOG_BYTES: Final = 256 * 1024 * 1024
ARCHIVE_START: Final = b"PK\x03\x04"


class _Choice(msgspec.Struct, frozen=True):
    stop_reason: str = ""


class _Usage(msgspec.Struct, frozen=True):
    input_tokens: int = 0
    output_tokens: int = 0


class _Output(msgspec.Struct, frozen=True):
    choices: list[_Choice] = []
    completion: str = ""
    usage: _Usage | None = None


class _Sample(msgspec.Struct, frozen=True):
    id: str | int
    epoch: int = 1
    output: _Output = _Output()


class _Log(msgspec.Struct, frozen=True):
    version: int
    samples: list[_Sample] | None = None


_DECODER: Final = msgspec.json.Decoder(_Log)


def read_inspect_log(stream: BinaryIO, name: str) -> Iterator[AnswerLine]:
    """Read the answers of a log.

    Args:
        stream: The log, as JSON.
        name: Of the file, for messages.

    Yields:
        A line for each sample of the first epoch; one that ended in an error has no answer.

    Raises:
        InputError: It is too long, or an archive.
        MalformedFileError: It is no such log.
    """
    content = stream.read(MOST_LOG_BYTES + 1)
    if len(content) > MOST_LOG_BYTES:
        raise InputError(f"larger than {MOST_LOG_BYTES:,} bytes", where=name)
    if content.startswith(ARCHIVE_START):
        raise InputError(
            "a log of Inspect as an archive",
            where=name,
            hint="Turn it into JSON: inspect log convert --to json --output-dir FOLDER FILE.",
        )
    try:
        log = _DECODER.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedFileError(
            f"no log of Inspect: {error}",
            where=name,
            hint='Other answers are JSON lines, {"id": "...", "text": "..."}, in a file named '
            ".jsonl.",
        ) from error
    for sample in log.samples or ():
        if sample.epoch == 1:
            yield _line(sample)


def _line(sample: _Sample) -> AnswerLine:
    output = sample.output
    usage = output.usage or _Usage()
    return AnswerLine(
        id=str(sample.id),
        text=output.completion,
        finish_reason=output.choices[0].stop_reason[:64] if output.choices else "",
        input_tokens=max(usage.input_tokens, 0),
        output_tokens=max(usage.output_tokens, 0),
        failure="" if output.completion else "an empty answer",
    )
