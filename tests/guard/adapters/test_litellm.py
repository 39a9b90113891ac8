"""The plug-in in a real LiteLLM proxy, by the files that the how-to shows."""

from __future__ import annotations

import json
import signal
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
from tests.contracts.enforcers.harness import Enforcing
from tests.contracts.enforcers.litellm import (
    COMMAND,
    ENVIRONMENT,
    HARNESS,
    MASTER_KEY,
    without_litellm,
)
from tests.contracts.enforcers.model_servers import (
    PROMPT,
    SAID,
    SECRET,
    SLOWLY,
    ModelServer,
    model_server,
)
from tests.guard.deciding_service.gateways import FILES
from tests.guard.guards import PEPPER, free_port

from cautery.errors import MissingExtraError
from cautery.guard.adapters import litellm as adapter
from cautery.guard.adapters.litellm import MEMBER
from cautery.ports import Enforcer
from cautery.records.decision import ACTIONS

MOST_REQUESTS = 9
_UNCALLED = "x-litellm-disable-callbacks"
"""Header by which LiteLLM lets clients switch callbacks off."""
_OUR_NAMES = "cautery,plugin,cauteryplugin,_proxy_cauteryplugin"


@dataclass
class RunningLiteLlm:
    """LiteLLM at work."""

    enforcing: Enforcing
    model: ModelServer
    admin_port: int

    @property
    def folder(self) -> Path:
        return self.enforcing.folder

    def openai(self) -> openai.OpenAI:
        base = f"http://127.0.0.1:{self.enforcing.port}/v1"
        return openai.OpenAI(base_url=base, api_key=MASTER_KEY, max_retries=0)

    def anthropic(self) -> anthropic.Anthropic:
        base = f"http://127.0.0.1:{self.enforcing.port}"
        return anthropic.Anthropic(base_url=base, api_key=MASTER_KEY, max_retries=0)

    def rows(self) -> list[dict[str, Any]]:
        files = sorted((self.folder / "records").glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]

    def wait_for_rows(self, count: int) -> list[dict[str, Any]]:
        end = time.monotonic() + 60
        while len(rows := self.rows()) < count:
            assert time.monotonic() < end, rows
            time.sleep(0.05)
        return rows


def shown(name: str, model_port: int, admin_port: int) -> str:
    """Read a file of the how-to, with the tests' ports and a limit that is soon reached."""
    text = (FILES / name).read_text()
    for before, after in (
        ("127.0.0.1:8000", f"127.0.0.1:{model_port}"),
        ("127.0.0.1:8089", f"127.0.0.1:{admin_port}"),
        ("amount = 600", f"amount = {MOST_REQUESTS}"),
        ('window = "1m"', 'window = "10h"'),
    ):
        text = text.replace(before, after)
    return text


@contextmanager
def running(folder: Path) -> Iterator[RunningLiteLlm]:
    """Run LiteLLM by the files of the how-to."""
    if without_litellm():
        pytest.skip(without_litellm())
    port, admin_port = free_port(), free_port()
    (folder / "records").mkdir()
    (folder / "pepper").write_text(PEPPER)
    with model_server() as model:
        for name, copied in (
            ("litellm-plugin.yaml", "config.yaml"),
            ("litellm-plugin.toml", "guard.toml"),
        ):
            (folder / copied).write_text(shown(name, model.port, admin_port))
        words = [str(COMMAND), "--config", "config.yaml", "--host", "127.0.0.1"]
        with HARNESS.process(
            folder,
            [*words, "--port", str(port), "--telemetry", "False"],
            port,
            page="/health/liveliness",
            environment={
                **ENVIRONMENT,
                "MODEL_SERVER_KEY": "sk-planted-upstream-key",
                "CAUTERY_GUARD_CONFIGURATION": "guard.toml",
            },
        ) as enforcing:
            yield RunningLiteLlm(enforcing, model, admin_port)


def test_carries_out_everything() -> None:
    """Of the calls that it knows; the others are stopped instead."""
    assert isinstance(MEMBER, Enforcer)
    assert MEMBER.carries_out == frozenset(ACTIONS)


def test_needs_a_litellm() -> None:
    """Without one cautery imports, and says what is missing when it is asked for the plug-in."""
    with pytest.raises(MissingExtraError, match="no LiteLLM proxy here"):
        _ = adapter.plugin
    with pytest.raises(AttributeError, match="no attribute 'other'"):
        _ = adapter.other


def ask_in_every_way(litellm: RunningLiteLlm) -> None:
    """Ask whole and streamed, as both client libraries do; once as who wants no records."""
    question: Any = [{"role": "user", "content": PROMPT}]
    unlogged: Any = {"extra_body": {"no-log": True}, "extra_headers": {_UNCALLED: _OUR_NAMES}}
    with litellm.openai() as client:
        answer = client.chat.completions.with_raw_response.create(model="m", messages=question)
        assert answer.headers["x-request-id"].startswith("req_")
        assert (answer.parse().choices[0].message.content or "").endswith(SAID)
        client.chat.completions.create(model="m", messages=question, **unlogged)
        with client.chat.completions.create(model="m", messages=question, stream=True) as stream:
            text = "".join(one.choices[0].delta.content or "" for one in stream if one.choices)
        assert text.endswith(SAID)
    with litellm.anthropic() as other:
        message = other.messages.create(model="m", messages=question, max_tokens=9)
        assert SAID in str(message.content)
        with other.messages.stream(model="m", messages=question, max_tokens=9) as spoken:
            assert SAID in "".join(spoken.text_stream)


def leave_within_a_stream(litellm: RunningLiteLlm) -> None:
    """Read the beginning of an answer that would not end."""
    question: Any = [{"role": "user", "content": SLOWLY}]
    with (
        litellm.openai() as client,
        client.chat.completions.create(model="m", messages=question, stream=True) as stream,
    ):
        assert next(iter(stream)).choices


def reach_the_limit(litellm: RunningLiteLlm) -> None:
    """Ask until the account's rate is used up."""
    question: Any = [{"role": "user", "content": PROMPT}]
    left = MOST_REQUESTS - len(litellm.model.reached)
    with litellm.openai() as client:
        for _ in range(left):
            client.chat.completions.create(model="m", messages=question)
        with pytest.raises(openai.RateLimitError) as caught:
            client.chat.completions.create(model="m", messages=question)
    assert caught.value.code == "rate_limit_exceeded"
    assert int(caught.value.response.headers["retry-after"]) > 0
    reached = len(litellm.model.reached)
    with litellm.anthropic() as other, pytest.raises(anthropic.RateLimitError) as read:
        other.messages.create(model="m", messages=question, max_tokens=9)
    assert read.value.type == "rate_limit_error"
    assert str(read.value.request_id).startswith("req_")
    assert len(litellm.model.reached) == reached == MOST_REQUESTS


def test_the_files_of_the_how_to(tmp_path: Path) -> None:
    """LiteLLM by its file, the guard by its own: calls pass, are counted, recorded, and limited."""
    with running(tmp_path) as litellm:
        ask_in_every_way(litellm)
        leave_within_a_stream(litellm)
        litellm.wait_for_rows(6)
        reach_the_limit(litellm)
        page = f"http://127.0.0.1:{litellm.admin_port}/metrics"
        with urllib.request.urlopen(page, timeout=20) as answer:
            metrics = answer.read().decode()
        # LiteLLM tells of an answer's end some time after it.
        rows = litellm.wait_for_rows(MOST_REQUESTS + 2)
        litellm.enforcing.process.send_signal(signal.SIGTERM)
        litellm.enforcing.process.wait(60)
        logs = litellm.enforcing.logs()
    assert 'action="throttle"' in metrics
    served = [row for row in rows if row.get("status_code") == 200]
    assert {(row["input_tokens"], row["output_tokens"]) for row in served} == {(7, 3)}
    assert {row["provider"] for row in served} == {"openai", "anthropic"}
    assert {row["account_id"] for row in rows} == {"default_user_id"}
    assert all(row["input_text"].startswith("hash:") for row in rows)
    assert len(rows) == MOST_REQUESTS + 2
    (left,) = [row for row in rows if row.get("error_type") == "client_closed"]
    assert "status_code" not in left
    for secret in (PROMPT, SECRET, SAID, MASTER_KEY, "Traceback"):
        assert secret not in logs
