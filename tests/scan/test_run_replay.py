"""Accounts that replay each other's reasoning, as archived bodies tell it, are one pool."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.scan.replay_worlds import signed
from tests.scan.scanning import check_sums, row_of, scanned
from tests.scan.small_logs import NOW, Row, SmallLog
from tests.scan.worlds import ByAccount, ordinary, planted

from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.ingest.table import ExchangeTable
from cautery.records.campaign import Campaign
from cautery.records.case import Case
from cautery.records.progress import SilentProgress

POOL, STRANGERS = 12, 200
NAME = "signature_replay"
_WRAPPER = ("account_id", "client_address", "user_agent", "tls_ja4", "org_id", "request_id")


def body_of(row: Row) -> dict[str, Any]:
    """Write one exchange as an archived pair of the Messages API."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": row["input_text"]}]
    if "carried_signatures" in row:
        earlier = {"role": "user", "content": "What was it that I asked before?"}
        thought = [_thought(number) for number in row["carried_signatures"]]
        messages = [earlier, {"role": "assistant", "content": thought}, *messages]
    issued = [_thought(number) for number in row.get("issued_signatures", [])]
    return {name: row[name] for name in _WRAPPER if name in row} | {
        "timestamp": row["time_start"],
        "path": "/v1/messages",
        "request": {
            "model": row["request_model"],
            "max_tokens": row["max_tokens"],
            "temperature": row["temperature"],
            "messages": messages,
        },
        "response": {
            "type": "message",
            "role": "assistant",
            "stop_reason": "end_turn",
            "content": [*issued, {"type": "text", "text": "That is how it is."}],
            "usage": {"input_tokens": 40, "output_tokens": row["output_tokens"]},
        },
    }


def _thought(number: int) -> dict[str, str]:
    signature = f"EqQBCkgIChABGAIiQ{number % 2**64:064x}"
    return {"type": "thinking", "thinking": "Let me see.", "signature": signature}


def bodies(folder: Path, log: SmallLog) -> ExchangeTable:
    """Write a log as archived bodies and read it."""
    (folder / "parts").mkdir(parents=True)
    path = folder / "pairs.jsonl"
    path.write_text("".join(json.dumps(body_of(row)) + "\n" for row in log.exchanges))
    options = IngestOptions(logs=(str(path),), format="anthropic-bodies", now=NOW)
    return read_logs(options, folder / "parts", SilentProgress())


def world(*, replayed: bool, account_columns: ByAccount = lambda _number: {}) -> SmallLog:
    """Make strangers, and a pool of which each account has a card and an address of its own."""
    pool = planted(
        POOL,
        exchanges=24,
        account_columns=lambda number: (
            {"payment_fingerprint": f"own-{number}"} | account_columns(number)
        ),
    )
    name = "planted" if replayed else ""
    return signed(ordinary(STRANGERS) + pool, pool=name, every=4, afresh="planted")


def scanned_bodies(folder: Path, log: SmallLog) -> Case:
    """Scan a log by way of archived bodies."""
    return scanned(folder, log, table=bodies(folder, log))


@pytest.fixture(scope="module", name="replaying")
def _replaying(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return scanned_bodies(tmp_path_factory.mktemp("replaying") / "log", world(replayed=True))


@pytest.fixture(scope="module", name="apart")
def _apart(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return scanned_bodies(tmp_path_factory.mktemp("apart") / "log", world(replayed=False))


def bands_of(groups: tuple[Campaign, ...]) -> set[str]:
    """Bands of the members of some groups."""
    return {member.band for group in groups for member in group.members}


def test_the_pool_is_linked_with_that_reason(replaying: Case) -> None:
    """All twelve stand in one campaign, and each of them is linked to others by signatures."""
    (campaign,) = replaying.campaigns
    check_sums(replaying)
    assert {member.account_id[:7] for member in campaign.members} == {"planted"}
    assert len(campaign.members) == POOL
    for member in campaign.members:
        assert member.links[0].link == "signature"
        assert "reasoning that the model gave to one account only" in member.links[0].reason
        assert row_of(member.weights, "signature").bits > 0
    assert row_of(campaign.weights, NAME).bits > 0
    assert campaign.band in {"likely", "very likely"}


def test_without_replays_it_is_judged_more_weakly(replaying: Case, apart: Case) -> None:
    """The same pool that keeps to its own conversations is not sure to be one hand."""
    (full,), (rest,) = replaying.campaigns, apart.campaigns
    assert row_of(rest.weights, NAME).bits == 0.0
    assert rest.bits < full.bits
    assert rest.linked_probability < full.linked_probability
    assert bands_of(apart.campaigns) <= {"watch", ""}


def test_nobody_else_is_named(replaying: Case) -> None:
    """The two hundred who send back their own reasoning have no band."""
    assert {row.band for row in replaying.accounts if row.account_id.startswith("ordinary")} == {""}


@pytest.mark.parametrize(
    "columns", [{"org_id": "org-1"}, {"permitted_use": "evaluation"}], ids=["one-org", "permitted"]
)
def test_an_open_gateway(tmp_path: Path, columns: Row) -> None:
    """A gateway of one declared organisation's accounts, or of permitted ones, is no finding."""
    log = world(replayed=True, account_columns=lambda _number: columns)
    case = scanned_bodies(tmp_path / "log", log)
    assert case.campaigns == ()
    assert bands_of(case.permitted_groups) <= {""}


def test_a_gateway_that_nobody_declared(tmp_path: Path) -> None:
    """Linked is not guilty: a gateway of people who ask their own questions is not listed."""
    log = signed(
        ordinary(STRANGERS) + ordinary(POOL, name="gate", block=9, exchanges=24),
        pool="gate",
        every=2,
    )
    case = scanned_bodies(tmp_path / "log", log)
    assert case.campaigns == ()
    assert POOL in {miss.accounts for miss in case.near_misses}


def test_a_log_without_signatures_says_so(tmp_path: Path) -> None:
    """Bodies of a model that signs nothing switch link and signal off, and name the column."""
    log = world(replayed=True).without("issued_signatures", "carried_signatures")
    case = scanned_bodies(tmp_path / "log", log)
    off = {row.name: row for row in case.signals.missing}
    for name in ("signature link", NAME):
        assert off[name].needs == ("carried_signatures",)
        assert "request bodies" in off[name].fix
