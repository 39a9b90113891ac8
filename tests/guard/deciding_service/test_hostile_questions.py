"""Raw bytes to a decision service: nothing crashes it, nothing gets a yes, nothing is logged."""

from __future__ import annotations

import logging
import re
import socket
import string
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.guard.deciders import GOOD_KEY
from tests.guard.deciding_service.services import (
    CALLER_SECRET,
    RunningService,
    of_client,
    running_service,
)
from tests.guard.deciding_service.test_asking import exchange, wire
from tests.guard.proxying.test_request_head import SMUGGLED

from cautery.guard.proxying.settings import Limits

FORM = b'{"account_id":"a"}'
DECIDE = (
    b"POST /v1/decide HTTP/1.1\r\nHost: a\r\nX-Cautery-Caller: %b\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    % (CALLER_SECRET.encode(), len(FORM), FORM)
)
PIECES = (wire(), wire(close=True), DECIDE, *SMUGGLED.values())
LONG = 4000


@pytest.fixture(scope="module")
def running() -> Iterator[RunningService]:
    limits = Limits(head_seconds=0.2, body_seconds=0.2, idle_seconds=0.2)
    with running_service(limits=limits) as service:
        yield service


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=3), st.data())
def test_any_bytes(running: RunningService, pieces: list[bytes], data: Any) -> None:
    """Every yes is to a question with the secret, which the decision core was asked."""
    content = b"".join(pieces)
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(content)))
        piece = data.draw(st.binary(max_size=3) | st.sampled_from([b"\r\n", b"\n", b" ", b"\x00"]))
        content = content[:place] + piece + content[place + data.draw(st.integers(0, 2)) :]
    before = len(running.decider.asked)
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while piece := _received(connection):
            received += piece
    codes = [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]
    assert codes.count(200) <= len(running.decider.asked) - before
    assert not any(code >= 500 for code in codes)
    assert codes.count(200) <= content.count(CALLER_SECRET.encode())
    assert running.ask("/authz/nginx", of_client()).status == 200


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65_536)
    except ConnectionError:
        return b""


VALUES = st.text(
    alphabet=st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"),
    max_size=60,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(sorted(of_client())),
    VALUES,
    st.text(alphabet=string.ascii_letters + string.digits + "-_", min_size=1, max_size=20),
)
def test_any_value_of_a_header(running: RunningService, name: str, value: str, other: str) -> None:
    """A value splits no answer, and one that the grammar does not know is a no."""
    told = {**of_client(), name: value, f"x-{other}": value}
    lines = [f"{key}: {text}" for key, text in told.items()]
    head = ["GET /authz/nginx HTTP/1.1", "Host: a", f"X-Cautery-Caller: {CALLER_SECRET}"]
    content = "\r\n".join([*head, *lines, "Connection: close", "", ""]).encode("latin-1")
    answer = exchange(running.port, content)
    head_of_answer = answer.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head_of_answer.split(b"\r\n")[1:]]
    assert answer.count(b"HTTP/1.1 ") == 1
    assert all(re.fullmatch(rb"[a-z0-9-]+", name) for name in names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("character", ["a", "\xff", '"', ",", "%", "{"], ids=range(6))
@pytest.mark.parametrize("name", sorted(of_client()))
def test_headers_of_four_thousand_bytes(running: RunningService, name: str, character: str) -> None:
    """A header that is long is read in time and kept short, or refused."""
    told = {**of_client(), name: character * LONG, "user-agent": character * LONG}
    before = len(running.decider.asked)
    answer = running.ask("/authz/nginx", told)
    assert answer.status in {200, 401, 403}
    for facts in running.decider.asked[before:]:
        assert len(facts.user_agent) <= 512
        assert len(str(facts)) < 2000
    assert len(answer.headers.get("x-cautery-body", "")) < 500


def test_no_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """No caller's secret, client's key or prompt is in log, metrics or answer."""
    planted = ("planted-prompt-of-a-client", CALLER_SECRET, GOOD_KEY, "sk-planted-unknown-key")
    with caplog.at_level(logging.DEBUG), running_service() as running:
        answers = [
            running.ask("/authz/nginx", of_client()),
            running.ask("/authz/nginx", of_client(authorization=f"Bearer {planted[3]}")),
            running.ask("/authz/nginx", of_client(), secret=CALLER_SECRET[:-1]),
            running.ask_json("/v1/decide", f'{{"account_id":"{planted[0]}",'.encode()),
            running.ask_json("/v1/decide", f'{{"account_id":["{planted[0]}"]}}'.encode()),
            running.ask_json("/v1/decide", f'{{"dialect":"{planted[0]}"}}'.encode()),
            running.ask_json(
                "/v1/decide", f'{{"account_id":"a","input_text":"{planted[0]}"}}'.encode()
            ),
        ]
        shown = running.metrics.render()
        repeated = repr(running.service.settings) + repr(running.decider.asked)
    for secret in planted:
        assert secret not in caplog.text
        assert secret not in shown
        assert secret not in repeated
    for answer in answers:
        assert not any(secret in str(answer) for secret in planted[1:])
