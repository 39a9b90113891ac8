"""The scan: a planted campaign is found and honest logs accuse nobody, to the last bit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.scan.conftest import ScanLog
from tests.scan.grouping import cards_of_two, crowd
from tests.scan.scanning import (
    accused,
    attacked,
    check_sums,
    listed_groups,
    renamed,
    rendered,
    scanned,
)
from tests.scan.small_logs import (
    HOSTILE,
    Row,
    SmallLog,
    exchange,
    exchanges_of,
    ingested,
    moment,
)
from tests.scan.worlds import TEMPLATES, made_up_words, ordinary, planted

from cautery.errors import NoInputError
from cautery.records.campaign import band_of
from cautery.records.case import CASE_SCHEMA, Case
from cautery.registry import LINKS, SIGNALS
from cautery.scan.evidence import WEIGHTS_VERSION
from cautery.scan.run import ScanOptions
from cautery.scan.verdicts import WATCH

SURE = {"likely", "very likely"}
"""Bands that accuse."""


def test_planted_campaign_is_found(attacked_case: Case) -> None:
    """One campaign is listed, with all accounts of the planted group and nobody else's."""
    (campaign,) = attacked_case.campaigns
    assert campaign.band in SURE
    assert accused(attacked_case) == {f"planted-{number:03d}" for number in range(28)}
    assert campaign.exchanges == 28 * 8
    assert [one.campaign_ids for one in attacked_case.operators] == [(campaign.campaign_id,)]


def test_nothing_went_in(tmp_path: Path) -> None:
    """Of no exchange nothing can be said: an error, with what the reading noted."""
    table = ingested(tmp_path / "log", exchanges_of("user_agent", {"one": ["curl"]}))
    empty = replace(table, rows=0, notes=("note: 1 exchanges outside the period left out.",))
    with pytest.raises(NoInputError, match=r"hold no exchange.*1 exchanges outside the period"):
        scanned(tmp_path / "scan", SmallLog(), table=empty)


def test_three_verdicts(attacked_case: Case) -> None:
    """Same operator, distillation-like and permitted are told apart, each with its chance."""
    (campaign,) = attacked_case.campaigns
    assert campaign.linked_probability > WATCH
    assert campaign.distillation_probability > WATCH
    assert not campaign.permitted
    assert attacked_case.permitted_groups == ()


def test_sums(attacked_case: Case) -> None:
    """Prior and rows add up to the printed chance, for the campaign and for each member."""
    assert listed_groups(attacked_case)
    check_sums(attacked_case)


def test_what_went_in(attacked_case: Case) -> None:
    """The case says who made it, from how many exchanges, and which signals it could use."""
    assert (attacked_case.schema, attacked_case.tool.weights_version) == (
        CASE_SCHEMA,
        WEIGHTS_VERSION,
    )
    summary = attacked_case.input
    assert (summary.exchanges, summary.accounts, summary.account_table_rows) == (864, 108, 108)
    assert summary.from_time < summary.to_time
    used, missing = (
        set(attacked_case.signals.used),
        {row.name.removesuffix(" link") for row in attacked_case.signals.missing},
    )
    assert used | missing == {*SIGNALS.names(), *LINKS.names()}
    assert not used & missing
    assert all(row.fix and row.needs for row in attacked_case.signals.missing)


def test_every_signal_has_a_row(attacked_case: Case) -> None:
    """No signal is left out of the waterfall: one that the log cannot feed is there and says so."""
    (campaign,) = attacked_case.campaigns
    rows = {row.signal: row for row in campaign.weights}
    assert set(SIGNALS.names()) <= set(rows)
    absent = {row.name for row in attacked_case.signals.missing} & set(SIGNALS.names())
    assert absent == {name for name in SIGNALS.names() if not rows[name].available}
    assert all(rows[name].bits == 0.0 for name in absent)


def office() -> SmallLog:
    """Make strangers, and forty people in conversation behind one address."""
    here: Row = {"client_address": "203.0.113.9"}
    return ordinary(80) + ordinary(40, name="office", block=3, columns=lambda _n, _t: here)


def course() -> SmallLog:
    """Make strangers, and a class that sends the same exercises to the served model."""
    tasks = [TEMPLATES[0].format(made_up_words(_generator(turn), 9)) for turn in range(8)]
    pupils = ordinary(
        30, name="pupil", block=3, columns=lambda _n, turn: {"input_text": tasks[turn]}
    )
    return ordinary(100) + pupils


def firm() -> SmallLog:
    """Make strangers, and a firm that says who it is and runs a pipeline under many accounts."""
    return ordinary(100) + planted(
        30,
        name="firm",
        accounts_per_card=30,
        accounts_per_address=30,
        account_columns=lambda _n: {"org_id": "acme", "email_domain": "acme.example"},
    )


def _generator(seed: int) -> np.random.Generator:
    return np.random.default_rng([15, seed])


@pytest.mark.parametrize(
    "log",
    [ordinary(120), crowd(account_columns=cards_of_two), office(), course(), firm()],
    ids=["strangers", "popular app", "office", "class", "firm"],
)
def test_no_attack(scan_log: ScanLog, log: SmallLog) -> None:
    """A log without an attack has nothing at likely, and nobody in a band above watch."""
    case = scan_log(log)
    check_sums(case)
    assert not [one.campaign_id for one in case.campaigns if one.band in SURE]
    assert not [row.account_id for row in case.accounts if row.band in SURE]
    assert len(case.accounts) == len({row["account_id"] for row in log.exchanges})


@pytest.mark.parametrize(
    "log",
    [
        SmallLog(exchanges=(exchange("a"),)),
        exchanges_of("input_text", {"a": ["x y z u v w"] * 9}),
        exchanges_of("client_address", {"a": ["192.0.2.1"], "b": ["192.0.2.1"]}),
        SmallLog(
            exchanges=(exchange("a"),),
            accounts=({"account_id": "z"},),
            releases=({"model": "m", "released_at": moment(0)},),
        ),
    ],
)
def test_tiny_logs(scan_log: ScanLog, log: SmallLog) -> None:
    """One account, or one exchange, is a log like others: nobody is linked, nobody accused."""
    case = scan_log(log)
    assert (case.campaigns, case.permitted_groups, case.near_misses) == ((), (), ())
    assert [(row.probability, row.band) for row in case.accounts] == [(0.0, "")] * len(
        case.accounts
    )
    assert case.input.from_time <= case.input.to_time


def hostile_log() -> SmallLog:
    """Make a planted log in which every text of members and of some strangers is hostile."""
    log = attacked()
    ids = sorted({row["account_id"] for row in log.exchanges})
    names = {name: f"{HOSTILE[place % len(HOSTILE)]}{place}" for place, name in enumerate(ids)}
    texts: Row = {"org_id": "", "key_id": HOSTILE[4], "user_agent": HOSTILE[2]}
    rows = tuple(
        row
        | texts
        | {"input_text": f"{HOSTILE[place % 5]} {row['input_text']} {HOSTILE[place % 7]}"}
        for place, row in enumerate(log.exchanges)
    )
    accounts = tuple(
        row
        | {"payment_fingerprint": HOSTILE[5] + row["payment_fingerprint"], "referral": HOSTILE[3]}
        for row in log.accounts
    )
    return renamed(replace(log, exchanges=rows, accounts=accounts), names)


def test_hostile_ids_and_texts(scan_log: ScanLog) -> None:
    """Ids and texts of any kind stay what they are, and hide no campaign."""
    log = hostile_log()
    case = scan_log(log)
    check_sums(case)
    assert {row.account_id for row in case.accounts} == {row["account_id"] for row in log.exchanges}
    assert len(accused(case)) >= 20
    assert json.loads(rendered(case))


def test_near_misses(scan_log: ScanLog) -> None:
    """Groups that were looked at are told; small ones only if the caller wants all."""
    shared = ordinary(
        24,
        name="family",
        block=3,
        account_columns=lambda number: {"payment_fingerprint": f"card-{number // 4}"},
    )
    log = ordinary(40) + shared
    few, every = scan_log(log), scan_log(log, options=ScanOptions(all_near_misses=True))
    assert few.campaigns == every.campaigns == ()
    assert few.near_misses == ()
    assert [miss.accounts for miss in every.near_misses] == [4] * 6
    assert all(miss.reason and band_of(miss.score / 100) == "" for miss in every.near_misses)


def test_work_folder(tmp_path: Path, attacked_case: Case) -> None:
    """A folder for what does not fit into memory changes nothing in the case."""
    options = ScanOptions(work_folder=tmp_path / "work")
    case = scanned(tmp_path / "log", attacked(), options=options)
    assert rendered(case) == rendered(attacked_case)
