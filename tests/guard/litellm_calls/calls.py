"""LiteLLM's objects, as far as the hooks look at them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.guard.deciders import FakeAuthenticator, FakeDecider
from tests.guard.middleware.applications import write_configuration

from cautery.guard.embedded import EmbeddedGuard, Judges
from cautery.guard.litellm_calls.hooks import Hooks

KEY = SimpleNamespace(
    user_id="user-1",
    api_key="88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
    team_id="team-1",
    org_id=None,
    request_route="/v1/chat/completions",
)


def call(**fields: Any) -> dict[str, Any]:
    """Write a call as LiteLLM hands it to its hooks."""
    metadata = {"user_api_key_hash": KEY.api_key, "requester_ip_address": "203.0.113.9"}
    return {
        "model": "m",
        "messages": [{"role": "user", "content": "planted prompt"}],
        "metadata": metadata,
        "proxy_server_request": {"headers": {"Host": "h", "User-Agent": "curl/8"}, "body": {}},
        "litellm_logging_obj": SimpleNamespace(model_call_details={}),
        "secret_fields": object(),
        **fields,
    }


class Model:
    """An answer of LiteLLM's: not plain, and made anew of its plain form."""

    def __init__(self, **content: Any) -> None:
        self.content = content
        self._hidden_params: dict[str, Any] = {}

    def model_dump(self, **_: Any) -> dict[str, Any]:
        return self.content


def chat(said: str = "<think>planted thought</think>42") -> Model:
    """Write an answer of a chat."""
    message = {"content": said, "reasoning_content": "planted thought"}
    return Model(
        id="c-1",
        model="m-1",
        choices=[{"index": 0, "message": message, "finish_reason": "stop"}],
        usage={"prompt_tokens": 7, "completion_tokens": 3},
    )


async def pieces_of(*pieces: Any) -> AsyncIterator[Any]:
    """Give a stream as LiteLLM does."""
    for piece in pieces:
        yield piece


def hooks(folder: Path, decider: FakeDecider | None = None, more: str = "") -> Hooks:
    """Make hooks with a decision core that does as it is told."""
    judges = Judges(decider=decider or FakeDecider(), authenticator=FakeAuthenticator())
    return Hooks(EmbeddedGuard(write_configuration(folder, more), judges=judges))
