"""Kill a process that appends to a ledger at random points, and look for what it had acknowledged.

    python benchmarks/ledger_crashes.py --kills 200

A process opens the ledger, appends from threads and from an event loop, publishes twenty times a
second and erases records, telling on a pipe what was acknowledged. It is killed (SIGKILL) at a
random time from its start on, so that opening and recovering are hit too; every other time the next
process finds what the killed one left. Then every acknowledged record must be where it was said to
be, every acknowledged erasure done, and the whole ledger must verify. A killed process loses
nothing that the kernel has: this does not stand for a power cut.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from cautery.ledger.commitments import ErasedRecord, LedgerRecord
from cautery.ledger.key_files import load_signing_key, new_signing_key, write_signing_key
from cautery.ledger.opening import create_ledger
from cautery.ledger.reader import LedgerReader
from cautery.ledger.verifying import verify_ledger
from cautery.ledger.writer import Ledger

THREADS: Final = 4
TASKS: Final = 8
LATEST_KILL_SECONDS: Final = 1.3
PUBLISH_INTERVAL_SECONDS: Final = 0.05


@dataclass(kw_only=True)
class Acknowledged:
    """What the killed processes had said."""

    places: dict[int, str] = field(default_factory=dict)
    """Records by their place."""
    erased: set[int] = field(default_factory=set)
    """Places that were erased."""

    def take(self, output: bytes) -> int:
        """Read what a process said; a line that the kill cut off was not said."""
        lines = output.split(b"\n")[:-1]
        for line in lines:
            word, _, name = line.decode().partition(" ")
            if word == "erased":
                self.erased.add(int(name))
            elif name:
                self.places[int(word)] = name
        return len(lines)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was found after all kills."""

    kills: int
    acknowledged: int
    erased: int
    lost: int
    faults: tuple[str, ...]
    while_opening: int
    """Kills before the process had said that the ledger is open."""


def run_kills(folder: Path, kills: int, seed: int) -> Outcome:
    """Kill processes one after the other and look after every second one.

    Args:
        folder: An empty folder.
        kills: How many.
        seed: Of the times at which they are killed.

    Returns:
        What was found.
    """
    draw = random.Random(seed)
    log, key_file = folder / "log", folder / "key"
    key = new_signing_key("example.com/crashes")
    write_signing_key(key_file, key)
    create_ledger(log, key)
    said, seen, lost, while_opening = Acknowledged(), 0, 0, 0
    for number in range(kills):
        lines = said.take(_killed(log, key_file, draw.uniform(0.05, LATEST_KILL_SECONDS)))
        while_opening += lines == 0
        if number % 2:
            with Ledger(log, key, clock=_now) as ledger:
                faults = ledger.faults
            lost += _lost(log, said, list(said.places)[seen:]) + len(faults)
            seen = len(said.places)
    with Ledger(log, key, clock=_now):
        pass
    lost += _lost(log, said, list(said.places))
    return Outcome(
        kills=kills,
        acknowledged=len(said.places),
        erased=len(said.erased),
        lost=lost,
        faults=verify_ledger(LedgerReader(log, key.public_key())).faults,
        while_opening=while_opening,
    )


def _killed(log: Path, key: Path, seconds: float) -> bytes:
    """Let a process append for so long, kill it, and give what it said."""
    command = [sys.executable, __file__, "--child", str(log), str(key)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    heard: list[bytes] = []
    spoken = process.stdout
    if spoken is None:
        raise RuntimeError("the process was started without a pipe")

    def listen() -> None:
        while part := os.read(spoken.fileno(), 1 << 16):
            heard.append(part)

    listener = threading.Thread(target=listen)
    listener.start()
    time.sleep(seconds)
    process.kill()
    process.wait()
    listener.join()
    spoken.close()
    return b"".join(heard)


def _lost(log: Path, said: Acknowledged, places: list[int]) -> int:
    """Count what was acknowledged and is not there."""
    reader, lost = LedgerReader(log), 0
    for place in places:
        if place >= reader.size:
            lost += 1
            continue
        found = reader.record(place)
        # An erasure may have been done and not told: then the ledger tells of it.
        erased = isinstance(found, ErasedRecord) and (
            place in said.erased or reader.erasure_of(place) is not None
        )
        there = (
            isinstance(found, LedgerRecord)
            and found.record.get("decision_id") == said.places[place]
        )
        lost += not (erased or there)
    done = (isinstance(reader.record(place), ErasedRecord) for place in said.erased)
    return lost + sum(not each for each in done)


def _now() -> datetime:
    return datetime.now(UTC)


def append_for_ever(log: Path, key_file: Path) -> None:
    """Be the process that is killed."""
    ledger = Ledger(
        log,
        load_signing_key(key_file),
        clock=_now,
        publish_interval_seconds=PUBLISH_INTERVAL_SECONDS,
    )
    _say("open")
    for number in range(THREADS):
        threading.Thread(target=_appends, args=(ledger, f"thread{number}")).start()
    threading.Thread(target=_erases, args=(ledger,)).start()
    asyncio.run(_loop(ledger))


def _record(name: str) -> dict[str, object]:
    return {"account_id": "account", "decision_id": name, "text": "x" * random.randrange(400)}


def _appends(ledger: Ledger, name: str) -> None:
    number = 0
    while True:
        number += 1
        identifier = f"{os.getpid()}-{name}-{number}"
        _say(f"{ledger.append('decision', _record(identifier), _now())} {identifier}")


async def _loop(ledger: Ledger) -> None:
    async def task(name: str) -> None:
        number = 0
        while True:
            number += 1
            identifier = f"{os.getpid()}-{name}-{number}"
            place = asyncio.wrap_future(ledger.submit("decision", _record(identifier), _now()))
            _say(f"{await place} {identifier}")

    await asyncio.gather(*(task(f"task{number}") for number in range(TASKS)))


def _erases(ledger: Ledger) -> None:
    while True:
        time.sleep(0.03)
        place = random.randrange(max(1, ledger.size))
        found = LedgerReader(ledger._folder).records.read(place)  # noqa: SLF001 - no other needs it
        if isinstance(found, LedgerRecord) and found.kind == "decision":
            ledger.erase([place], reason="drawn", requested_at=_now())
            _say(f"erased {place}")


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def main() -> None:
    """Kill, look, and print one row of Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", nargs=2, metavar=("LOG", "KEY"))
    options = parser.parse_args()
    if options.child:
        append_for_ever(Path(options.child[0]), Path(options.child[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        found = run_kills(Path(folder), options.kills, options.seed)
    print("| kills | while opening | acknowledged | erasures | lost | faults |")
    print("| --- | --- | --- | --- | --- | --- |")
    print(
        f"| {found.kills} | {found.while_opening} | {found.acknowledged:,} | {found.erased:,} | "
        f"{found.lost} | {len(found.faults)} |"
    )
    for fault in found.faults:
        print(fault)


if __name__ == "__main__":
    main()
