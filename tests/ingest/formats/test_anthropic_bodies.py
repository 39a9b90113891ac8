"""Tests of archived Anthropic bodies."""

from __future__ import annotations

import json
from typing import Any

from tests.ingest.reading import golden_input, json_lines, read_bytes

from cautery.ingest.formats.anthropic_bodies import MEMBER
from cautery.ingest.formats.openai_bodies import MEMBER as OPENAI

FIRST: dict[str, Any] = json.loads(golden_input("anthropic_bodies").split(b"\n")[0])


def test_cached_tokens_are_added() -> None:
    """Anthropic leaves cached tokens out of its input tokens; ours include them."""
    (row,) = read_bytes("anthropic_bodies", json_lines(FIRST)).rows
    assert row["input_tokens"] == 5 + 20 + 100


def test_results_of_tools_are_no_user_turn() -> None:
    """In an agent's loop the last user turn is what a person wrote, not what a tool returned."""
    row = read_bytes("anthropic_bodies", golden_input("anthropic_bodies")).rows[1]
    assert row["input_text"] == "Find it"
    assert row["history_hash"] is None


def test_request_without_response_is_told_by_its_path() -> None:
    """Without a response the path tells whose API it is; without both it may be either."""
    lone = {key: FIRST[key] for key in ("time", "account_id", "path", "request")}
    assert MEMBER.sniff(json_lines(lone), "a") > OPENAI.sniff(json_lines(lone), "a")
    assert len(read_bytes("anthropic_bodies", json_lines(lone)).rows) == 1
