"""Several processes that read blocks of lines beside this one.

Decoding is Python's work, and Python does one thing at a time in a process. The processes are
plain programs on two pipes each: nothing of this one is copied into them, they end when their
input ends, and one that is gone only leaves its blocks to the caller.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from cautery.ingest.findings import Findings
from cautery.ingest.reading_process import Answer, receive, send, unpacked

if TYPE_CHECKING:
    from cautery.ingest.line_blocks import LineBlock
    from cautery.ingest.options import ReadOptions

_PROGRAM: Final = (
    "import sys; sys.path[:] = sys.argv[1:]; "
    "from cautery.ingest.reading_process import main; main()"
)
_PATIENCE_SECONDS: Final = 5


class ReadingProcess:
    """One process, started at once."""

    def __init__(self) -> None:
        self._process: Any = None
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this program itself
                [sys.executable, "-c", _PROGRAM, *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            return

    def ask(self, question: bytes, text: bytes) -> Answer | None:
        """Have one block read.

        Args:
            question: Pickled name of the format, options and first line.
            text: The lines.

        Returns:
            What came of it; None if the process is gone, or went over this block.
        """
        if self._process is None:
            return None
        try:
            send(self._process.stdin, question, text)
            counts = receive(self._process.stdout)
            batches = receive(self._process.stdout)
        except (OSError, ValueError):
            counts = batches = None
        if counts is None or batches is None:
            self.end()
            return None
        return unpacked(counts, batches)

    def end(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            try:
                pipe.close()
            except OSError:
                continue
        process.wait(_PATIENCE_SECONDS)


class ReadingProcesses:
    """Some processes, each with a thread here that waits for it.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._all = tuple(ReadingProcess() for _ in range(count))
        self._idle: SimpleQueue[ReadingProcess] = SimpleQueue()
        for process in self._all:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="cautery-read")

    def submit(self, name: str, options: ReadOptions, block: LineBlock) -> Future[Answer | None]:
        """Ask for one block.

        Args:
            name: The log format.
            options: How to read the log; its findings stay as they are.
            block: The lines.

        Returns:
            What will come of it; None if the caller has to read it himself.
        """
        plain = replace(options, findings=Findings())
        question = pickle.dumps((name, plain, block.first_line))
        return self._threads.submit(self._ask, question, block.text)

    def _ask(self, question: bytes, text: bytes) -> Answer | None:
        process = self._idle.get()
        try:
            return process.ask(question, text)
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """End all processes; blocks that nobody has read are dropped."""
        for process in self._all:
            process.end()
        self._threads.shutdown(wait=True, cancel_futures=True)
