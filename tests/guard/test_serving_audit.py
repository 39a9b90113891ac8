"""What a guard process writes to its ledger: on a full disk, killed, reloaded; and nowhere else."""

from __future__ import annotations

import http.client
import json
import resource
import signal
import sys
import threading
import time
import urllib.error
from pathlib import Path
from typing import Any

import pytest
from tests.guard.guards import (
    ANSWER_TEXT,
    PEPPER,
    PROMPT,
    RunningGuard,
    model_server,
    running_guard,
)
from tests.guard.wired import (
    AUDIT,
    BAND,
    DECISION,
    KEYS,
    MEMBER,
    OVERRIDE,
    POLICY,
    SNAPSHOT,
    STRANGER,
    World,
    make_world,
    outcome,
    readiness,
)

CHAT = json.dumps({"model": "m", "messages": [{"role": "user", "content": PROMPT}]}).encode()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Keys, ledger, snapshot and policy."""
    return make_world(tmp_path)


def bound_files(guard: RunningGuard, most_bytes: int) -> None:
    """Let no file of the guard's grow beyond a size: to the ledger, a full disk."""
    limits = (most_bytes, resource.RLIM_INFINITY)
    resource.prlimit(guard.process.pid, resource.RLIMIT_FSIZE, limits)


@pytest.mark.skipif(sys.platform != "linux", reason="needs prlimit, which Linux has")
def test_a_full_disk_stops_what_cannot_be_recorded(world: World) -> None:
    """Required: 503 that both libraries try again, and why at /readyz; it recovers by itself.

    What it says in the ledger of the gap is as many records as are missing.
    """
    key, member = world.key(STRANGER), world.key(MEMBER)
    with model_server() as server:
        path = world.configuration(server.port, DECISION, KEYS, SNAPSHOT, BAND, AUDIT)
        with running_guard(path) as guard:
            for _ in range(20):
                assert outcome(guard, key) == (200, "")
            asked = len(server.asked)
            bound_files(guard, max(one.stat().st_size for one in segments(world)))
            with pytest.raises(urllib.error.HTTPError) as caught:
                guard.chat(key)
            with caught.value as error:
                assert error.code == 503
                assert error.headers["retry-after"] == "10"
                assert error.headers.get("x-should-retry") != "false"
                body = json.loads(error.read())
            assert (body["type"], body["error"]["type"]) == ("error", "overloaded_error")
            assert "decision_id" not in body["error"]
            assert outcome(guard, member)[0] == 503
            assert len(server.asked) == asked
            status, words = readiness(guard)
            assert status == 503
            assert "the ledger cannot be written: File too large" in words
            assert guard.wait_for("the ledger cannot be written")["level"] == "error"
            assert 'faults_total{fault="audit-failed"} 2' in guard.page("/metrics")
            bound_files(guard, resource.RLIM_INFINITY)
            end = time.monotonic() + 20
            while readiness(guard)[0] != 200 and time.monotonic() < end:
                time.sleep(0.05)
            assert outcome(guard, key) == (200, "")
            assert guard.stop() == 0
    assert len(world.records()) == 21
    gaps = [one.record["missing"] for one in world.records("audit-gap")]
    assert sum(gaps) == 2


def segments(world: World) -> list[Path]:
    """Give the files of the ledger's records."""
    return [one for one in (world.folder / "ledger" / "records").rglob("*") if one.is_file()]


@pytest.mark.skipif(sys.platform != "linux", reason="needs prlimit, which Linux has")
def test_best_effort_serves_on_and_counts(world: World) -> None:
    """Without a place for records requests pass, and what is missing is counted and told."""
    key = world.key(STRANGER)
    audit = AUDIT + 'mode = "best-effort"\n'
    with model_server() as server:
        path = world.configuration(server.port, DECISION, KEYS, audit)
        with running_guard(path) as guard:
            for _ in range(20):
                assert outcome(guard, key) == (200, "")
            bound_files(guard, max(one.stat().st_size for one in segments(world)))
            for _ in range(3):
                assert outcome(guard, key) == (200, "")
            guard.wait_for("the ledger cannot be written")
            assert readiness(guard)[0] == 200
            end = time.monotonic() + 20
            while 'audit_records_total{outcome="failed"} 3' not in guard.page("/metrics"):
                assert time.monotonic() < end
                time.sleep(0.02)
            bound_files(guard, resource.RLIM_INFINITY)
            guard.wait_for("the ledger is written again")
            assert guard.stop() == 0
    assert len(world.records()) == 20
    assert sum(one.record["missing"] for one in world.records("audit-gap")) == 3


def test_a_killed_guard_has_lost_nothing_it_gave(world: World) -> None:
    """Every decision that a client has seen is in the ledger after ``kill -9``, twice."""
    member = world.key(MEMBER)
    seen: list[str] = []
    with model_server() as server:
        path = world.configuration(server.port, DECISION, KEYS, SNAPSHOT, BAND, AUDIT)
        for round_number in range(2):
            with running_guard(path) as guard:
                threads = [
                    threading.Thread(target=ask_until_killed, args=(guard.port, member, seen))
                    for _ in range(4)
                ]
                for thread in threads:
                    thread.start()
                while len(seen) < 60 * (round_number + 1):
                    time.sleep(0.005)
                guard.signal(signal.SIGKILL)
                for thread in threads:
                    thread.join()
        with running_guard(path) as guard:
            assert guard.stop() == 0
    recorded = {one.record["decision_id"] for one in world.records()}
    assert len(seen) >= 120
    assert set(seen) <= recorded


def ask_until_killed(port: int, key: str, seen: list[str]) -> None:
    """Ask on one connection, and keep the identifiers of all decisions that come back."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        while True:
            connection.request(
                "POST", "/v1/chat/completions", CHAT, {"authorization": f"Bearer {key}"}
            )
            answer = connection.getresponse()
            seen.append(json.loads(answer.read())["error"]["decision_id"])
    except (OSError, http.client.HTTPException, ValueError):
        connection.close()


def test_a_reload_of_the_whole_core_fails_no_request(world: World) -> None:
    """Everything is read again under load: no request fails, no record is lost."""
    key = world.key(STRANGER)
    world.policy(OVERRIDE)
    world.publish(f"{STRANGER},active")
    statuses: list[int] = []
    over = threading.Event()

    def ask(port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        while not over.is_set():
            connection.request(
                "POST", "/v1/chat/completions", CHAT, {"authorization": f"Bearer {key}"}
            )
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()

    rate = (
        '[[rate]]\nname = "r"\nscope = "account"\namount = 1e9\nwindow = "1s"\nmode = "enforce"\n'
    )
    with model_server() as server:
        path = world.configuration(server.port, DECISION, KEYS, SNAPSHOT, BAND, POLICY, AUDIT, rate)
        with running_guard(path) as guard:
            threads = [threading.Thread(target=ask, args=(guard.port,)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for number in range(1, 5):
                world.policy(OVERRIDE + f"\n# {number}")
                before = len(statuses)
                guard.signal(signal.SIGHUP)
                while f'reloads_total{{outcome="done"}} {number}' not in guard.page("/metrics"):
                    time.sleep(0.02)
                while len(statuses) < before + 20:
                    time.sleep(0.005)
            over.set()
            for thread in threads:
                thread.join()
            assert guard.stop() == 0
    assert set(statuses) == {200}
    assert len(world.records()) == len(statuses)
    # One for the start, and one for each set that was not there before.
    assert len(world.records("policy-override")) == 5


def test_nothing_secret_is_written_anywhere(world: World) -> None:
    """No credential, prompt, answer or pepper is in logs, answers, pages, files or the ledger."""
    member, stranger = world.key(MEMBER), world.key(STRANGER)
    world.allow("acct_0900")
    world.policy(OVERRIDE)
    more = DECISION + 'allowlist = "allowlist.csv"\ntag_secret_file = "tag"\n'
    (world.folder / "tag").write_text("7b" * 32)
    (world.folder / "upstream").write_text("sk-planted-upstream-key")
    shown: list[str] = []
    with model_server() as server:
        path = world.configuration(
            server.port,
            more,
            KEYS,
            SNAPSHOT,
            BAND,
            POLICY,
            AUDIT,
            '[early_warning]\n[shared_template]\n[events]\nfile = "events.jsonl"\n',
        )
        text = path.read_text()
        path.write_text(text.replace('credential = "remove"', 'credential_file = "upstream"'))
        with running_guard(path) as guard:
            for key in (member, stranger, "sk-planted-wrong-key", "a.b.c", member[:-1] + "x"):
                for asked in ({}, {"stream": True}, {"fields": {"temperature": PROMPT}}):
                    shown.append(whole_answer(guard, key, asked))
            shown += [guard.page(page) for page in ("/metrics", "/healthz", "/readyz")]
            guard.signal(signal.SIGHUP)
            guard.wait_for("configuration read again")
            assert guard.stop() == 0
            shown.append(guard.log_path.read_text())
    assert world.records()
    kept = [world.folder / "events.jsonl", *(world.folder / "records").iterdir()]
    kept += [one for one in (world.folder / "ledger").rglob("*") if one.is_file()]
    assert len(kept) > 5
    written = [*(one.encode() for one in shown), *(one.read_bytes() for one in kept)]
    store = [one.read_bytes() for one in world.folder.glob("keys.db*")]
    key_pepper = (world.folder / "key-pepper").read_text().strip()
    signing = (world.folder / "ledger.key").read_text().strip()
    planted = [member, stranger, "sk-planted", PROMPT, ANSWER_TEXT]
    planted += [PEPPER, "7b" * 32, key_pepper, signing]
    for secret in planted:
        for form in (
            secret.encode(),
            bytes.fromhex(secret) if is_hexadecimal(secret) else b"-" * 99,
        ):
            assert not [one[:200] for one in (*written, *store) if form in one], secret[:12]


def is_hexadecimal(text: str) -> bool:
    """Say whether a secret is written in hexadecimal digits, and may stand somewhere as bytes."""
    return len(text) == 64 and not set(text) - set("0123456789abcdef")


def whole_answer(guard: RunningGuard, key: str, asked: dict[str, Any]) -> str:
    """Ask, and give all that the guard itself answered: the model's text is not the guard's."""
    try:
        return guard.chat(key, **asked).decode().replace(ANSWER_TEXT, "")
    except urllib.error.HTTPError as error:
        with error:
            return f"{error.headers}{error.read().decode()}"
