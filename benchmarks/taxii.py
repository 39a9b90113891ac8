"""Measure the sharing server: pages of a growing collection, and a poll beside medallion's.

    python benchmarks/taxii.py pages --objects 10000 100000 1000000
    python benchmarks/taxii.py pages --objects 10000 1000000 --postgresql postgresql://user@host/db
    python benchmarks/taxii.py poll --medallion /tmp/medallion-venv/bin/medallion

``pages`` fills a storage and reads pages at its beginning, middle and end: the ratio of the largest
to the smallest collection is what counts. ``poll`` pushes 5,000 indicators in one envelope and
polls them with taxii2-client at 100 a page, from ``cautery intel serve`` and from medallion, the
reference server of OASIS, if its program is named (``pip install medallion`` into an environment of
its own).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from tests.intel.taxii.servers import sharing_server
from tests.intel.taxii.sharing import COLLECTION, indicator, make_site

from cautery.intel.taxii.filters import Filter
from cautery.intel.taxii.postgresql_storage import PostgresqlStorage
from cautery.intel.taxii.pushed_objects import PushLimits, read_envelope
from cautery.intel.taxii.sqlite_storage import SqliteStorage
from cautery.intel.taxii.storage import CollectionPlace, Push, Storage

ENVELOPE: Final = 5_000
LIMIT: Final = 100
REPEATS: Final = 200
POLLED: Final = 5_000
LIMITS: Final = PushLimits(objects=ENVELOPE, object_bytes=2**20, depth=32)


def measure_pages(sizes: list[int], url: str) -> None:
    """Fill a storage step by step, and print what a page costs at each size."""
    print(f"{'PostgreSQL' if url else 'SQLite'}, pages of {LIMIT}, median of {REPEATS}, ms\n")
    print("| objects | first page | middle | last | one type | one object | push of 5,000, s |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        storage: Storage = (
            PostgresqlStorage(url) if url else SqliteStorage(Path(folder) / "taxii.sqlite")
        )
        rows = asyncio.run(_measure_sizes(storage, sizes))
    last, first = rows[-1], rows[0]
    ratios = [f"{b / a:.2f}" for a, b in zip(first, last, strict=True)]
    print(f"\nlargest to smallest: {' | '.join(ratios)}")


async def _measure_sizes(storage: Storage, sizes: list[int]) -> list[list[float]]:
    collection = str(uuid.uuid4())
    await storage.open([collection])
    rows, held, pushed = [], 0, 0.0
    for size in sorted(sizes):
        while held < size:
            pushed = await _fill(storage, collection, held)
            held += ENVELOPE
        rows.append([*await _measure_size(storage, collection, held), pushed])
        cells = " | ".join(f"{value:.2f}" for value in rows[-1])
        print(f"| {held:,} | {cells} |", flush=True)
    await storage.close()
    return rows


async def _fill(storage: Storage, collection: str, held: int) -> float:
    objects = [
        {**indicator(held + number), "type": _kind(number), "id": _id(held + number)}
        for number in range(ENVELOPE)
    ]
    body = json.dumps({"objects": objects}).encode()
    began = time.perf_counter()
    push = Push(
        status_id=str(uuid.uuid4()),
        root="shared",
        peer="acme",
        requested=time.time_ns() // 1000,
        objects=read_envelope(body, LIMITS),
    )
    status = await storage.add(collection, push)
    seconds = time.perf_counter() - began
    if any(one.fault for one in status.outcomes):
        raise RuntimeError("an object was not taken")
    return seconds


def _kind(number: int) -> str:
    return "campaign" if number % 50 == 0 else "indicator"


def _id(number: int) -> str:
    return f"{_kind(number)}--{uuid.UUID(int=number << 80, version=4)}"


async def _measure_size(storage: Storage, collection: str, size: int) -> list[float]:
    place = CollectionPlace(collection_id=collection, ceiling="amber", unmarked="amber")

    async def one(wanted: Filter) -> int:
        page = await storage.read_page(place, wanted, most_bytes=2**24)
        return page.objects[-1].added if page.objects else -1

    async def median(make: Callable[[], Filter]) -> float:
        times = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            await one(make())
            times.append((time.perf_counter() - began) * 1e3)
        return statistics.median(times)

    times = [await one(Filter(after=-1, limit=1, ids=(_id(n),))) for n in (size // 2, size - 200)]
    return [
        await median(lambda: Filter(after=-1, limit=LIMIT)),
        await median(lambda: Filter(after=times[0], limit=LIMIT)),
        await median(lambda: Filter(after=times[1], limit=LIMIT)),
        await median(lambda: Filter(after=times[0], limit=LIMIT, types=("campaign",))),
        await median(lambda: Filter(after=-1, limit=LIMIT, ids=(_id(size // 3),))),
    ]


def measure_poll(medallion: str) -> None:
    """Push and poll the same objects on both servers with the same client; print Markdown."""
    print(f"| server | push of {POLLED:,}, s | poll at {LIMIT} a page, s |")
    print("| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        site = make_site(folder)
        with sharing_server(site.path) as server:
            url = f"http://127.0.0.1:{server.port}/shared/collections/{COLLECTION}/"
            ours = _push_and_poll(url, "acme", site.tokens["acme"])
        print(f"| cautery intel serve | {ours[0]:.2f} | {ours[1]:.2f} |", flush=True)
        if not medallion:
            return
        with _medallion(Path(medallion), folder) as url:
            theirs = _push_and_poll(url, "admin", "pw")
        print(f"| medallion 3.0.0 | {theirs[0]:.2f} | {theirs[1]:.2f} |")
        print(f"\nmedallion to ours: {theirs[0] / ours[0]:.1f} and {theirs[1] / ours[1]:.1f}")


def _push_and_poll(url: str, user: str, password: str) -> tuple[float, float]:
    from taxii2client.v21 import Collection, as_pages

    collection = Collection(url, user=user, password=password)
    body = {"objects": [indicator(number) for number in range(POLLED)]}
    began = time.perf_counter()
    status = collection.add_objects(body, wait_for_completion=True)
    pushed = time.perf_counter() - began
    if status.success_count != POLLED:
        raise RuntimeError(f"{url} took {status.success_count} of {POLLED}")
    began = time.perf_counter()
    found = [
        one["id"]
        for page in as_pages(collection.get_objects, per_request=LIMIT)
        for one in page["objects"]
    ]
    polled = time.perf_counter() - began
    if len(set(found)) != POLLED:
        raise RuntimeError(f"{url} gave {len(set(found))} of {POLLED}")
    return pushed, polled


@contextmanager
def _medallion(program: Path, folder: Path) -> Iterator[str]:
    collection: dict[str, Any] = {
        "id": COLLECTION,
        "title": "c",
        "can_read": True,
        "can_write": True,
        "media_types": ["application/stix+json;version=2.1"],
        "objects": [],
        "manifest": [],
    }
    root = {"title": "r", "versions": [], "max_content_length": 2**26}
    data = {
        "/discovery": {"title": "t", "api_roots": ["http://127.0.0.1/trustgroup1/"]},
        "trustgroup1": {"information": root, "status": [], "collections": [collection]},
    }
    (folder / "data.json").write_text(json.dumps(data), encoding="utf-8")
    configuration = {
        "backend": {
            "module": "medallion.backends.memory_backend",
            "module_class": "MemoryBackend",
            "filename": str(folder / "data.json"),
        },
        "users": {"admin": "pw"},
        "taxii": {"max_page_size": 1000},
    }
    path = folder / "medallion.json"
    path.write_text(json.dumps(configuration), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    words = [str(program), "--host", "127.0.0.1", "--port", str(port), str(path)]
    # Its timer threads do not end with it.
    with subprocess.Popen(words, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}/trustgroup1/collections/{COLLECTION}/"
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("medallion does not start")


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    pages = verbs.add_parser("pages")
    pages.add_argument("--objects", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    pages.add_argument("--postgresql", default="")
    poll = verbs.add_parser("poll")
    poll.add_argument("--medallion", default="")
    given = parser.parse_args()
    if given.verb == "pages":
        measure_pages(given.objects, given.postgresql)
    else:
        measure_poll(given.medallion)


if __name__ == "__main__":
    main()
