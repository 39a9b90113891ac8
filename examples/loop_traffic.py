"""Who asks in the loop: the attacker's accounts and honest ones, through the running guard.

The attacker asks what it asked in the simulated log, by the accounts that the truth says are its
own, whether the scan found them or not. The provider's side never looks here.
"""

from __future__ import annotations

import csv
import http.client
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pyarrow import parquet

GUARD_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request, and whose it is."""

    account_id: str
    text: str


class SimulatedTraffic:
    """What a simulated log holds, and who is behind it.

    Args:
        folder: That ``cautery simulate`` wrote.
    """

    def __init__(self, folder: Path) -> None:
        with (folder / "truth" / "accounts.csv").open(encoding="utf-8", newline="") as stream:
            self.campaign_of = {
                row["account_id"]: row["campaign_id"] for row in csv.DictReader(stream)
            }
        with (folder / "truth" / "exchanges.csv").open(encoding="utf-8", newline="") as stream:
            harvest = {row["request_id"] for row in csv.DictReader(stream) if row["harvest"] == "1"}
        columns = ["account_id", "request_id", "input_text"]
        asked = parquet.read_table(folder / "exchanges.parquet", columns=columns).to_pylist()
        self._harvest = [row for row in asked if row["request_id"] in harvest]
        self._honest = [row for row in asked if not self.campaign_of[row["account_id"]]]

    def attacker_of(self, members: Sequence[str]) -> str:
        """Say which planted campaign most of these accounts are of."""
        found = Counter(self.campaign_of[account] for account in members)
        return found.most_common(1)[0][0]

    def harvest(self, campaign_id: str, most: int) -> list[Question]:
        """What a planted campaign asks, spread over the log."""
        own = [row for row in self._harvest if self.campaign_of[row["account_id"]] == campaign_id]
        return [_question(row) for row in own[:: max(1, len(own) // most)][:most]]

    def honest(self, most: int, seed: int) -> list[Question]:
        """What honest accounts ask, one question each."""
        first = {row["account_id"]: row for row in self._honest}
        chosen = random.Random(seed).sample(sorted(first), most)
        return [_question(first[account]) for account in chosen]


def _question(row: dict[str, str]) -> Question:
    return Question(account_id=row["account_id"], text=row["input_text"])


@contextmanager
def running_guard(configuration: Path, log: Path) -> Iterator[str]:
    """Run ``cautery guard serve`` until the block ends.

    Yields:
        Its address.
    """
    words = [sys.executable, "-m", "cautery.cli", "guard", "serve", str(configuration)]
    with log.open("w", encoding="utf-8") as stream:
        guard = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=stream)
    try:
        line = guard.stdout.readline() if guard.stdout is not None else b""
        if not line:
            raise SystemExit(f"the guard did not start: {log.read_text(encoding='utf-8')[-2_000:]}")
        yield f"http://127.0.0.1:{json.loads(line)['port']}"
    finally:
        guard.terminate()
        guard.wait(GUARD_SECONDS)
        if guard.stdout is not None:
            guard.stdout.close()


def ask(address: str, questions: Sequence[Question], keys: dict[str, str]) -> list[str]:
    """Ask a server, each question by its account.

    Args:
        address: Of the guard.
        questions: What is asked.
        keys: API key of each account.

    Returns:
        The answers, in order.
    """
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=GUARD_SECONDS)
    answers = []
    for one in questions:
        messages = [{"role": "user", "content": one.text}]
        headers = {"authorization": f"Bearer {keys[one.account_id]}"}
        headers["content-type"] = "application/json"
        body = json.dumps({"model": "teacher", "messages": messages})
        connection.request("POST", "/v1/chat/completions", body, headers)
        reply = connection.getresponse()
        told = json.loads(reply.read())
        if reply.status != http.client.OK:
            raise SystemExit(f"{one.account_id} was answered {reply.status}: {told}")
        answers.append(told["choices"][0]["message"]["content"])
    connection.close()
    return answers
