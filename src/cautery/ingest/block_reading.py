"""Reads a log of independent lines block by block: here, or in several processes if it is long.

Blocks end at the same lines however many processes there are, and what comes of them is taken in
their order. So batches, rejected records and counts are the same for any number of processes.
"""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from cautery.ingest.background import worker_count
from cautery.ingest.line_blocks import LineBlock, line_blocks
from cautery.ingest.reading_processes import ReadingProcesses
from cautery.ingest.times import TimeReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from cautery.ingest.lines import Readable
    from cautery.ingest.options import ReadOptions
    from cautery.ingest.reading_process import Answer
    from cautery.ports import LogFormat, Reject

ALONE_BYTES: Final = 64 * 2**20
"""Bytes of lines, decompressed, that are read before other processes start: about a second's
work, and each process takes half a second to start."""


def process_count(wanted: int | None) -> int:
    """Decide how many processes read lines.

    Args:
        wanted: What the caller asks for; None for as many as there are processors, at most eight.

    Returns:
        Their number; 1 stands for none besides this one.
    """
    if not sys.executable or getattr(sys, "frozen", False):
        return 1
    return worker_count() if wanted is None else max(1, wanted)


class BlockReading:
    """Reads the logs of one run.

    Args:
        processes: From ``process_count``.
        alone_bytes: Bytes that are read before other processes start.
    """

    def __init__(self, processes: int, *, alone_bytes: int = ALONE_BYTES) -> None:
        self._count = processes
        self._alone_bytes = alone_bytes
        self._bytes = 0
        self._processes: ReadingProcesses | None = None

    def read(
        self, member: LogFormat, stream: Readable, options: ReadOptions, reject: Reject
    ) -> Iterator[Any]:
        """Yield the batches of one log; the contract is that of ``cautery.ports.LogFormat.read``.

        Args:
            member: A format of independent lines.
            stream: Decompressed bytes.
            options: How to read the log.
            reject: Called for each record that could not be read.

        Yields:
            Batches in the order of the lines.
        """
        blocks = line_blocks(stream, options.line_bytes)
        for block in blocks:
            yield from _read_here(member, block, options, reject)
            self._bytes += len(block.text)
            if self._is_for_many(options):
                yield from self._read_beside(member, blocks, options, reject)
        TimeReader(options).check()

    def _is_for_many(self, options: ReadOptions) -> bool:
        """Whether to share the work: not before it is sure that the log is read rightly at all."""
        findings = options.findings
        sure = findings.accepted and findings.possible_times
        return bool(sure and self._count > 1 and self._bytes >= self._alone_bytes)

    def _read_beside(
        self,
        member: LogFormat,
        blocks: Iterator[LineBlock],
        options: ReadOptions,
        reject: Reject,
    ) -> Iterator[Any]:
        processes = self._processes = self._processes or ReadingProcesses(self._count)
        waiting: deque[tuple[LineBlock, Future[Answer | None]]] = deque()
        for block in blocks:
            waiting.append((block, processes.submit(member.name, options, block)))
            if len(waiting) > processes.count:
                yield from _taken(member, *waiting.popleft(), options, reject)
        while waiting:
            yield from _taken(member, *waiting.popleft(), options, reject)

    def close(self) -> None:
        """End the processes."""
        if self._processes is not None:
            self._processes.close()


def _taken(
    member: LogFormat,
    block: LineBlock,
    asked: Future[Answer | None],
    options: ReadOptions,
    reject: Reject,
) -> Iterator[Any]:
    """Take what came of a block; one that a process failed on is read here, to the same end."""
    answer = asked.result()
    if answer is None:
        yield from _read_here(member, block, options, reject)
        return
    options.findings.add(answer.findings)
    for line, reason, raw in answer.rejects:
        reject(line, reason, raw)
    yield from answer.batches


def _read_here(
    member: LogFormat, block: LineBlock, options: ReadOptions, reject: Reject
) -> Iterator[Any]:
    inside = replace(options, block_first_line=block.first_line)
    yield from member.read(BytesIO(block.text), inside, reject)
