"""Every writer's log is read back by the reader of its format."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.records.progress import SilentProgress
from cautery.simulate import writers
from cautery.simulate.lines_writer import MOST_MESSAGES, chat_messages, history
from cautery.simulate.plan import SimulationPlan
from cautery.simulate.run import simulate

Row = dict[str, Any]

ALWAYS = ("time_start", "account_id", "client_address", "input_tokens", "output_tokens")
"""Columns that every log carries, failed calls left aside."""
TEXT = ("input_text", "output_text", "system_text")
MORE: dict[str, tuple[str, ...]] = {
    "canonical-jsonl": ("asn", "header_order", "tls_ja4", "history_hash", "cost_usd", "n", "seed"),
    "litellm-spend-logs": ("org_id", "key_id", "user_agent", "temperature", "cost_usd", "top_p"),
    "litellm-spend-logs-csv": ("org_id", "key_id", "user_agent", "temperature", "end_user_id"),
    "litellm-standard-payload": ("org_id", "key_id", "user_agent", "max_tokens", "stream"),
    "openai-bodies": ("org_id", "key_id", "header_order", "reasoning_tokens", "conversation_id"),
    "anthropic-bodies": ("org_id", "user_agent", "cache_read_tokens", "temperature"),
    "otlp-json": ("org_id", "country", "user_agent", "reasoning_tokens", "stream", "seed"),
    "mapped-csv": ("org_id", "country", "max_tokens", "reasoning_tokens", "message_count"),
}
"""Further columns that a format carries in the same words."""


def plan(log_format: str, **more: Any) -> SimulationPlan:
    """Return the plan of a small log."""
    return SimulationPlan(accounts=600, days=1, volume=0.12, log_format=log_format, **more)


def read_back(folder: Path, work: Path) -> dict[str, Row]:
    """Read a simulated log with cautery's own readers, by request."""
    mapping = folder / "mapping.toml"
    options = IngestOptions(
        logs=tuple(str(path) for path in folder.glob("exchanges*")),
        mapping=mapping if mapping.is_file() else None,
    )
    work.mkdir()
    table = read_logs(options, work, SilentProgress())
    assert table.rejected == 0
    rows = pa.concat_tables([pq.read_table(part) for part in table.parts]).to_pylist()
    return {row["request_id"]: row for row in rows}


@pytest.fixture(scope="module")
def canonical(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    """Return the canonical rows of the plan that all formats write."""
    folder = tmp_path_factory.mktemp("canonical")
    simulate(plan("canonical-parquet"), folder)
    rows = pq.read_table(folder / "exchanges.parquet").to_pylist()
    return {row["request_id"]: row for row in rows}


def test_every_writer_is_tried() -> None:
    """A new writer joins the table above."""
    names = {name.replace("_", "-") for name in writers.MEMBERS}
    assert names == {*MORE, "canonical-parquet"}
    assert list(writers.MEMBERS) == sorted(writers.MEMBERS)


@pytest.mark.parametrize("name", sorted(MORE))
def test_round_trip(name: str, canonical: dict[str, Row], tmp_path: Path) -> None:
    """Each format gives back what went in, in every column that it carries."""
    simulate(plan(name), tmp_path / "log")
    found = read_back(tmp_path / "log", tmp_path / "work")
    assert set(found) == set(canonical)
    columns = [*ALWAYS, *TEXT, *MORE[name]]
    for request, row in canonical.items():
        if row["status_code"] == 200:
            expected = {column: row[column] for column in columns}
            got = {column: found[request][column] for column in columns}
            if name == "mapped-csv":
                expected["time_start"] = row["time_start"].replace(
                    microsecond=row["time_start"].microsecond // 1000 * 1000
                )
                got["time_start"] = got["time_start"].replace(
                    microsecond=got["time_start"].microsecond // 1000 * 1000
                )
                del expected["time_start"], got["time_start"]
            assert got == expected


@pytest.mark.parametrize("generation", [1, 2, 3])
def test_three_generations_of_telemetry(
    generation: int, canonical: dict[str, Row], tmp_path: Path
) -> None:
    """Each generation of attribute names carries who, how much and what was said."""
    simulate(plan("otlp-json", otlp_generation=generation), tmp_path / "log")
    found = read_back(tmp_path / "log", tmp_path / "work")
    for request, row in canonical.items():
        columns = (*ALWAYS, *TEXT, "request_model", "provider", "temperature", "finish_reason")
        assert {name: found[request][name] for name in columns} == {n: row[n] for n in columns}


@pytest.mark.parametrize("compression", ["gz", "zst"])
def test_compressed_logs_are_read(
    compression: str, canonical: dict[str, Row], tmp_path: Path
) -> None:
    """A compressed log holds the same rows."""
    simulate(plan("canonical-jsonl", compression=compression), tmp_path / "log")
    assert (tmp_path / "log" / f"exchanges.jsonl.{compression}").is_file()
    assert set(read_back(tmp_path / "log", tmp_path / "work")) == set(canonical)


def test_gzip_file_has_no_time_stamp(tmp_path: Path) -> None:
    """The compressed bytes depend on the plan alone."""
    simulate(plan("canonical-jsonl", compression="gz"), tmp_path)
    raw = (tmp_path / "exchanges.jsonl.gz").read_bytes()
    assert raw[4:8] == bytes(4)
    assert json.loads(gzip.decompress(raw).split(b"\n", 1)[0])["account_id"]


@pytest.mark.parametrize("name", ["canonical-parquet", *sorted(MORE)])
def test_text_can_be_left_out(name: str, canonical: dict[str, Row], tmp_path: Path) -> None:
    """Without text no prompt stands anywhere in the log, and the rest is unchanged."""
    simulate(plan(name, text=False), tmp_path / "log")
    if name == "canonical-parquet":
        assert not set(TEXT) & set(pq.read_schema(tmp_path / "log" / "exchanges.parquet").names)
        return
    raw = next((tmp_path / "log").glob("exchanges*")).read_text(encoding="utf-8")
    prompts = [row["input_text"] for row in canonical.values() if len(row["input_text"]) > 60]
    assert [prompt for prompt in prompts[:200] if prompt[:60] in raw] == []
    found = read_back(tmp_path / "log", tmp_path / "work")
    assert {row["account_id"] for row in found.values()} == {
        row["account_id"] for row in canonical.values()
    }
    assert {row["input_text"] for row in found.values()} == {None}


def example(**values: Any) -> Row:
    """Return a row with what messages are made of."""
    base: Row = {
        "message_count": 1, "system_text": None, "conversation_id": None, "account_id": "acct_1",
        "input_text": "Hi", "image_count": 0,
    }  # fmt: skip
    return {**base, **values}


def test_messages_are_as_many_as_counted() -> None:
    """System prompt, earlier turns and the last turn add up to the count."""
    row = example(message_count=6, system_text="Be brief.", conversation_id="conv_abc")
    roles = [message["role"] for message in chat_messages(row)]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]


def test_long_conversations_are_cut_at_the_front() -> None:
    """A request writes no more than a bounded number of stand-ins, and they alternate."""
    turns = list(history(example(message_count=301, conversation_id="conv_abc")))
    assert len(turns) == MOST_MESSAGES
    assert turns[0][0] == "user"
    assert turns[-1][1] == "earlier turn 300 of conv_abc"


def test_images_become_parts() -> None:
    """An image is a part of the last message."""
    content = chat_messages(example(image_count=2))[-1]["content"]
    assert [part["type"] for part in content] == ["text", "image_url", "image_url"]
