"""A guard as it runs: begins, reloads, stops; and what it writes down."""

from __future__ import annotations

import http.client
import json
import signal
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
    free_port,
    model_server,
    running_guard,
    write_configuration,
)

KEY = "sk-planted-key-of-a-customer"


def records_in(folder: Path) -> list[dict[str, Any]]:
    lines = [
        line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()
    ]
    return [json.loads(line) for line in lines]


def test_what_it_records_a_scan_reads(tmp_path: Path) -> None:
    """Every exchange is a row that the scan's own reader takes, from chats whole and streamed."""
    from cautery.ingest.formats.canonical import MEMBER as CANONICAL
    from cautery.ingest.options import ReadOptions

    with model_server() as server:
        path = write_configuration(tmp_path, server.port, 'text = "full"\n')
        with running_guard(path) as guard:
            guard.chat(KEY)
            guard.chat(KEY, stream=True, fields={"logprobs": True, "temperature": 0.5})
            assert guard.stop() == 0
    [log] = (tmp_path / "records").glob("*.jsonl")
    assert log.stat().st_mode & 0o077 == 0
    rejected: list[Any] = []
    with log.open("rb") as stream:
        assert CANONICAL.sniff(log.read_bytes()[:65_536], log.name) > 0.9
        reject = lambda *line: rejected.append(line)  # noqa: E731
        batches = list(CANONICAL.read(stream, ReadOptions(), reject))
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert rejected == []
    assert len(rows) == 2
    for row in rows:
        assert (row["input_tokens"], row["output_tokens"], row["status_code"]) == (7, 3, 200)
        assert (row["input_text"], row["output_text"]) == (PROMPT, ANSWER_TEXT)
        assert row["request_id"] == "c-1"
        assert row["account_id"].startswith("key-")
        assert row["client_address"] == "127.0.0.1"
        assert "authorization" in row["header_order"]
    assert [row["logprobs"] for row in rows] == [None, True]
    assert rows[0]["account_id"] == rows[1]["account_id"]


def test_a_reload_under_load_fails_no_request(tmp_path: Path) -> None:
    """While requests come, the configuration is read again and again; every one is answered."""
    failures: list[str] = []
    done = [0]
    over = threading.Event()

    def ask(port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        while not over.is_set():
            try:
                connection.request(
                    "POST", "/v1/chat/completions", b"{}", {"authorization": "Bearer k"}
                )
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    failures.append(str(answer.status))
            except OSError as error:
                failures.append(repr(error))
            done[0] += 1
        connection.close()

    with model_server() as server:
        path = write_configuration(tmp_path, server.port)
        with running_guard(path) as guard:
            threads = [threading.Thread(target=ask, args=(guard.port,)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for number in range(8):
                path.write_text(path.read_text() + f"# {number}\n")
                before = done[0]
                guard.signal(signal.SIGHUP)
                while done[0] < before + 20:
                    threading.Event().wait(0.01)
            over.set()
            for thread in threads:
                thread.join()
            assert 'reloads_total{outcome="done"} 8' in guard.page("/metrics")
            assert guard.stop() == 0
    assert failures == []
    assert len(records_in(tmp_path / "records")) == done[0]


def test_a_wrong_configuration_changes_nothing(tmp_path: Path) -> None:
    """The old one stays at work, and the log says what is wrong and where."""
    with model_server() as server:
        path = write_configuration(tmp_path, server.port)
        with running_guard(path) as guard:
            path.write_text(path.read_text() + "[limits]\nhead_syze = 1\n")
            guard.signal(signal.SIGHUP)
            refused = guard.wait_for("configuration refused")
            assert "head_size" in refused["reason"]
            assert refused["where"] == f"{path}:11"
            assert ANSWER_TEXT in guard.chat(KEY).decode()
            path.write_text(path.read_text().replace("head_syze = 1", 'head_size = "2 KiB"'))
            guard.signal(signal.SIGHUP)
            guard.wait_for("configuration read again")
            with pytest.raises(urllib.error.HTTPError) as caught:
                guard.chat("k" * 3000)
            assert caught.value.code == 431
            caught.value.close()
            guard.stop()


def test_what_needs_a_new_start_is_said(tmp_path: Path) -> None:
    """A listener cannot move under its clients."""
    with model_server() as server:
        path = write_configuration(tmp_path, server.port)
        with running_guard(path) as guard:
            path.write_text(path.read_text().replace("127.0.0.1:0", f"127.0.0.1:{free_port()}", 1))
            guard.signal(signal.SIGHUP)
            assert "listen" in guard.wait_for("configuration refused")["reason"]
            guard.stop()


def test_stopping_lets_answers_end(tmp_path: Path) -> None:
    """An answer under way is whole, and the exit code is 0."""
    answers: list[bytes] = []
    with model_server() as server:
        server.delay_seconds = 0.5
        path = write_configuration(tmp_path, server.port)
        with running_guard(path) as guard:
            thread = threading.Thread(target=lambda: answers.append(guard.chat(KEY)))
            thread.start()
            while not server.asked:
                threading.Event().wait(0.01)
            assert guard.stop() == 0
            thread.join()
            assert guard.log()[-1]["event"] == "stopped"
    assert ANSWER_TEXT in answers[0].decode()


def test_several_processes_share_the_port(tmp_path: Path) -> None:
    """Two workers serve one port and name accounts alike."""
    with model_server() as server:
        port, admin = free_port(), free_port(next_too=1)
        path = write_configuration(tmp_path, server.port, guard="workers = 2\n")
        text = path.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}", 1)
        path.write_text(text.replace("127.0.0.1:0", f"127.0.0.1:{admin}", 1))
        with running_guard(path) as guard:
            for _ in range(12):
                guard.chat(KEY)
            assert guard.stop() == 0, guard.log_path.read_text()
    accounts = {record["account_id"] for record in records_in(tmp_path / "records")}
    assert len(accounts) == 1


def test_workers_stop_with_who_started_them(tmp_path: Path) -> None:
    """If the first process is killed, its workers let answers end and stop by themselves."""
    with model_server() as server:
        path = write_configuration(tmp_path, server.port, guard="workers = 2\n")
        port, admin = free_port(), free_port(next_too=1)
        text = path.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}", 1)
        path.write_text(text.replace("127.0.0.1:0", f"127.0.0.1:{admin}", 1))
        with running_guard(path) as guard:
            end = time.monotonic() + 20
            while events_of(guard, "serving") < 2 and time.monotonic() < end:
                time.sleep(0.05)
            guard.process.kill()
            while events_of(guard, "stopped") < 2 and time.monotonic() < end:
                time.sleep(0.05)
            assert events_of(guard, "stopped") == 2


def events_of(guard: RunningGuard, event: str) -> int:
    """Count how often something was logged."""
    return sum(line["event"] == event for line in guard.log())


def test_no_secret_and_no_prompt_is_written_anywhere(tmp_path: Path) -> None:
    """Logs, metrics, errors, events and records of good and bad requests hold none of them."""
    with model_server() as server:
        path = write_configuration(tmp_path, server.port, '[events]\nfile = "events.jsonl"\n')
        (tmp_path / "upstream").write_text("sk-planted-upstream-key")
        url = f'url = "http://127.0.0.1:{server.port}"\n'
        path.write_text(path.read_text().replace(url, url + 'credential_file = "upstream"\n'))
        seen: list[str] = []
        with running_guard(path) as guard:
            seen.append(guard.chat(KEY).decode().replace(ANSWER_TEXT, ""))
            guard.chat(KEY, stream=True)
            names = ("n", "stream_options", "custom_logit_processor", "temperature")
            for wrong in [{name: PROMPT} for name in names]:
                try:
                    guard.chat(KEY, fields=wrong)
                except urllib.error.HTTPError as error:
                    seen.append(f"{error.headers}{error.read().decode()}")
            server.fails = True
            with pytest.raises(urllib.error.HTTPError) as caught:
                guard.chat(KEY)
            seen.append(f"{caught.value.headers}{caught.value.read().decode()}")
            seen.extend(guard.page(page) for page in ("/metrics", "/healthz", "/readyz"))
            path.write_text(path.read_text() + "[limits]\nx = 1\n")
            guard.signal(signal.SIGHUP)
            guard.wait_for("configuration refused")
            assert guard.stop() == 0
            seen.append(guard.log_path.read_text())
        assert server.asked[0]["headers"]["authorization"] == "Bearer sk-planted-upstream-key"
    written = [file for file in tmp_path.rglob("*.jsonl") if file.is_file()]
    assert any("records" in str(file) for file in written)
    seen.extend(file.read_text() for file in written)
    for planted in (KEY, PROMPT, ANSWER_TEXT, PEPPER, "sk-planted-upstream-key"):
        assert not [text for text in seen if planted in text]
