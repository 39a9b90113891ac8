"""Servers of the tests that are processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cautery
from cautery.intel.taxii.media_types import TAXII

SOURCES = str(Path(cautery.__file__).parents[1])
POSTGRESQL = "needs PostgreSQL: on Debian, apt install postgresql"


@dataclass
class RunningServer:
    """A sharing server that serves."""

    process: subprocess.Popen[str]
    port: int

    def kill(self) -> None:
        """End it as a power failure would: at once."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    def ask(self, token: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
        """Ask as a peer; give status and document."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=body,
            headers={
                "authorization": f"Bearer {token}",
                "accept": TAXII,
                "content-type": TAXII,
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - of this machine
            return answer.status, json.loads(answer.read())


@contextmanager
def sharing_server(path: Path) -> Iterator[RunningServer]:
    """Run ``cautery intel serve`` until the block is left."""
    log = path.with_name("server.log").open("a", encoding="utf-8")
    with (
        log,
        subprocess.Popen(
            [sys.executable, "-m", "cautery.cli", "intel", "serve", str(path)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "PYTHONPATH": SOURCES},
        ) as process,
    ):
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, path.with_name("server.log").read_text(encoding="utf-8")
        try:
            yield RunningServer(process, json.loads(line)["port"])
        finally:
            if process.poll() is None:
                process.terminate()
                assert process.wait(40) == 0


def postgresql_programs() -> Path | None:
    """Find the newest PostgreSQL of this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    other = shutil.which("initdb")
    return Path(other).parent if other else None


def _run_as_postgres(words: list[str]) -> None:
    # The server refuses to run as root; Debian's package makes this user.
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *words], check=True, capture_output=True, cwd="/")


@contextmanager
def postgresql_cluster(programs: Path) -> Iterator[str]:
    """Run a cluster of its own; give the URL of its database."""
    folder = Path(tempfile.mkdtemp(prefix="cautery-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        initdb = [str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "tests", "-N"]
        _run_as_postgres(initdb)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        options = f"-p {port} -k {folder} -c fsync=off -c listen_addresses=127.0.0.1"
        control = [str(programs / "pg_ctl"), "-D", str(data), "-w", "-t", "60"]
        log = str(folder / "log")
        _run_as_postgres([*control, "-o", options, "-l", log, "start"])
        try:
            yield f"postgresql://tests@127.0.0.1:{port}/postgres"
        finally:
            _run_as_postgres([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
