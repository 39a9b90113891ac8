"""Planting in a real LiteLLM proxy, by the files that the how-to shows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openai
import pytest
from tests.contracts.enforcers.harness import Enforcing
from tests.contracts.enforcers.litellm import COMMAND, ENVIRONMENT, HARNESS, without_litellm
from tests.contracts.enforcers.model_servers import SAID, model_server
from tests.guard.deciding_service.gateways import FILES
from tests.guard.guards import free_port

from cautery.cli.main import run
from cautery.errors import MissingExtraError
from cautery.guard.adapters import litellm as adapter

CHOICES = ["Shall I time it?", "Shall I add tests?", "Which size has it?", "Is that all of it?"]
CANARY = "cautery.guard.adapters.litellm.canary"
_AUTHENTICATION = """
from litellm.proxy._types import UserAPIKeyAuth


async def authenticate(request, api_key):
    return UserAPIKeyAuth(api_key=api_key, user_id=api_key.removeprefix("sk-"))
"""


def plant(folder: Path, word: str, campaign: str) -> None:
    """Plant one marker by the verb."""
    marker = {"marker_id": word, "words": [word], "choices": CHOICES}
    (folder / "markers.jsonl").write_text(json.dumps(marker) + "\n")
    names = {name: str(folder / name) for name in ("registry.jsonl", "canary.key", "markers.jsonl")}
    words = ["plant", names["registry.jsonl"], "--key-file", names["canary.key"]]
    words += ["--markers", names["markers.jsonl"], "--campaign", campaign]
    assert run(["provenance", "canary", *words]) == 0


@contextmanager
def running(folder: Path, callbacks: str = CANARY) -> Iterator[Enforcing]:
    """Run LiteLLM by the files of the how-to; a key names its account here."""
    if without_litellm():
        pytest.skip(without_litellm())
    port = free_port()
    (folder / "canary.toml").write_text((FILES / "canary.toml").read_text())
    (folder / "canary.key").write_text("5e" * 32)
    (folder / "accounts.csv").write_text("account_id,campaign_id\nthief,C-1\nhonest,\n")
    (folder / "known.py").write_text(_AUTHENTICATION)
    plant(folder, "sort", "C-1")
    with model_server() as model:
        text = (FILES / "litellm-canary.yaml").read_text()
        text = text.replace("127.0.0.1:8000", f"127.0.0.1:{model.port}")
        text = text.replace(f"callbacks: {CANARY}", f"callbacks: {callbacks}")
        text += "general_settings:\n  custom_auth: known.authenticate\n"
        (folder / "config.yaml").write_text(text)
        words = [str(COMMAND), "--config", "config.yaml", "--host", "127.0.0.1"]
        with HARNESS.process(
            folder,
            [*words, "--port", str(port), "--telemetry", "False"],
            port,
            page="/health/liveliness",
            environment={
                **ENVIRONMENT,
                "MODEL_SERVER_KEY": "sk-planted-upstream-key",
                "CAUTERY_CANARY_CONFIGURATION": "canary.toml",
                "CAUTERY_GUARD_CONFIGURATION": "guard.toml",
            },
        ) as enforcing:
            yield enforcing


def ask(litellm: Enforcing, account: str, question: str) -> tuple[str, str]:
    """Ask whole and streamed; give what stands behind the model's own words in each."""
    asked: Any = [{"role": "user", "content": question}]
    base = f"http://127.0.0.1:{litellm.port}/v1"
    with openai.OpenAI(base_url=base, api_key=f"sk-{account}", max_retries=0) as client:
        whole = client.chat.completions.create(model="m", messages=asked)
        with client.chat.completions.create(model="m", messages=asked, stream=True) as stream:
            text = "".join(one.choices[0].delta.content or "" for one in stream if one.choices)
    said = whole.choices[0].message.content or ""
    assert SAID in said
    assert SAID in text
    return said.split(SAID)[1], text.split(SAID)[1]


def ask_until_planted(litellm: Enforcing, account: str, question: str) -> str:
    """Ask until the gateway has looked at its files again."""
    end = time.monotonic() + 60
    while not (ending := ask(litellm, account, question)[0]):
        assert time.monotonic() < end
        time.sleep(0.2)
    return ending


def test_needs_a_litellm() -> None:
    """Without one cautery imports, and says what is missing when it is asked for the callback."""
    with pytest.raises(MissingExtraError, match="no LiteLLM proxy here"):
        _ = adapter.canary


def test_the_files_of_the_how_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The campaign's account gets its phrase, whole and streamed; new markers need no restart."""
    with running(tmp_path) as litellm:
        whole, streamed = ask(litellm, "thief", "How do I sort this?")
        assert whole == streamed
        assert whole.strip() in CHOICES
        assert ask(litellm, "honest", "How do I sort this?") == ("", "")
        assert ask(litellm, "thief", "Write a poem.") == ("", "")
        plant(tmp_path, "poem", "C-1")
        ending = ask_until_planted(litellm, "thief", "Write a poem.")
        accounts = tmp_path / "accounts.csv"
        accounts.write_text("account_id,campaign_id\nthief,\nother,C-1\n")
        assert ask_until_planted(litellm, "other", "Write a poem.") == ending
        assert ask(litellm, "thief", "Write a poem.") == ("", "")
        logs = litellm.logs()
    words = ["list", str(tmp_path / "registry.jsonl"), "--key-file", str(tmp_path / "canary.key")]
    capsys.readouterr()
    assert run(["provenance", "canary", *words, "--output-format", "json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["phrase"] for row in rows] == [whole.strip(), ending.strip()]
    assert "Traceback" not in logs
    assert not any(choice in logs for choice in CHOICES)


def test_beside_the_guard(tmp_path: Path) -> None:
    """Both callbacks at once: the guard lets the call pass, and the canary is planted."""
    (tmp_path / "guard.toml").write_text('[watermark]\nheader = "x-watermark-key"\n')
    both = f"[cautery.guard.adapters.litellm.plugin, {CANARY}]"
    with running(tmp_path, both) as litellm:
        whole, streamed = ask(litellm, "thief", "How do I sort this?")
        assert whole == streamed
        assert whole.strip() in CHOICES
        assert "Traceback" not in litellm.logs()
