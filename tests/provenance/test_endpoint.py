"""Endpoints that answer, and those that are dead, slow, busy, lying or somebody else."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any

import pytest
from tests.guard.certificates import Authority
from tests.provenance.suspect_server import Reply, completion, suspect_server

from cautery.errors import ConfigurationError
from cautery.provenance import endpoint as endpoint_module
from cautery.provenance.endpoint import Completion, Endpoint, Failure
from cautery.records.key import Secret


def always(reply: Reply) -> Any:
    """Answer everything alike."""
    return lambda _number, _body: reply


def failure_of(reply: Reply) -> Failure:
    """Ask a server that always answers so, and expect no answer."""
    with suspect_server(always(reply)) as server:
        found = Endpoint(url=server.url, model="suspect").complete("hello")
    assert isinstance(found, Failure)
    return found


def test_a_chat_is_asked_and_read() -> None:
    """The question says model, prompt, limit and temperature; the key is in its header alone."""
    with suspect_server(always(completion("an answer"))) as server:
        endpoint = Endpoint(
            url=f"{server.url}/", model="suspect", max_tokens=7, key=Secret(b"sk-secret")
        )
        found = endpoint.complete("hello")
    path, headers, body = server.asked[0]
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == "Bearer sk-secret"
    assert body["messages"] == [{"role": "user", "content": "hello"}]
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("suspect", 7, 1.0)
    assert found == Completion(
        text="an answer",
        finish_reason="stop",
        model="suspect",
        prompt_tokens=3,
        completion_tokens=5,
    )
    assert "sk-secret" not in repr(endpoint)


def test_a_completion_is_asked_and_read() -> None:
    """A base model continues a prompt."""
    reply: Reply = 200, {}, json.dumps({"choices": [{"text": "and on"}]}).encode()
    with suspect_server(always(reply)) as server:
        found = Endpoint(url=server.url, model="m", style="completions").complete("on")
    assert server.asked[0][0] == "/v1/completions"
    assert server.asked[0][2]["prompt"] == "on"
    assert isinstance(found, Completion)
    assert (found.text, found.completion_tokens, found.finish_reason) == ("and on", 1, "")


def test_a_refusal_apart_from_the_content_is_the_answer() -> None:
    """Some endpoints leave the content empty and say why they refuse beside it."""
    choices = [{"message": {"content": None, "refusal": "I can't."}, "finish_reason": "stop"}]
    with suspect_server(always(completion("", choices=choices))) as server:
        found = Endpoint(url=server.url, model="m").complete("on")
    assert isinstance(found, Completion)
    assert found.text == "I can't."


def test_tokens_are_not_believed_to_be_fewer_than_the_text_has() -> None:
    """An endpoint that counts no tokens does not get around the budget."""
    lie = {"prompt_tokens": -5, "completion_tokens": 0}
    with suspect_server(always(completion("x" * 800, usage=lie))) as server:
        found = Endpoint(url=server.url, model="m").complete("on")
    assert isinstance(found, Completion)
    assert (found.completion_tokens, found.prompt_tokens) == (100, 0)


@pytest.mark.parametrize(
    ("status", "again", "stop"),
    [
        (400, False, False),
        (401, False, True),
        (402, False, True),
        (404, False, True),
        (429, True, False),
        (500, True, False),
        (503, True, False),
        (302, False, True),
    ],
)
def test_refusals(status: int, again: bool, stop: bool) -> None:
    """What is busy is asked again; what refuses us, or sends elsewhere, is not asked any more."""
    found = failure_of((status, {"location": "http://127.0.0.1:1/", "retry-after": "7"}, b"secret"))
    assert (found.again, found.stop) == (again, stop)
    assert "secret" not in found.reason


def test_how_long_to_wait() -> None:
    """Retry-After in seconds is heeded up to a bound; anything else is passed over."""
    assert failure_of((429, {"retry-after": "7"}, b"")).wait_seconds == 7.0
    assert failure_of((429, {"retry-after": "999999"}, b"")).wait_seconds == 300.0
    assert failure_of((429, {"retry-after": "soon"}, b"")).wait_seconds is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff\xfe",
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": 5}}]}',
        b'{"error": "x"}',
        b"[" * 100_000,
    ],
    ids=["empty", "page", "bytes", "no-choice", "number", "error", "deep"],
)
def test_what_is_no_completion(body: bytes) -> None:
    """A body that is none is a failure with a reason, and may be asked again."""
    found = failure_of((200, {}, body))
    assert found.again
    assert not found.stop


def test_an_answer_that_is_cut_off_is_none() -> None:
    """Half an answer is not taken for a whole one."""
    _, _, body = completion("a long answer")
    found = failure_of((200, {"content-length": str(len(body) + 50)}, body))
    assert found.again


def test_an_endless_answer_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more is read than a bound."""
    monkeypatch.setattr(endpoint_module, "MOST_ANSWER_BYTES", 64)
    found = failure_of(completion("x" * 100))
    assert "more than 64 bytes" in found.reason


def test_a_slow_endpoint_is_given_up() -> None:
    """An endpoint that drips bytes is cut off by the time for the whole answer."""
    with suspect_server(always(completion("x" * 200)), slow_seconds=0.05) as server:
        found = Endpoint(url=server.url, model="m", seconds=0.3).complete("hello")
    assert isinstance(found, Failure)
    assert found.reason == "no answer within 0.3 s"
    assert found.again


def test_a_dead_endpoint_is_told() -> None:
    """Nobody listens: the connection failed."""
    found = Endpoint(url="http://127.0.0.1:1/v1", model="m").complete("hello")
    assert isinstance(found, Failure)
    assert "connection failed" in found.reason


def test_only_trusted_certificates(tmp_path: Path) -> None:
    """A certificate of nobody's is refused before anything is sent; a trusted one is talked to."""
    authority = Authority(tmp_path)
    files = authority.issue("server")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(files.certificate, files.private_key)
    with suspect_server(always(completion("ok")), tls=tls) as server:
        refused = Endpoint(url=server.url, model="m").complete("hello")
        assert isinstance(refused, Failure)
        assert refused.stop
        assert "secure" in refused.reason
        assert server.asked == []
        trust = ssl.create_default_context(cafile=str(authority.certificate))
        found = Endpoint(url=server.url, model="m", key=Secret(b"k"), trust=trust).complete("hello")
    assert isinstance(found, Completion)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x/v1",
        "https://",
        "https://u:p@x/v1",
        "https://x/v1?a=b",
        "https://x:99999/v1",
        "https://x/v 1",
        "https://x/\nv1",
        "https://[x/v1",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    """They are refused before anything is sent."""
    with pytest.raises(ConfigurationError, match="not the address"):
        Endpoint(url=url, model="m")


def test_a_key_is_never_sent_in_clear() -> None:
    """A key needs TLS, but on this machine."""
    with pytest.raises(ConfigurationError, match="in clear"):
        Endpoint(url="http://suspect.example/v1", model="m", key=Secret(b"k"))
    Endpoint(url="http://suspect.example/v1", model="m")
    Endpoint(url="http://localhost:8000/v1", model="m", key=Secret(b"k"))
