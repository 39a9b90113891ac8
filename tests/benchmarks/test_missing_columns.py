"""Every subset of columns: the file lacks them, and the scan says what is off."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
from benchmarks.labelled_logs import knows
from benchmarks.missing_columns import SUBSETS, SUBSETS_BY_NAME, Subset
from benchmarks.plans import PLANS
from benchmarks.results_file import RESULTS_FOLDER, read_rows
from benchmarks.world_columns import drop_columns
from benchmarks.world_files import write_world
from benchmarks.world_records import (
    LOAD_BALANCER_ADDRESS,
    Variant,
    World,
    WorldAccount,
    WorldExchange,
)

from cautery.ingest.account_table import read_account_table
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.records.case import Case
from cautery.records.progress import SilentProgress
from cautery.registry import LINKS, SIGNALS
from cautery.report.screen import Outcome, screen_lines
from cautery.report.style import Style
from cautery.scan.run import ScanOptions, scan

DAY = 86_400.0

LACKING = {
    "text": {"template link", "item_disjointness", "repeated_templates", "rubric_grading"},
    "address": {"address link", "network link", "shared_address", "shared_network"},
    "account_table": {"payment link", "sign_up_cohort link", "replacement", "verified_identity"},
    "payment": {"payment link", "shared_payment", "payer_spread"},
    "client_headers": {"device link", "identity_incoherence"},
}
"""What a scan must name as off, by what the log lacks."""


def small_world() -> World:
    """Sixty accounts, ten of which share a card, an exit and a list of requests."""
    world = World(name="small", plan={})
    for number in range(60):
        together = number < 10
        name = f"acct-{number:02}"
        world.accounts.append(
            WorldAccount(
                account_id=name,
                created_at=1_780_000_000.0 - DAY * (3 if together else 30 + number),
                email_domain="mail.example",
                payment_fingerprint="card-0" if together else f"card-{number}",
                attacker=together,
                campaign_id="C" if together else "",
                operator_id="O" if together else "",
            )
        )
        for step in range(12):
            world.exchanges.append(
                WorldExchange(
                    time_start=1_780_000_000.0 + DAY * step + 600.0 * number,
                    account_id=name,
                    input_text=f"Score the following answer by the rubric: item {number}-{step}"
                    if together
                    else f"how do I do thing {number} on day {step}, please?",
                    system_text="You are a careful grader." if together else "",
                    output_text="Seven of ten.",
                    client_address="203.0.113.7" if together else f"198.51.{number}.9",
                    user_agent="python-httpx/0.27",
                    header_order="host,user-agent",
                    max_tokens=512,
                )
            )
    return world


@pytest.fixture(scope="module")
def case_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Subset], Case]:
    """Scan the small world as each kind of log would show it; each once."""
    world = small_world()

    @cache
    def scanned(subset: Subset) -> Case:
        folder = tmp_path_factory.mktemp(subset.name)
        log = write_world(deepcopy(world), folder, subset.log_format, subset.variant)
        drop_columns(folder, subset.log_format, subset.variant)
        work = folder / "work"
        work.mkdir()
        table = read_logs(IngestOptions(logs=(str(log),)), work, SilentProgress())
        path = folder / "accounts.csv"
        accounts = read_account_table(path) if path.is_file() else None
        return scan(table, accounts, None, ScanOptions(), SilentProgress())

    return scanned


def header_of(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as stream:
        return next(csv.reader(stream))


def lacking(subset: Subset) -> set[str]:
    """Names of links and signals that the subset cannot feed, by what it leaves out."""
    variant = subset.variant
    gone = {
        "text": not variant.text,
        "address": not variant.address or variant.load_balancer,
        "account_table": not variant.account_table,
        "payment": not variant.payment or not variant.account_table,
        "client_headers": not variant.client_headers,
    }
    return set().union(*(LACKING[name] for name, is_gone in gone.items() if is_gone))


@pytest.mark.parametrize("subset", SUBSETS, ids=lambda subset: subset.name)
def test_a_poorer_log_says_what_is_off_and_how_to_bring_it_back(
    subset: Subset, case_of: Callable[[Subset], Case]
) -> None:
    """Every link and signal is used or named as missing, with its columns and a remedy."""
    case = case_of(subset)
    missing = {row.name: row for row in case.signals.missing}
    assert lacking(subset) <= set(missing)
    assert all(row.needs and row.fix for row in missing.values())
    known = {f"{name} link" for name in LINKS.names()} | set(SIGNALS.names())
    used = set(case.signals.used)
    assert known <= set(missing) | used | {f"{name} link" for name in used}
    assert not {name.removesuffix(" link") for name in missing} & used


@pytest.mark.parametrize("subset", SUBSETS, ids=lambda subset: subset.name)
def test_the_screen_names_everything_that_is_off(
    subset: Subset, case_of: Callable[[Subset], Case]
) -> None:
    """The report for people lists the same names, and says that absent is not clean."""
    case = case_of(subset)
    text = " ".join(
        " ".join(screen_lines(case, Style(width=100), Outcome(everything=True))).split()
    )
    for row in case.signals.missing:
        assert row.name in text
    if not case.campaigns:
        assert "absent is not clean" in text


@pytest.mark.parametrize("subset", SUBSETS, ids=lambda subset: subset.name)
def test_coverage_agrees_with_the_file(subset: Subset, case_of: Callable[[Subset], Case]) -> None:
    """What was taken out has no share, what was left has one."""
    shares = {row.column: row.share for row in case_of(subset).input.coverage}
    variant = subset.variant
    assert (shares["input_text"] > 0) is variant.text
    assert (shares["client_address"] > 0) is (variant.address or variant.load_balancer)
    assert (shares["user_agent"] > 0) is variant.client_headers
    assert shares["account_id"] == 1.0
    balanced = any("load balancer" in note for note in case_of(subset).notes)
    assert balanced is variant.load_balancer


@pytest.mark.parametrize("subset", SUBSETS, ids=lambda subset: subset.name)
def test_the_price_of_what_is_missing_is_said(
    subset: Subset, case_of: Callable[[Subset], Case]
) -> None:
    """Prompts, addresses, payments and the account table each have a note where they lack."""
    notes, variant = " ".join(case_of(subset).notes), subset.variant
    address = variant.address and not variant.load_balancer
    payment = variant.account_table and variant.payment
    assert ("no prompt text" in notes) is not variant.text
    cleared = variant.account_table and (address or payment)
    assert ("no finding passes `watch`" in notes) is not cleared
    assert ("payments are not known" in notes) is (cleared and not payment)
    assert ("client addresses are not known. A finding" in notes) is (payment and not address)
    assert ("no account table" in notes) is not variant.account_table


def test_a_verdict_never_passes_watch_without_any_infrastructure(
    case_of: Callable[[Subset], Case],
) -> None:
    """With prompts alone nothing but behaviour joins accounts: no group is likely."""
    for name in ("bodies-only", "metadata-only", "litellm-default-alone"):
        bands = {account.band for account in case_of(SUBSETS_BY_NAME[name]).accounts}
        assert bands <= {"", "watch"}


@pytest.mark.parametrize("log_format", ["canonical", "litellm-spend-logs", "otlp-json"])
def test_columns_are_taken_out_of_every_format(tmp_path: Path, log_format: str) -> None:
    """No client address and no user agent is left in the file; every prompt still is."""
    whole = write_world(small_world(), tmp_path / "whole", log_format)
    path = write_world(small_world(), tmp_path / "poor", log_format)
    drop_columns(tmp_path / "poor", log_format, Variant(address=False, client_headers=False))
    texts = [gzip.decompress(file.read_bytes()).decode() for file in (whole, path)]
    assert "203.0.113.7" in texts[0]
    assert "203.0.113.7" not in texts[1]
    assert "python-httpx" not in texts[1]
    assert texts[0].count("\n") == texts[1].count("\n")
    assert texts[1].count("by the rubric") == texts[0].count("by the rubric")


def test_parquet_keeps_its_columns_and_loses_their_values(tmp_path: Path) -> None:
    """A simulated log behind a load balancer: one address, no country, the rest untouched."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = {
        "account_id": ["a", "b"],
        "client_address": ["203.0.113.1", "203.0.113.2"],
        "asn": pa.array([1, 2], pa.int32()),
        "country": ["DE", "FR"],
        "user_agent": ["one", "two"],
        "header_order": ["x", "y"],
        "tls_ja4": ["t", "t"],
    }
    pq.write_table(pa.table(rows), tmp_path / "exchanges.parquet")
    drop_columns(tmp_path, "canonical", Variant(load_balancer=True))
    found = pq.read_table(tmp_path / "exchanges.parquet")
    assert found["client_address"].to_pylist() == [LOAD_BALANCER_ADDRESS] * 2
    assert found["country"].null_count == found["asn"].null_count == 2
    assert found["user_agent"].to_pylist() == ["one", "two"]
    assert found.schema == pa.table(rows).schema


def test_an_account_table_without_payment_keeps_the_rest(tmp_path: Path) -> None:
    """Only the payment column goes."""
    write_world(small_world(), tmp_path)
    before = header_of(tmp_path / "accounts.csv")
    drop_columns(tmp_path, "canonical", Variant(payment=False))
    after = header_of(tmp_path / "accounts.csv")
    assert [name for name in before if name != "payment_fingerprint"] == after
    assert "payment_fingerprint" in before


def test_a_format_that_cannot_be_trimmed_says_so(tmp_path: Path) -> None:
    """An unknown format is refused rather than left as it is."""
    (tmp_path / "exchanges.jsonl").write_text(json.dumps({}) + "\n")
    with pytest.raises(ValueError, match="no column of strange"):
        drop_columns(tmp_path, "strange", Variant(address=False))


def test_plans_ask_only_for_what_a_world_knows() -> None:
    """Every measurement of every plan can be made, and none is there twice."""
    for plan in PLANS.values():
        measurements = plan()
        assert all(knows(request) for request, _ in measurements)
        keys = [(r.world, r.tier, r.seed, r.log_format, name) for r, name in measurements]
        assert len(set(keys)) == len(keys)


def test_the_second_world_is_planned_for_every_subset() -> None:
    """Each subset has measurements of both worlds and all tiers in the plan."""
    planned = {(r.world, name) for r, name in PLANS["missing-columns"]()}
    for world in ("simulate", "alternate_world"):
        assert {name for found, name in planned if found == world} == set(SUBSETS_BY_NAME)


def test_committed_rows_name_what_was_off() -> None:
    """The measured rows say the same as the small log: the documented list is the scan's own."""
    rows = read_rows(RESULTS_FOLDER / "missing-columns.jsonl")
    assert rows
    for row in rows:
        assert lacking(SUBSETS_BY_NAME[row["variant"]]) <= set(row["missing"])
