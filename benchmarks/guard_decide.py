"""Time and memory of the guard's decisions, in process.

    python -m benchmarks.guard_decide --accounts 20000 1000000
    python -m benchmarks.guard_decide --policy benchmarks.guard_world:region_pack

Accounts come at random, each as likely as any other, which is the worst for every cache. There are
eight limits, three campaign rules, early warning, shared templates and the credential's rules; a
stand-in asks three rules more in place of a policy set, unless ``--policy`` names a function that
gives a ``PolicyEvaluator``. Each size runs in a process of its own. ``decide`` is timed by the
wall clock, ``decide, processor`` by the time that the thread had a processor. Each request is made
just before it is asked about, as a parser would, and its answer ends 64 requests later. The garbage
collector is set as the guard sets it, unless ``--no-freeze`` leaves it as it is. Prints Markdown.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import random
import subprocess
import sys
import tempfile
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, Final

from benchmarks.guard_world import NOW, ThreeRules, account_name, request, rows, settings

from cautery.guard.decide import Guard
from cautery.guard.parts import GuardParts
from cautery.guard.snapshot import Snapshot
from cautery.guard.snapshot_following import SnapshotFollower
from cautery.guard.snapshot_format import encoded_id
from cautery.guard.snapshot_writer import SnapshotContents, write_snapshot
from cautery.ports.guard import PolicyEvaluator
from cautery.records.request import RequestFacts, UsageFacts

REQUESTS: Final = 200_000
WARM_UP: Final = 20_000
ANSWERING: Final = 64
MEGABYTE: Final = 1_000_000
COLLECTOR: Final = (20_000, 20, 20)
"""Thresholds of the garbage collector, as in ``cautery.guard.operation``."""


def memory() -> dict[str, float]:
    """Read what this process holds, in megabytes; mapped files count once for all guards."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    names = {"all": "VmRSS", "own": "RssAnon", "mapped": "RssFile"}
    return {name: int(fields[field].split()[0]) * 1024 / MEGABYTE for name, field in names.items()}


def percentiles(times: Sequence[int]) -> dict[str, float]:
    """Sum times up, in microseconds."""
    times_ns = sorted(times)
    shares = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
    found = {name: times_ns[int(share * len(times_ns))] / 1000 for name, share in shares.items()}
    return {**found, "longest": times_ns[-1] / 1000}


def timed(
    call: Callable[[Any], Any],
    arguments: Iterable[Any],
    clock: Callable[[], int] = time.perf_counter_ns,
) -> dict[str, float]:
    """Time each call by itself; what it gives is let go, as a server would."""
    times = []
    for argument in arguments:
        begin = clock()
        call(argument)
        times.append(clock() - begin)
    return percentiles(times)


def decided(
    guard: Guard, asked: Iterable[RequestFacts], clock: Callable[[], int]
) -> tuple[dict[str, float], dict[str, float]]:
    """Decide on requests, and settle each when ANSWERING others have come; time both."""
    times, settle_times = array("q"), array("q")
    answering: deque[RequestFacts] = deque()
    for one in asked:
        begin = clock()
        guard.begin(one)
        times.append(clock() - begin)
        answering.append(one)
        if len(answering) > ANSWERING:
            usage = _usage(answering.popleft())
            begin = clock()
            guard.settle(usage)
            settle_times.append(clock() - begin)
    return percentiles(times), percentiles(settle_times)


def publish(accounts: int, folder: Path) -> dict[str, Any]:
    """Measure publishing."""
    path = folder / "verdicts.snapshot"
    begun = time.perf_counter()
    write_snapshot(
        path,
        SnapshotContents(rows=rows(accounts), created_at=NOW, has_account_table=True),
    )
    publish_seconds = time.perf_counter() - begun
    return {"publish_seconds": publish_seconds, "file_megabytes": path.stat().st_size / MEGABYTE}


def decide(accounts: int, policy: PolicyEvaluator, folder: Path, *, freeze: bool) -> dict[str, Any]:
    """Measure decisions against a snapshot that another process published."""
    before = memory()
    begun = time.perf_counter()
    follower = SnapshotFollower(folder / "verdicts.snapshot")
    follower.poll()
    open_seconds = time.perf_counter() - begun
    guard = Guard(settings(), GuardParts(snapshots=follower, policy=policy))
    draw = random.Random(2)
    # Every account once, so that each has its buckets: what the guard holds at its fullest.
    decided(guard, map(_once, range(accounts)), time.perf_counter_ns)
    added = {name: now - before[name] for name, now in memory().items()}
    decided(guard, (request(draw, accounts, n) for n in range(WARM_UP)), time.perf_counter_ns)
    gc.collect()
    if freeze:
        # As the guard does when it begins to serve.
        gc.freeze()
        gc.set_threshold(*COLLECTOR)
    numbers = iter(range(WARM_UP, WARM_UP + 2 * REQUESTS))
    fresh = (request(draw, accounts, number) for number in numbers)
    times, settle_times = decided(guard, islice(fresh, REQUESTS), time.perf_counter_ns)
    # On a machine that does other things too, the wall clock measures those as well.
    own_times, _ = decided(guard, islice(fresh, REQUESTS), time.thread_time_ns)
    snapshot = follower.current
    names = [account_name(draw.randrange(accounts)) for _ in range(50_000)]
    return {
        "accounts": accounts,
        "open_seconds": open_seconds,
        "added_megabytes": added,
        "scale": scale(),
        "decide": times,
        "decide, processor": own_times,
        "settle": settle_times,
        "lookup": lookups(snapshot, names) if snapshot is not None else {},
        "throttled": guard.counters.read().get("decisions.throttle.throttle", 0),
    }


def scale() -> float:
    """Time something that everybody's machine does, in microseconds: 0.53 in our research notes."""
    key = b"k" * 16
    number = 100_000
    begun = time.perf_counter()
    for _ in range(number):
        blake2b(b"acct-0000001", digest_size=8, key=key).digest()
    return (time.perf_counter() - begun) / number * 1_000_000


def lookups(snapshot: Snapshot, names: list[str]) -> dict[str, dict[str, float]]:
    """Time the parts of a lookup."""
    located = timed(snapshot.locate, [encoded_id(name) for name in names])
    found = timed(snapshot.find, names)
    snapshot.find(names[0])
    again = timed(snapshot.find, names[:1] * 50_000)
    return {"locate the row": located, "find, any account": found, "find, the same again": again}


def _once(number: int) -> RequestFacts:
    return RequestFacts(
        arrived_at=NOW,
        request_id=f"first-{number}",
        account_id=account_name(number),
        key_id=f"key-{number:012}",
        credential_state="valid",
        country="DE",
        max_tokens=512,
        input_tokens=500,
        template=number + 1,
    )


def _usage(one: RequestFacts) -> UsageFacts:
    return UsageFacts(
        request_id=one.request_id,
        account_id=one.account_id,
        input_tokens=300,
        output_tokens=200,
        status_code=200,
    )


def load_policy(name: str) -> PolicyEvaluator:
    """Make the policy evaluator that the command line names."""
    if not name:
        return ThreeRules()
    module, _, function = name.partition(":")
    evaluator: PolicyEvaluator = getattr(importlib.import_module(module), function)()
    return evaluator


def show(result: dict[str, Any]) -> None:
    """Print one size."""
    print(f"\n### {result['accounts']:,} accounts\n")
    print("| microseconds | p50 | p99 | p99.9 | longest |\n| --- | --- | --- | --- | --- |")
    print(f"| (one keyed BLAKE2b of 12 bytes, for scale) | {result['scale']:.2f} | | | |")
    lines = {name: result[name] for name in ("decide", "decide, processor")}
    lines |= {"settle": result["settle"], **result["lookup"]}
    for name, times in lines.items():
        print(f"| {name} | " + " | ".join(f"{t:.1f}" for t in times.values()) + " |")
    added = result["added_megabytes"]
    print(
        f"\nSnapshot {result['file_megabytes']:.0f} MB, published in "
        f"{result['publish_seconds']:.1f} s, opened and checked in {result['open_seconds']:.2f} s. "
        f"Added memory with every account's buckets in use: {added['all']:.0f} MB "
        f"({added['own']:.0f} MB own, {added['mapped']:.0f} MB mapped and shared between guards). "
        f"{result['throttled']:,} requests were throttled."
    )


def main() -> None:
    """Measure each size in processes of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[20_000, 1_000_000])
    parser.add_argument("--policy", default="", help="MODULE:FUNCTION that gives an evaluator")
    parser.add_argument("--no-freeze", action="store_true", help="without gc.freeze()")
    parser.add_argument("--one", choices=["publish", "decide"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        size, folder = given.accounts[0], given.folder
        if given.one == "publish":
            print(json.dumps(publish(size, folder)))
        else:
            policy = load_policy(given.policy)
            print(json.dumps(decide(size, policy, folder, freeze=not given.no_freeze)))
        return
    print(f"policy: {given.policy or 'three rules in plain Python'}; gc.freeze: ", end="")
    print("no" if given.no_freeze else "yes")
    for accounts in given.accounts:
        with tempfile.TemporaryDirectory() as folder:
            result: dict[str, Any] = {}
            for part in ("publish", "decide"):
                command = [
                    sys.executable,
                    "-m",
                    "benchmarks.guard_decide",
                    "--accounts",
                    str(accounts),
                    "--one",
                    part,
                ]
                command += ["--folder", folder, "--policy", given.policy]
                command += ["--no-freeze"] if given.no_freeze else []
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                result |= json.loads(done.stdout)
            show(result)


if __name__ == "__main__":
    main()
