"""Two published programs, run in an environment of their own through ``peer_program.py``.

    python -m venv .peers
    .peers/bin/pip install kollude==0.4.0 honeypotllm==0.1.3 greenlet

``honeypotllm`` does not import without ``greenlet``, which it does not ask for.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.baseline_methods.plain_log import PlainLog

PEERS: Final[tuple[str, ...]] = ("honeypotllm", "kollude")
"""Programs that are driven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerAnswer:
    """What a program says, or why it says nothing."""

    scores: dict[str, float]
    """Its own score by account."""
    threshold: float
    """Score from which an account counts as named."""
    problem: str = ""
    """Why it did not run; empty if it did."""


def ask_peer(peer: str, python: Path | None, log: PlainLog, work_folder: Path) -> PeerAnswer:
    """Run one program over a log.

    Args:
        peer: One of ``PEERS``.
        python: Interpreter of the environment that it is installed in.
        log: The log.
        work_folder: Receives the log in the program's own form.

    Returns:
        Its scores, or the reason why there are none.
    """
    if python is None:
        return PeerAnswer(scores={}, threshold=1.0, problem="no --peers-python given")
    path = work_folder / "peer-log.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        rows = zip(log.accounts, log.times, log.texts, strict=True)
        for number, (name, moment, text) in enumerate(rows):
            row = {"id": number, "actor": name, "timestamp": moment, "text": text}
            stream.write(json.dumps(row) + "\n")
    program = Path(__file__).with_name("peer_program.py")
    done = subprocess.run(
        [str(python), str(program), peer, str(path)],
        check=False,
        capture_output=True,
        text=True,
        timeout=900,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return PeerAnswer(scores={}, threshold=1.0, problem=reason[:200])
    answer = json.loads(done.stdout.splitlines()[-1])
    return PeerAnswer(scores=answer["scores"], threshold=answer["threshold"])
