"""Tests of archived OpenAI bodies."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.reading import golden_input, json_lines, read_bytes

from cautery.ingest.formats.anthropic_bodies import MEMBER as ANTHROPIC
from cautery.ingest.formats.openai_bodies import MEMBER

RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "data" / "recordings"
FIRST: dict[str, Any] = json.loads(golden_input("openai_bodies").split(b"\n")[0])


def test_the_clients_own_word_is_no_account() -> None:
    """The request's ``user`` is the end user; it counts as account only on demand."""
    record = {key: value for key, value in FIRST.items() if key not in {"account_id", "key_id"}}
    (row,) = read_bytes("openai_bodies", json_lines(record)).rows
    assert (row["account_id"], row["account_id_source"]) == ("203.0.113.7", "address")
    (row,) = read_bytes("openai_bodies", json_lines(record), account_field="request.user").rows
    assert row["account_id"] == "their-user-1"


def test_bodies_as_texts() -> None:
    """Bodies that are archived as JSON texts are opened."""
    record = {**FIRST, "request": json.dumps(FIRST["request"])}
    record["response"] = json.dumps(FIRST["response"])
    assert read_bytes("openai_bodies", json_lines(record)).rows == (
        read_bytes("openai_bodies", json_lines(FIRST)).rows
    )


def test_several_choices() -> None:
    """All choices of an answer are kept, and the reason of the first."""
    choices = [{"message": {"content": text}, "finish_reason": text} for text in ("one", "two")]
    (row,) = read_bytes(
        "openai_bodies", json_lines({**FIRST, "response": {"choices": choices}})
    ).rows
    assert (row["output_text"], row["finish_reason"]) == ("one\n\ntwo", "one")


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the shared recordings are not here")
def test_recordings_of_real_clients() -> None:
    """Recorded requests of unmodified clients are read, each with user agent and header order."""
    for path in sorted(RECORDINGS.glob("*.jsonl.gz")):
        records = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
        chats = [item for item in records if item["path"].endswith("/chat/completions")]
        for record in chats:
            record["t"] += 1790841600
            record["account_id"] = "recorded"
        data = json_lines(*chats)
        assert MEMBER.sniff(data[:65536], path.name) > ANTHROPIC.sniff(data[:65536], path.name)
        rows = read_bytes("openai_bodies", data).rows
        assert len(rows) == len(chats)
        assert all(row["input_text"] and row["request_model"] for row in rows)
        assert all("user-agent" in row["header_order"].split(",") for row in rows)
