"""What the contract suite needs to know of a member of the shelf: how its real server is run.

A member joins with one file here, named as the member is, that ends in ``HARNESS = ...``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final

import cautery

ROOT: Final = Path(__file__).resolve().parents[3]
SOURCES: Final = str(Path(cautery.__file__).parents[1])
_PATIENCE_SECONDS: Final = 120.0
STATUS_CODES: Final = {"throttle": 429, "challenge": 403, "block": 403}
"""What a client gets for each action that stops a request."""


@dataclass
class Enforcing:
    """A member at work."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    more_logs: list[Path] = field(default_factory=list)

    def logs(self) -> str:
        """Read everything that it and its server have logged so far."""
        paths = [self.folder / "output.log", *self.more_logs]
        return "".join(path.read_text(errors="replace") for path in paths if path.is_file())

    def settled(self) -> list[dict[str, Any]]:
        """Read what was charged so far."""
        path = self.folder / "settled.jsonl"
        return (
            [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []
        )


class Harness(ABC):
    """How a member is run, and what its server makes of an answer."""

    tag_header: str = "x-watermark-key"
    """Header by which the model server learns the key of a tagged request."""
    paths: Sequence[str] = ("/v1/chat/completions", "/v1/messages")
    """Where clients ask, OpenAI's first."""

    def missing(self) -> str:
        """Say what this machine lacks to run the member's server; empty for nothing."""
        return ""

    @abstractmethod
    def running(self, folder: Path, model_port: int) -> Any:
        """Run the member in front of a model server, as a context that gives an ``Enforcing``."""

    @contextmanager
    def process(
        self,
        folder: Path,
        words: Sequence[str],
        port: int,
        *,
        page: str = "/nothing",
        environment: dict[str, str] | None = None,
    ) -> Iterator[Enforcing]:
        """Run a process of this repository's own until the end of the block.

        Args:
            folder: For its files.
            words: Its command.
            port: Where it will serve.
            page: A page that it answers once it does.
            environment: More of its environment.
        """
        paths = os.pathsep.join([SOURCES, str(ROOT)])
        known = {**os.environ, "PYTHONPATH": paths, **(environment or {})}
        with (folder / "output.log").open("wb") as log:
            process = subprocess.Popen(
                words, stdout=log, stderr=subprocess.STDOUT, env=known, cwd=folder
            )
        try:
            told = Enforcing(port, folder, process)
            end = time.monotonic() + _PATIENCE_SECONDS
            while not _answers(port, page):
                assert process.poll() is None, told.logs()
                assert time.monotonic() < end, told.logs()
                time.sleep(0.05)
            yield told
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def module(self, *words: str) -> list[str]:
        """Write the command that runs the harness's own module."""
        return [sys.executable, "-m", type(self).__module__, *words]


def _answers(port: int, page: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", page)
        connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True
