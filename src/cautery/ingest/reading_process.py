"""A process that reads blocks of lines for another: see ``reading_processes`` for the other end.

It answers on standard output until its standard input ends, which is also what happens when the
process that started it is no more.
"""

from __future__ import annotations

import pickle
import signal
import sys
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import pyarrow as pa

from cautery.ingest.collecting import seldom_collecting
from cautery.ingest.findings import Findings
from cautery.ingest.rejects import SHOWN_BYTES
from cautery.registry import LOG_FORMATS

if TYPE_CHECKING:
    from cautery.ingest.line_blocks import LineBlock
    from cautery.ingest.options import ReadOptions

_LENGTH_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one block."""

    batches: tuple[Any, ...]
    """Record batches in order."""
    rejects: tuple[tuple[int, str, bytes], ...]
    """Line, reason and the beginning of each rejected record, in order."""
    findings: Findings
    """The counts of this block alone."""


def send(stream: BinaryIO, *parts: Any) -> None:
    """Write one message.

    Args:
        stream: Where to.
        parts: Byte strings or buffers; the other end has to know how many.
    """
    for part in parts:
        view = memoryview(part)
        stream.write(view.nbytes.to_bytes(_LENGTH_BYTES, "little"))
        stream.write(view)
    stream.flush()


def receive(stream: BinaryIO) -> bytes | None:
    """Read one part of a message.

    Args:
        stream: Where from; a read gives all that was asked for, or the stream has ended.

    Returns:
        The part; None if the stream ended.
    """
    length = stream.read(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        return None
    size = int.from_bytes(length, "little")
    part = stream.read(size)
    return part if len(part) == size else None


def read_block(name: str, options: ReadOptions, block: LineBlock) -> Answer:
    """Read one block.

    Args:
        name: The log format.
        options: How to read the log.
        block: The lines.

    Returns:
        What came of it.
    """
    rejects: list[tuple[int, str, bytes]] = []
    # Elsewhere a possible time was found: what is odd here is no matter of the unit.
    findings = Findings(possible_times=1)
    options = replace(options, findings=findings, block_first_line=block.first_line)
    batches = LOG_FORMATS.load(name).read(
        BytesIO(block.text),
        options,
        lambda line, reason, raw: rejects.append((line, reason, raw[:SHOWN_BYTES])),
    )
    return Answer(batches=tuple(batches), rejects=tuple(rejects), findings=findings)


def packed(answer: Answer) -> tuple[bytes, Any]:
    """Turn an answer into the two parts of a message."""
    sink = pa.BufferOutputStream()
    if answer.batches:
        with pa.ipc.new_stream(sink, answer.batches[0].schema) as writer:
            for batch in answer.batches:
                writer.write_batch(batch)
    return pickle.dumps((answer.rejects, answer.findings)), sink.getvalue()


def unpacked(counts: bytes, batches: bytes) -> Answer:
    """Turn the two parts of a message into the answer."""
    rejects, findings = pickle.loads(counts)  # noqa: S301 - from a process of our own
    with_rows = pa.ipc.open_stream(batches) if batches else ()
    return Answer(batches=tuple(with_rows), rejects=rejects, findings=findings)


def answer_all(questions: BinaryIO, answers: BinaryIO) -> None:
    """Read the blocks that are asked for until there are no more.

    Args:
        questions: Messages of two parts: pickled name, options and first line; then the lines.
        answers: For each of them one message as ``packed`` makes it.
    """
    from cautery.ingest.line_blocks import LineBlock

    while (question := receive(questions)) is not None:
        text = receive(questions)
        if text is None:
            return
        name, options, first_line = pickle.loads(question)  # noqa: S301 - from the process above
        send(answers, *packed(read_block(name, options, LineBlock(first_line, text))))


def main() -> None:
    """Answer until standard input ends."""
    # The terminal interrupts all processes at once; the one that asks ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    with seldom_collecting():
        answer_all(sys.stdin.buffer, answers)
