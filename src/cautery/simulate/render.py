"""From numbers to the canonical columns, as Arrow batches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cautery.simulate import content
from cautery.simulate.accounts import token
from cautery.simulate.columns import Columns
from cautery.simulate.network import read_networks
from cautery.simulate.seeds import Keys, field
from cautery.simulate.world import MODELS, World

HEX = np.array([f"{value:02x}" for value in range(256)], "S2")
BATCH_ROWS = 65_536
PRICE_PER_TOKEN = np.array([[0.2e-6, 0.8e-6], [2e-6, 8e-6], [3e-6, 12e-6], [3e-6, 15e-6]])
"""Dollars for an input and an output token of each model (assumed)."""


def hexadecimal(keys: Keys, prefix: str) -> Any:
    """Write 64-bit keys as prefixed hexadecimal strings."""
    count, head = len(keys), prefix.encode()
    digits = HEX[np.ascontiguousarray(keys.astype(">u8")).view(np.uint8)].view(np.uint8)
    matrix = np.empty((count, len(head) + 16), np.uint8)
    matrix[:, : len(head)] = np.frombuffer(head, np.uint8)
    matrix[:, len(head) :] = digits.reshape(count, 16)
    offsets = np.arange(count + 1, dtype=np.int32) * matrix.shape[1]
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(matrix.tobytes())]
    return pa.Array.from_buffers(pa.string(), count, buffers)


def dotted(addresses: npt.NDArray[np.int64]) -> Any:
    """Write IPv4 numbers as dotted text."""
    parts = np.array([str(value) for value in range(256)], object)
    words = pa.array(parts, pa.string())
    pieces = [words.take(pa.array((addresses >> shift) & 255)) for shift in (24, 16, 8, 0)]
    return pc.binary_join_element_wise(*pieces, ".")


def nullable(values: Any, kind: Any, missing: Any) -> Any:
    """Make an Arrow array where a mask says what is null."""
    return pa.array(values, kind, mask=np.ascontiguousarray(missing))


class Renderer:
    """Writes the rows of a world as canonical columns.

    Args:
        world: The finished world.
        strands: Its strand table.
        accounts: Its account table.
        start: First instant of the log.
    """

    def __init__(self, world: World, strands: Columns, accounts: Columns, start: datetime) -> None:
        self.world = world
        self.strands = strands
        random = world.random("identifiers")
        self.account_ids = np.array(token(random, "acct_", accounts.rows), object)
        self._accounts = pa.array(self.account_ids, pa.string())
        orgs, teams = accounts["org_id"], accounts["team_id"]
        self._orgs = nullable(orgs, pa.string(), orgs == "")
        self._teams = nullable(teams, pa.string(), teams == "")
        numbers, ranges = world.addresses.addresses()
        self._numbers, self._ranges = numbers, ranges
        _, _, systems, countries, _ = read_networks()
        self._systems, self._countries = systems, pa.array(list(countries), pa.string())
        self._clients = world.clients.clients
        self._offset = int(start.astimezone(UTC).timestamp()) * 1_000_000
        self._pieces: Any = None

    def batches(self, rows: Columns) -> Iterator[tuple[Any, Columns]]:
        """Yield Arrow batches with the rows that they come from."""
        for first in range(0, rows.rows, BATCH_ROWS):
            part = rows.take(np.arange(first, min(first + BATCH_ROWS, rows.rows)))
            yield pa.RecordBatch.from_pydict(self.columns(part)), part

    def join(self, columns: list[Any]) -> Any:
        """Join piece numbers to texts."""
        bank = self.world.words.bank
        if self._pieces is None or len(self._pieces) != len(bank.pieces):
            self._pieces = pa.array(bank.pieces, pa.large_string())
        matrix = np.column_stack(columns)
        count, width = matrix.shape
        flat = matrix.ravel()
        used = flat != 0
        offsets = np.zeros(count + 1, np.int64)
        np.cumsum(used.reshape(count, width).sum(1), out=offsets[1:])
        texts = self._pieces.take(pa.array(flat[used]))
        lists = pa.LargeListArray.from_arrays(pa.array(offsets), texts)
        return pc.binary_join(lists, pa.scalar("", pa.large_string()))

    def columns(self, rows: Columns) -> dict[str, Any]:
        """Return every canonical column that the simulator knows, in canonical order."""
        return {
            **self._identity(rows), **self._client(rows), **self._request(rows),
            **self._usage(rows), **self._text(rows), **self._rest(rows),
        }  # fmt: skip

    def _identity(self, rows: Columns) -> dict[str, Any]:
        """Times, identifiers and models."""
        time = pa.timestamp("us", tz="UTC")
        start = rows["time"] + self._offset
        accounts = pa.array(rows["account"])
        talk = self.strands["multi_turn"][rows["strand"]]
        conversation = hexadecimal(rows["conversation"], "conv_")
        users = hexadecimal(
            field((rows["account"] * 65_537 + rows["end_user"]).astype(np.uint64), 5), "eu_"
        )
        keys = field((rows["account"] * 4_099 + rows["key_place"]).astype(np.uint64), 6)
        models = pa.array(MODELS, pa.string()).take(pa.array(rows["model"]))
        blank = pa.nulls(rows.rows, pa.string())
        identifiers = field(rows["time"].astype(np.uint64), 3) ^ field(rows["key"], 4)
        return {
            "time_start": pa.array(start, pa.int64()).cast(time),
            "time_end": pa.array(start + rows["latency"], pa.int64()).cast(time),
            "request_id": hexadecimal(
                field(identifiers ^ rows["strand"].astype(np.uint64), 7), "req_"
            ),
            "conversation_id": pc.if_else(pa.array(talk), conversation, blank),
            "operation": pa.array(np.full(rows.rows, "chat", object), pa.string()),
            "provider": pa.array(np.full(rows.rows, "aurora", object), pa.string()),
            "request_model": models,
            "response_model": models,
            "account_id": self._accounts.take(accounts),
            "org_id": self._orgs.take(accounts),
            "team_id": self._teams.take(accounts),
            "key_id": hexadecimal(keys, "key_"),
            "end_user_id": pc.if_else(pa.array(rows["end_user"] >= 0), users, blank),
        }

    def _client(self, rows: Columns) -> dict[str, Any]:
        """Address and client software."""
        address = rows["address"]
        ranges = self._ranges[address]
        clients = pa.array(rows["client"])
        return {
            "client_address": dotted(self._numbers[address]),
            "asn": pa.array(self._systems[ranges], pa.int32()),
            "country": self._countries.take(pa.array(ranges)),
            **{
                name: pa.array([getattr(c, field_name) for c in self._clients], pa.string()).take(
                    clients
                )
                for name, field_name in (
                    ("user_agent", "user_agent"),
                    ("header_order", "header_order"),
                    ("tls_ja4", "tls_ja4"),
                )
            },
        }

    def _request(self, rows: Columns) -> dict[str, Any]:
        """Parameters of the request."""
        of = {name: column[rows["strand"]] for name, column in self.strands.items()}
        flags = {
            name: nullable(of[name] == 1, pa.bool_(), of[name] < 0)
            for name in ("stream", "logprobs")
        }
        return {
            "temperature": nullable(of["temperature"], pa.float64(), np.isnan(of["temperature"])),
            "top_p": nullable(of["top_p"], pa.float64(), np.isnan(of["top_p"])),
            "max_tokens": nullable(of["max_tokens"], pa.int32(), of["max_tokens"] == 0),
            "n": nullable(of["choices"], pa.int32(), of["choices"] == 0),
            "seed": nullable(rows["seed"], pa.int64(), rows["seed"] < 0),
            **flags,
            "tool_count": pa.array(of["tools"], pa.int32()),
            "image_count": pa.array(rows["images"], pa.int32()),
            "message_count": pa.array(rows["message_count"], pa.int32()),
        }

    def _usage(self, rows: Columns) -> dict[str, Any]:
        """Tokens and outcome."""
        failed = rows["status"] >= 400
        reason = np.where(rows["cut"], 1, 0)
        outcome = pa.array(["stop", "length"], pa.string()).take(pa.array(reason))
        errors = {429: "rate_limit_error", 400: "invalid_request_error", 529: "overloaded_error"}
        kinds = [errors.get(code, "api_error") for code in rows["status"][failed]]
        error = np.full(rows.rows, None, object)
        error[failed] = kinds
        return {
            **{
                name: pa.array(rows[name], pa.int64())
                for name in (
                    "input_tokens",
                    "output_tokens",
                    "cache_read_tokens",
                    "reasoning_tokens",
                )
            },
            "finish_reason": pc.if_else(pa.array(failed), pa.scalar(None, pa.string()), outcome),
            "error_type": pa.array(error, pa.string()),
            "status_code": pa.array(rows["status"], pa.int32()),
        }

    def _text(self, rows: Columns) -> dict[str, Any]:
        """Prompts and answers, unless the plan leaves them out."""
        if not self.world.plan.text:
            return {}
        blank = pa.scalar(None, pa.large_string())
        system = self.join([rows["system"]])
        answer = self.join(content.answers(self.world, rows))
        return {
            "system_text": pc.if_else(pa.array(rows["system"] > 0), system, blank),
            "input_text": self.join([rows["head"], rows["body"], rows["tail"]]),
            "output_text": pc.if_else(pa.array(rows["status"] < 400), answer, blank),
        }

    def _rest(self, rows: Columns) -> dict[str, Any]:
        """History hash and cost."""
        history = hexadecimal(field(rows["conversation"] + rows["turn"].astype(np.uint64), 8), "")
        price = PRICE_PER_TOKEN[rows["model"]]
        cost = rows["input_tokens"] * price[:, 0] + rows["output_tokens"] * price[:, 1]
        later = pa.array((rows["turn"] > 0) & (rows["message_count"] > 2))
        return {
            "history_hash": pc.if_else(later, history, pa.scalar(None, pa.string())),
            "cost_usd": pa.array(np.round(cost, 8), pa.float64()),
        }
