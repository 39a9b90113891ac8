"""What is no file in the place of a file, and a folder in which every verb has what it needs."""

from __future__ import annotations

import faulthandler
import json
import os
import re
import resource
import shlex
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from tests.cli.watermark.detect_cases import key, unmarked, write_keys, write_profile, write_texts
from tests.ledger.ledgers import clock, decision, time_of
from tests.policy.policy_files import rule, write_house
from tests.report.judged import judged_case
from tests.report.packs import pack_of, write_case

from cautery.cli.main import run
from cautery.ledger.key_files import load_signing_key
from cautery.ledger.writer import Ledger
from cautery.provenance.suite_items import SHIPPED_SUITES, shipped_items

KINDS: Final = ("pipe", "device", "socket", "folder")
"""What is no file; in the house it is named after itself."""
SECONDS: Final = 120
"""After so long a call hangs: it takes a second otherwise."""
MORE_BYTES: Final = 4 * 2**30
"""What a call may take: who reads ``/dev/zero`` to its end takes everything."""
EPOCH: Final = "--since 2020-01-01 --until 2100-01-01"
CANARY: Final = "provenance canary plant"
_PLACES: Final = re.compile(r"FILE|CASE|FOLDER|SECRET")


class HangingError(BaseException):
    """A call did not come back; no handler of errors takes this for its own."""


@contextmanager
def bounded() -> Iterator[None]:
    """End what hangs, and what takes all memory."""

    def end(_signal: int, _frame: object) -> None:
        raise HangingError

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    before = signal.signal(signal.SIGALRM, end)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MORE_BYTES, hard))
    signal.alarm(SECONDS)
    # A library that opens a pipe by itself hears no signal: then the whole process ends.
    faulthandler.dump_traceback_later(2 * SECONDS, exit=True, file=sys.__stderr__ or 2)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def kinds_of(call: str) -> list[str]:
    """Say what may not stand in the place of a call."""
    return [kind for kind in KINDS if kind != "folder" or not re.search("CASE|FOLDER", call)]


def words_of(call: str, kind: str) -> list[str]:
    """Put what is no file into the place of a call."""
    return shlex.split(_PLACES.sub(f"odd.{kind}", call))


def make_house(folder: Path) -> None:
    """Write a log, its scan, a ledger, keys, a policy and all else that the calls name."""
    with chdir(folder):
        os.mkfifo("odd.pipe")
        Path("odd.device").symlink_to("/dev/zero")
        Path("odd.folder").mkdir()
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("odd.socket")
        for kind in KINDS:
            Path(f"odd.{kind}.parquet").symlink_to(f"odd.{kind}")
        _write_scan()
        _write_ledger()
        _write_policy()
        _write_marks()
        for words in (
            "keys init keys.db --prefix acme --new-pepper pepper",
            "intel import out/campaigns.stix.json --peer p --store store.sqlite",
            "intel match request values.csv -o request --secret secret",
            "intel match respond request values.csv -o response",
        ):
            assert run(words.split()) == 0, words


def _write_scan() -> None:
    times = (datetime(2026, 11, day, tzinfo=UTC) for day in range(1, 9))
    rows = [{"time_start": time.isoformat(), "account_id": "a1"} for time in times]
    Path("log.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    write_case(judged_case(), Path("out"))
    assert run(["scan", "log.jsonl", "-o", "scanned", "--no-progress"]) == 0
    Path("scanned/campaigns.stix.json").rename("out/campaigns.stix.json")
    Path("pack.zip").write_bytes(pack_of())
    Path("values.csv").write_text("kind,value\nemail_domain,example.com\n")
    words = "simulate -o simulated --accounts 600 --days 2 --no-text --log-format canonical-parquet"
    assert run([*words.split(), "--no-progress"]) == 0
    Path("truth").symlink_to("simulated/truth")


def _write_ledger() -> None:
    assert run("ledger init log --new-key log.key --name example.com/ledger".split()) == 0
    with Ledger(Path("log"), load_signing_key(Path("log.key")), clock=clock) as opened:
        for number in range(3):
            opened.submit("decision", decision(number), time_of(number))
    for words in (
        "ledger witness key w.key --name example.org/witness",
        "ledger witness request log -o request.w",
        "ledger witness sign request.w --key w.key --public-key log.key.pub --state seen -o answer",
    ):
        assert run(words.split()) == 0, words


def _write_policy() -> None:
    write_house(Path(), rule("context.logprobs"))
    Path("facts.json").write_text("{}")
    Path("stakes.csv").write_text("owner_id,owned_id,share_percent\na,b,10\n")
    Path("regions.csv").write_text("owner_id,region\na,XA\n")
    Path("tiers.toml").write_text('schema = "cautery.resist-tiers/1"\n[tiers.likely]\n')


def _write_marks() -> None:
    write_profile("profile.json")
    write_profile("own.json", "cautery-two-layer")
    write_keys("keys.json", [key(number) for number in range(3)])
    names = [one.id for one in shipped_items(SHIPPED_SUITES)]
    items = [{"id": name, "prompt": name, "text": "words"} for name in names]
    for name in ("said", "t", "c1", "c2", "c3"):
        write_texts(f"{name}.jsonl", items)
    own = [
        {"key_id": f"k{number}", "value": bytes(range(number, number + 32)).hex()}
        for number in range(2)
    ]
    Path("own-keys.json").write_text(json.dumps({"schema": "cautery.keys/1", "keys": own}))
    write_texts("answers.jsonl", [{"id": "1", "token_ids": unmarked(200)}])
    Path("prompts.txt").write_text("What is it?\n")
    Path("piece.txt").write_text("a piece of a text")
    Path("canary.key").write_text("5e" * 32)
    marker = {"marker_id": "m", "words": ["topic."], "choices": ["One?", "Two?"]}
    Path("markers.jsonl").write_text(f"{json.dumps(marker)}\n")
    row = {"request_id": ["r"], "account_id": ["a"], "output_text": ["some words"]}
    pq.write_table(
        pa.table({**row, "time_start": [datetime(2026, 11, 1, tzinfo=UTC)]}), "table.parquet"
    )
    for words in (
        "watermark keys init ring.json --new-master master",
        f"watermark keys epoch ring.json e1 --profile profile.json {EPOCH}",
        "provenance fingerprints add table.parquet --store store --ring ring.json --epoch e1",
        f"{CANARY} registry.jsonl --key-file canary.key --campaign C --markers markers.jsonl",
    ):
        assert run(words.split()) == 0, words
