"""Lines of every format whose requests send reasoning back and whose answers hold new."""

from __future__ import annotations

import json
from typing import Any

from cautery.ingest.signatures import signature_hash

GIVEN = "EqQBCkgIChABGAIiQ" + "given" * 20
"""Signature of the answer."""
EARLIER = "EqQBCkgIChABGAIiQ" + "before" * 20
"""Signature of the turn before, which the request sends back."""
HIDDEN = "EmwKAhgBEgy" + "hidden" * 20
"""Data of a redacted block of that turn."""
ISSUED, CARRIED = [signature_hash(GIVEN)], [signature_hash(EARLIER), signature_hash(HIDDEN)]
"""What the columns hold for every line below."""
_TIME = "2026-10-01T08:00:00Z"
_USER = {"role": "user", "content": "Why?"}


def blocks(signature: str, hidden: str = "") -> list[dict[str, Any]]:
    """Blocks of thinking, as Anthropic writes them."""
    found: list[dict[str, Any]] = [{"type": "thinking", "thinking": "Hm.", "signature": signature}]
    return found + ([{"type": "redacted_thinking", "data": hidden}] if hidden else [])


def said(words: str, *before: dict[str, Any]) -> dict[str, Any]:
    """A turn of the model with blocks of thinking before its words."""
    return {"role": "assistant", "content": [*before, {"type": "text", "text": words}]}


def _item(encrypted: str) -> dict[str, Any]:
    return {
        "type": "reasoning",
        "id": "rs_" + "0" * 48,
        "summary": [],
        "encrypted_content": encrypted,
    }


ANTHROPIC = {
    "timestamp": _TIME,
    "account_id": "a",
    "path": "/v1/messages",
    "request": {
        "model": "m",
        "messages": [_USER, said("Because.", *blocks(EARLIER, HIDDEN)), _USER],
    },
    "response": {
        "id": "msg_1",
        "type": "message",
        "stop_reason": "end_turn",
        "content": [*blocks(GIVEN), {"type": "text", "text": "Since."}],
    },
}
OPENAI = {
    "timestamp": _TIME,
    "account_id": "a",
    "path": "/v1/responses",
    "request": {"model": "m", "input": [_USER, _item(EARLIER), _item(HIDDEN), _USER]},
    "response": {
        "id": "resp_1",
        "output": [
            _item(GIVEN),
            {"type": "message", "content": [{"type": "output_text", "text": "Since."}]},
        ],
    },
}
_CHAT = {
    "messages": [
        _USER,
        {"role": "assistant", "content": "Because.", "thinking_blocks": blocks(EARLIER, HIDDEN)},
        _USER,
    ],
    "response": {
        "choices": [
            {
                "finish_reason": "stop",
                "message": {"content": "Since.", "thinking_blocks": blocks(GIVEN)},
            }
        ]
    },
}
SPEND_LOG = {
    "request_id": "r",
    "call_type": "acompletion",
    "api_key": "id-1",
    "user": "a",
    "startTime": _TIME,
    "metadata": {},
    **_CHAT,
}
PAYLOAD = {
    "id": "r",
    "call_type": "acompletion",
    "startTime": 1_790_841_600.0,
    "endTime": 1_790_841_601.0,
    "metadata": {"user_api_key_user_id": "a"},
    "model_parameters": {},
    **_CHAT,
}
CANONICAL = {
    "time_start": _TIME,
    "account_id": "a",
    "issued_signatures": ISSUED,
    "carried_signatures": CARRIED,
}
LINES: dict[str, dict[str, Any]] = {
    "anthropic_bodies": ANTHROPIC,
    "canonical": CANONICAL,
    "litellm_spend_logs": SPEND_LOG,
    "litellm_standard_payload": PAYLOAD,
    "openai_bodies": OPENAI,
}
"""By format: one exchange, which means the same in all."""


def line_of(name: str) -> bytes:
    """One line of a format; none for formats that carry no signatures."""
    return json.dumps(LINES[name]).encode() + b"\n" if name in LINES else b""
