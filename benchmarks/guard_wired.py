"""Cost of a guard that decides, put together from a configuration file: policy, ledger, keys.

    python -m benchmarks.guard_wired --accounts 20000 --requests 20000

The file names eight rates, three bands, early warning, shared templates, a snapshot of the accounts
with an account table, a store of keys, and, line by line, the pack *supported-regions* in Cedar and
a ledger in the folder for temporary files. Accounts come at random, each as likely as any other.
Each line is a guard of its own in a process of its own. *decide* is the time of ``Decider.begin``
by the wall clock, *processor* by the time that its thread had a processor. *answered* is the time
until the decision may be given while ``--at-once`` are under way: where a ledger is required, that
is when it is on disk. *recognise* is a key of the store. Prints Markdown.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import subprocess
import sys
import tempfile
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.guard_decide import percentiles, scale
from benchmarks.guard_world import request, rows

from cautery.guard.assembly import Assembled, assemble
from cautery.guard.authentication.key_order import KeyOrder
from cautery.guard.authentication.key_store import KeyStore, begin_store
from cautery.guard.authentication.pepper import read_pepper, write_new_pepper
from cautery.guard.configuration import load_core_configuration
from cautery.guard.rules import SCOPES
from cautery.guard.snapshot_writer import SnapshotContents, write_snapshot
from cautery.ledger.key_files import new_signing_key, write_signing_key
from cautery.ledger.opening import create_ledger
from cautery.records.decision import Decision
from cautery.records.identity import Identity, Presented
from cautery.records.key import Secret
from cautery.records.request import RequestFacts

WARM_UP: Final = 5_000
KEYS: Final = 1_000
RULES: Final = """
[decision]
mode = "enforce"
[snapshot]
file = "verdicts.snapshot"
[[band]]
band = "very likely"
action = "block"
mode = "enforce"
[[band]]
band = "likely"
action = "tag"
[[band]]
band = "watch"
action = "allow"
mode = "enforce"
[early_warning]
[shared_template]
"""
RATE: Final = """
[[rate]]
name = "{scope}-{unit}"
scope = "{scope}"
unit = "{unit}"
amount = {amount}
window = "{window}"
burst = {burst}
mode = "enforce"
places = {places}
"""
POLICY: Final = """
schema = "cautery.policy/1"
packs = ["supported-regions"]
default_mode = "enforce"
[parameters.supported_regions]
value = ["DE", "FR", "US", "IN"]
dated = 2026-11-01
source = "this benchmark"
[enforcement]
override = { reason = "a benchmark", owner = "benchmarks" }
"""
AUDIT: Final = '[audit]\nledger = "ledger"\nkey_file = "ledger.key"\nmode = "{mode}"\n'
LINES: Final = {
    "rules and snapshot": (),
    "with Cedar": ("policy",),
    "with Cedar, ledger best-effort": ("policy", "best-effort"),
    "with Cedar, ledger required": ("policy", "required"),
}
"""What each line has besides; an override of the policy needs a ledger, so those without one have
their rules in shadow."""


def build(folder: Path, accounts: int) -> None:
    """Make everything but the configuration."""
    pepper = write_new_pepper(folder / "key-pepper")
    begin_store(folder / "keys.db", "acme", f"file:{folder / 'key-pepper'}", pepper)
    key = new_signing_key("example.com/guard")
    write_signing_key(folder / "ledger.key", key)
    create_ledger(folder / "ledger", key)
    contents = SnapshotContents(
        rows=rows(accounts), created_at=datetime.now(UTC), has_account_table=True
    )
    write_snapshot(folder / "verdicts.snapshot", contents)


def sections(folder: Path, wanted: Sequence[str]) -> str:
    """Write the sections of a line, and its policy set."""
    text = RULES
    for scope in SCOPES:
        places = 1 << (21 if scope in {"key", "account"} else 16)
        figures = (("requests", 600_000, "1m", 100_000), ("tokens", 2e12, "1d", 2e11))
        for unit, amount, window, burst in figures:
            text += RATE.format(
                scope=scope, unit=unit, amount=amount, window=window, burst=burst, places=places
            )
    audited = [one for one in wanted if one != "policy"]
    if "policy" in wanted:
        text += '[policy]\nfile = "policy.toml"\n'
        mode = "enforce" if audited else "shadow"
        (folder / "policy.toml").write_text(POLICY.replace('"enforce"', f'"{mode}"'))
    return text + (AUDIT.format(mode=audited[0]) if audited else "")


def put_together(folder: Path, wanted: Sequence[str]) -> Assembled:
    """Write the configuration of a line, and put its guard together."""
    path = folder / "guard.toml"
    path.write_text('[keys]\nstore = "keys.db"\n' + sections(folder, wanted))
    return assemble(load_core_configuration(path))


def decided(
    guard: Assembled,
    asked: Iterator[RequestFacts],
    at_once: int,
    clock: Callable[[], int] = time.perf_counter_ns,
) -> tuple[dict[str, float], dict[str, float]]:
    """Decide on requests with so many under way; time the call, and until the answer may be given.

    How long the ledger's thread waits for this one is in it, as in a guard that serves.
    """
    calls, whole = array("q"), array("q")
    under_way: deque[Future[Decision]] = deque()

    def note(begun: int) -> None:
        whole.append(time.perf_counter_ns() - begun)

    for one in asked:
        begun, begun_call = time.perf_counter_ns(), clock()
        given = guard.decider.begin(one)
        calls.append(clock() - begun_call)
        if isinstance(given, Decision):
            note(begun)
            continue
        given.add_done_callback(lambda _, begun=begun: note(begun))
        under_way.append(given)
        if len(under_way) >= at_once:
            under_way.popleft().result()
    for left in under_way:
        left.result()
    return percentiles(calls), percentiles(whole)


def recognised(guard: Assembled, folder: Path, number: int) -> dict[str, float]:
    """Time the recognition of keys."""
    now = datetime.now(UTC)
    with closing(KeyStore(folder / "keys.db")) as store:
        pepper = read_pepper(store.pepper_reference)
        orders = (KeyOrder(account_id=f"acct-{n:012}") for n in range(KEYS))
        keys = [made.key.reveal() for made in store.add(orders, pepper, now)]
    times = array("q")
    for place in range(number):
        presented = Presented(
            credential=Secret(keys[place % KEYS]),
            scheme="bearer",
            arrived_at=now,
            client_address="192.0.2.7",
        )
        begun = time.perf_counter_ns()
        found = guard.authenticator.authenticate(presented)
        times.append(time.perf_counter_ns() - begun)
        if not isinstance(found, Identity):
            raise SystemExit("a key was not recognised")
    return percentiles(times)


def measure(line: str, accounts: int, number: int, at_once: int) -> dict[str, Any]:
    """Measure one line."""
    draw = random.Random(2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, accounts)
        guard = put_together(folder, LINES[line])
        guard.start()
        fresh = (request(draw, accounts, n) for n in range(WARM_UP + 2 * number))
        decided(guard, islice(fresh, WARM_UP), at_once)
        gc.collect()
        gc.freeze()
        begun = time.perf_counter()
        calls, whole = decided(guard, islice(fresh, number), at_once)
        seconds = time.perf_counter() - begun
        # On a machine that does other things too, the wall clock measures those as well.
        processor, _ = decided(guard, fresh, at_once, time.thread_time_ns)
        found = {
            "decide": calls,
            "processor": processor,
            "answered": whole,
            "recognise": recognised(guard, folder, number),
            "a_second": number / seconds,
            "scale": scale(),
        }
        guard.close()
    return found


def main() -> None:
    """Measure each line in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--at-once", type=int, default=64)
    parser.add_argument("--line", choices=list(LINES), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.line:
        found = measure(given.line, given.accounts, given.requests, given.at_once)
        print(json.dumps(found))
        return
    print(f"{given.accounts:,} accounts, {given.requests:,} requests, {given.at_once} at once\n")
    kinds = ("decide", "processor", "answered", "recognise")
    print(f"| microseconds | {' | '.join(f'{kind} p50 | p99' for kind in kinds)} | a second |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for line in LINES:
        command = [sys.executable, "-m", "benchmarks.guard_wired", "--line", line]
        for name in ("accounts", "requests", "at_once"):
            command += [f"--{name.replace('_', '-')}", str(getattr(given, name))]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout)
        figures = [found[kind][share] for kind in kinds for share in ("p50", "p99")]
        shown = " | ".join(f"{figure:,.0f}" for figure in figures)
        print(f"| {line} | {shown} | {found['a_second']:,.0f} |", flush=True)
    print(f"\nOne keyed BLAKE2b of 12 bytes, for scale: {found['scale']:.2f} us.")


if __name__ == "__main__":
    main()
