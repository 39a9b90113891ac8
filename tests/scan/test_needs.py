"""A scan stores what it reads, no less and no column that nobody knows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.scan.conftest import ScanLog
from tests.scan.scanning import attacked, listed_groups, rendered, scanned
from tests.scan.small_logs import Row, SmallLog, ingested, moment
from tests.scan.worlds import DAY, HOUR, ordinary, planted

from cautery.ingest.keys import STYLE_COLUMNS
from cautery.ingest.schema import SCAN_SCHEMA
from cautery.records.exchange import KEY_COLUMNS, TEXT_COLUMNS
from cautery.registry import LINKS, SIGNALS
from cautery.scan.needs import SCAN_COLUMNS

KEYS_OF = {
    "client_address": "address_key",
    "client_network": "network_key",
    "tls_ja4": "device_key",
    "account_id": "account_key",
} | dict.fromkeys(STYLE_COLUMNS, "style_key")
"""Keys that say of a column all that a scan asks of it."""
ELSEWHERE = ("accounts.", "releases")
"""Begins of what does not come from the exchange table."""


@pytest.mark.parametrize(
    "name", [*(f"link {name}" for name in LINKS.names()), *(f"signal {n}" for n in SIGNALS.names())]
)
def test_every_need_is_stored(name: str) -> None:
    """What a link or a signal needs of the exchanges is stored, itself or as its key."""
    kind, _, member = name.partition(" ")
    needs = (LINKS if kind == "link" else SIGNALS).load(member).needs
    for need in needs:
        if need.startswith(ELSEWHERE):
            continue
        column = "org_id" if need == "organisation" else need
        assert column in SCAN_SCHEMA.names
        assert SCAN_COLUMNS & {column, KEYS_OF.get(column, column)}


def test_only_known_columns_are_stored() -> None:
    """Every column that is asked for exists, every key is, and of all texts only prompts are."""
    assert set(SCAN_SCHEMA.names) >= SCAN_COLUMNS
    assert {column.name for column in KEY_COLUMNS} <= SCAN_COLUMNS
    assert set(TEXT_COLUMNS) & SCAN_COLUMNS == {"input_text"}


def _telling(number: int, turn: int) -> Row:
    generator = np.random.default_rng([51, number, turn])
    return {
        "system_text": f"You are assistant number {number % 7} of this house, be kind",
        "header_order": f"host,agent-{number % 5},accept",
        "org_id": f"org-{number % 11}" if number % 6 == 0 else None,
        "request_model": "served-2" if turn > 4 else "served-1",
        "tool_count": int(generator.integers(3)),
        "reasoning_tokens": int(generator.integers(200)),
        "top_p": 0.9 if number % 3 else None,
        "stream": bool(number % 2),
        "country": "NL",
        "output_text": "It is so.",
    }


def _about(number: int) -> Row:
    return {
        "closed_at": moment(5 * DAY) if number % 4 == 0 else None,
        "verification": ("none", "email", "document")[number % 3],
        "referral": f"code-{number % 6}",
    }


def telling() -> SmallLog:
    """Make strangers and a planted group that show every column which a scan may read."""
    release = {"model": "served-2", "released_at": moment(3 * DAY + 5 * HOUR)}
    strangers = ordinary(60, columns=_telling, account_columns=_about)
    members = planted(16, accounts_per_address=4, columns=_telling, account_columns=_about)
    return strangers + members + SmallLog(releases=(release,))


WORLDS = {
    "telling": telling(),
    "attacked": attacked(60, 16),
    "one address": ordinary(30, columns=lambda _n, _t: {"client_address": "203.0.113.7"}),
    "no text": attacked(40, 12).without("input_text"),
}


@pytest.mark.parametrize("world", WORLDS)
def test_what_is_stored_is_enough(tmp_path: Path, scan_log: ScanLog, world: str) -> None:
    """A log of which only these columns are stored gives the same case to the last byte."""
    log = WORLDS[world]
    whole = scan_log(log)
    folder = tmp_path / "narrow"
    narrow = ingested(folder, log, columns=SCAN_COLUMNS, sample_text=True)
    assert rendered(scanned(folder, log, table=narrow)) == rendered(whole)
    assert bool(listed_groups(whole)) is (world in {"telling", "attacked"})
