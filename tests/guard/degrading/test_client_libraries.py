"""OpenAI's and Anthropic's own libraries put degraded streams together."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import anthropic
import openai
import pytest
from tests.guard.degrading.answer_cases import DIALECTS

from cautery.guard.degrading.plans import Degrading
from cautery.guard.degrading.stream import StreamDegrader
from cautery.records.decision import Degradation

THOUGHTS = ["I add the columns. Then 7 and 5 ", "is 12, and with the carry 1 and 3 is 5, so 52."]
TEXTS = ["It adds up.\n\n", "It is 52."]
QUESTION: Any = [{"role": "user", "content": "?"}]
GIST = "I add the columns."
PLANS: list[tuple[Degradation, str, str]] = [
    ("hide_reasoning", "It adds up.\n\nIt is 52.", ""),
    ("summarise_reasoning", "It adds up.\n\nIt is 52.", GIST),
    ("answer_only", "It is 52.", ""),
]


@contextmanager
def server(name: str, asked: Degradation) -> Iterator[str]:
    """Run a server that answers with a degraded stream; gives its URL."""
    degrader = StreamDegrader(Degrading([asked]))
    content = degrader.feed(DIALECTS[name].stream(THOUGHTS, TEXTS)) + degrader.finish()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Keep the tests' output clean."""

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.handle_request)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}"
    finally:
        listening.server_close()
        thread.join()


def joined(texts: Sequence[str | None]) -> str:
    """Put texts together, whatever is not there."""
    return "".join(text or "" for text in texts)


@pytest.mark.parametrize(("asked", "text", "thought"), PLANS)
def test_a_response_of_openais(asked: Degradation, text: str, thought: str) -> None:
    """Its library builds the items from events, and reads them from the end."""
    with (
        server("responses", asked) as url,
        openai.OpenAI(api_key="k", base_url=f"{url}/v1", max_retries=0) as client,
        client.responses.stream(model="m", input="?") as stream,
    ):
        final = stream.get_final_response()
    assert final.output_text == text
    items = [item for item in final.output if item.type == "reasoning"]
    assert joined([part.text for item in items for part in item.summary]) == thought


@pytest.mark.parametrize(("asked", "text", "thought"), PLANS)
def test_a_chat_of_openais(asked: Degradation, text: str, thought: str) -> None:
    """Its library gives deltas, also fields that it does not know."""
    with (
        server("chat", asked) as url,
        openai.OpenAI(api_key="k", base_url=f"{url}/v1", max_retries=0) as client,
    ):
        chunks = client.chat.completions.create(model="m", messages=QUESTION, stream=True)
        deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    assert joined([delta.content for delta in deltas]) == text
    assert joined([getattr(delta, "reasoning_content", "") for delta in deltas]) == thought


@pytest.mark.parametrize(("asked", "text", "thought"), PLANS)
def test_a_message_of_anthropics(asked: Degradation, text: str, thought: str) -> None:
    """Its library puts blocks into places of a list."""
    with (
        server("anthropic", asked) as url,
        anthropic.Anthropic(api_key="k", base_url=url, max_retries=0) as client,
        client.messages.stream(model="m", messages=QUESTION, max_tokens=9) as stream,
    ):
        blocks = stream.get_final_message().content
    assert joined([block.text for block in blocks if block.type == "text"]) == text
    assert joined([block.thinking for block in blocks if block.type == "thinking"]) == thought
