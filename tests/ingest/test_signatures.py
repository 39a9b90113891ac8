"""Signatures of reasoning are read from every format that carries them, hashed and bounded."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.reading import NOW, golden_input, json_lines, read_bytes
from tests.ingest.signed_lines import (
    CARRIED,
    EARLIER,
    GIVEN,
    HIDDEN,
    ISSUED,
    LINES,
    SPEND_LOG,
    blocks,
    said,
)

from cautery.ingest.conversation import read_conversation
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.ingest.signatures import (
    LEAST_CHARACTERS,
    MOST_SIGNATURES,
    issued_signatures,
    signature_hash,
    signatures_of,
)
from cautery.records.progress import SilentProgress

COLUMNS = ("issued_signatures", "carried_signatures")


def columns_of(name: str, *records: dict[str, Any]) -> list[tuple[Any, Any]]:
    """Read records of a format: what was issued and what is carried."""
    rows = read_bytes(name, json_lines(*records)).rows
    return [(row[COLUMNS[0]], row[COLUMNS[1]]) for row in rows]


@pytest.mark.parametrize("name", sorted(LINES))
def test_formats(name: str) -> None:
    """The same exchange gives the same hashes in every format."""
    assert columns_of(name, LINES[name]) == [(ISSUED, CARRIED)]


def test_anthropic_blocks_in_spend_logs() -> None:
    """LiteLLM's pass-through keeps Anthropic's own shape, with parts in the content."""
    log = copy.deepcopy(SPEND_LOG)
    del log["messages"]
    log["proxy_server_request"] = {
        "messages": [said("Because.", *blocks(EARLIER, HIDDEN)), {"role": "user", "content": "a"}]
    }
    log["response"] = {"type": "message", "content": blocks(GIVEN)}
    assert columns_of("litellm_spend_logs", log) == [(ISSUED, CARRIED)]


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ({"type": "reasoning", "id": "rs_" + "1" * 32}, "rs_" + "1" * 32),
        ({"type": "item_reference", "id": "rs_" + "1" * 32}, "rs_" + "1" * 32),
        ({"type": "reasoning", "id": "rs_1"}, None),
        ({"type": "item_reference", "id": "msg_" + "1" * 32}, None),
        ({"type": "reasoning", "id": "rs_" + "1" * 32, "encrypted_content": "short"}, "id"),
    ],
)
def test_items(item: dict[str, Any], text: str | None) -> None:
    """Without encrypted content, the id of a reasoning item stands for it if it is long enough."""
    pair: dict[str, Any] = copy.deepcopy(LINES["openai_bodies"])
    pair["request"]["input"] = [item, {"role": "user", "content": "a"}]
    wanted = None if text is None else [signature_hash(item["id"] if text == "id" else text)]
    assert columns_of("openai_bodies", pair)[0][1] == wanted


@pytest.mark.parametrize(
    "text", ["", "x" * (LEAST_CHARACTERS - 1), "skip_thought_signature_validator", None, 7, ["a"]]
)
def test_placeholders(text: Any) -> None:
    """What is too short to be anybody's own is none, whatever it is."""
    assert signatures_of([{"content": [{"type": "thinking", "signature": text}]}]) is None


def test_newest() -> None:
    """Of a long history the newest are kept, each once and where it was last."""
    texts = [f"{number:0{LEAST_CHARACTERS}}" for number in range(3 * MOST_SIGNATURES)]
    turns = [said("a", *blocks(text)) for text in [*texts, texts[0], texts[0]]]
    kept = [*texts[1 - MOST_SIGNATURES :], texts[0]]
    assert signatures_of(turns) == [signature_hash(text) for text in kept]


@pytest.mark.parametrize("kind", ["lines", "parquet"])
def test_long_lists_are_cut(kind: str) -> None:
    """A table of one's own may hold longer lists; they are bounded as others are."""
    numbers = list(range(5 * MOST_SIGNATURES))
    row = {"time_start": "2026-10-01T08:00:00Z", "account_id": "a", "carried_signatures": numbers}
    data = json_lines(row)
    if kind == "parquet":
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pylist([row]), sink)
        data = sink.getvalue().to_pybytes()
    (read,) = read_bytes("canonical", data).rows
    assert read["carried_signatures"] == numbers[-MOST_SIGNATURES:]


def test_unreadable_lists() -> None:
    """A text where a list belongs costs its cell, and a bad item itself."""
    rows = [LINES["canonical"] | {"carried_signatures": value} for value in ("x", [1, "y", 2])]
    reading = read_bytes("canonical", json_lines(*rows))
    assert [row["carried_signatures"] for row in reading.rows] == [None, [1, 2]]
    assert reading.findings.unreadable["carried_signatures"] == 1


def test_otel() -> None:
    """Telemetry has no field for signatures; one that an instrumentation adds is read."""
    assert all(
        row[name] is None
        for row in read_bytes("otlp_json", golden_input("otlp_json")).rows
        for name in COLUMNS
    )
    parts = [{"role": "assistant", "parts": blocks(EARLIER)}, {"role": "user", "content": "a"}]
    assert read_conversation(parts).carried_signatures == [signature_hash(EARLIER)]


def test_no_signature_is_kept(tmp_path: Path) -> None:
    """Neither parts nor anything else that a reading leaves behind holds a signature's text."""
    log = tmp_path / "log.jsonl"
    log.write_bytes(json_lines(LINES["anthropic_bodies"]))
    (tmp_path / "work").mkdir()
    options = IngestOptions(logs=(str(log),), now=NOW)
    table = read_logs(options, tmp_path / "work", SilentProgress())
    rows = pq.read_table(table.parts[0]).to_pylist()
    assert [(row[COLUMNS[0]], row[COLUMNS[1]]) for row in rows] == [(ISSUED, CARRIED)]
    written = b"".join(path.read_bytes() for path in (tmp_path / "work").iterdir())
    shown = json.dumps(rows, default=str)
    for text in (GIVEN, EARLIER, HIDDEN):
        assert text[20:60].encode() not in written
        assert text[20:60] not in shown
    shares = {item.column: item.share for item in table.coverage}
    assert [shares[name] for name in COLUMNS] == [1.0, 1.0]


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.just("s" * LEAST_CHARACTERS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "content", "thinking_blocks", "signature", "data", "choices", "output",
                 "message", "parts", "id", "encrypted_content"]
            )
            | st.text(max_size=3),
            inner | st.sampled_from(["thinking", "redacted_thinking", "reasoning"]),
            max_size=4,
        )
    ),
    max_leaves=10,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["choices", "output", "content", "type"]), JSON))
def test_any_json_is_harmless(response: dict[str, Any]) -> None:
    """No shape of an answer raises; what comes out is bounded whole numbers."""
    found = issued_signatures(response)
    assert found is None or 0 < len(found) <= MOST_SIGNATURES
    assert all(-(2**63) <= number < 2**63 for number in found or [])
