"""What is asked where, and by whom."""

from __future__ import annotations

import json
import logging

import pytest
from tests.guard.deciding_service.services import CALLER_SECRET, of_client, running_service

from cautery.guard.deciding_service.guardrail_forms import GUARDRAIL_PATH
from cautery.guard.deciding_service.routes import ENDPOINT_NAMES

JSON_PATHS = ("/v1/decide", "/v1/settle", GUARDRAIL_PATH)


@pytest.mark.parametrize("path", [*JSON_PATHS, "/openapi.json"])
def test_a_stranger_learns_nothing(path: str) -> None:
    """Without the secret there is 401, before method, kind or body are looked at."""
    with running_service() as running:
        for secret in ("", CALLER_SECRET.upper()):
            answer = running.ask(path, {}, b"not json", "POST", secret)
            assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert running.metrics.value("strangers_total") == 2
        assert not running.decider.asked
        assert not running.decider.settled


@pytest.mark.parametrize(
    "path", ["/authz/nginx", "/authz/forward", "/authz/envoy/v1/chat/completions"]
)
def test_a_strange_gateway_is_told_no(path: str, caplog: pytest.LogCaptureFixture) -> None:
    """A gateway without the secret refuses all its clients, and the log says why, once."""
    told = {**of_client(), "x-forwarded-method": "POST", "x-forwarded-uri": "/v1/models"}
    with caplog.at_level(logging.WARNING, "cautery.guard"), running_service() as running:
        for secret in ("", "wrong-" + CALLER_SECRET):
            answer = running.ask(path, told, secret=secret)
            assert answer.status == 403
            assert json.loads(answer.body)["error"]["code"] == "caller_refused"
        assert running.decider.asked == []
        assert running.metrics.value("strangers_total") == 2
    assert [record.message for record in caplog.records] == ["a caller was not admitted"]
    assert CALLER_SECRET not in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "kind", "status", "allow"),
    [
        ("GET", "/v1/decide", "application/json", 405, "POST"),
        ("PUT", "/v1/settle", "application/json", 405, "POST"),
        ("POST", "/openapi.json", "application/json", 405, "GET"),
        ("POST", "/v1/decide", "text/plain", 415, None),
        ("POST", "/v1/decide", "application/x-www-form-urlencoded", 415, None),
        ("POST", "/v1/decide", "", 415, None),
        ("POST", "/v1/decide", "application/json; charset=utf-8", 200, None),
        ("POST", "/v1/decide?x=1", "Application/JSON", 200, None),
        ("GET", "/v1/models", "", 404, None),
        ("GET", "/", "", 404, None),
        ("GET", "/authz/", "", 404, None),
        ("GET", "/authz/envoy", "", 404, None),
        ("GET", "/authz/nginx/v1/models", "", 404, None),
        ("GET", "/authz/forward/", "", 404, None),
    ],
    ids=range(14),
)
def test_method_kind_and_path(
    method: str, path: str, kind: str, status: int, allow: str | None
) -> None:
    """Each question has one method and one kind; a page in a browser cannot send that kind."""
    headers = {"content-type": kind} if kind else {}
    with running_service() as running:
        body = b'{"account_id":"a"}' if method != "GET" else None
        answer = running.ask(path, headers, body, method)
        assert (answer.status, answer.headers.get("allow")) == (status, allow)


def test_labels_are_known() -> None:
    """No label of a metric is a path that somebody made up."""
    with running_service() as running:
        running.ask("/authz/nginx", of_client())
        running.ask("/made/up")
        running.ask_json("/v1/decide", b"{}")
        shown = running.metrics.render()
        assert 'questions_total{asker="nginx"} 1' in shown
        assert 'questions_total{asker="decide"} 1' in shown
        assert "made" not in shown
    assert len(set(ENDPOINT_NAMES)) == len(ENDPOINT_NAMES) == 7
