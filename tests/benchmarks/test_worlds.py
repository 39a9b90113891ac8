"""The independent worlds: the same seed gives the same log, and the truth matches it."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from benchmarks.alternate_world import SHAPES, make_alternate_world
from benchmarks.recorded_material import DATA_FOLDER, HARVESTERS, Material, with_item
from benchmarks.recorded_pools import PoolPlan, make_recorded_pools
from benchmarks.world_files import write_world
from benchmarks.world_formats import LOG_WRITERS
from benchmarks.world_records import LOAD_BALANCER_ADDRESS, Variant, World

from cautery.records.account import ACCOUNT_COLUMNS
from cautery.records.exchange import EXCHANGE_COLUMNS
from cautery.simulate.score_tables import read_true_accounts, read_true_exchanges

needs_recordings = pytest.mark.skipif(
    not (DATA_FOLDER / "recordings").is_dir(),
    reason="the data pack beside the repository (../shared/data) is not there",
)
SMALL_POOLS = PoolPlan(seed=5, accounts=(4, 6), exchanges=(8, 12), ordinary=20)


def small_alternate(seed: int) -> World:
    """Two campaigns and thirty people over five days."""
    return make_alternate_world("hydra", seed, ordinary=30, look_alikes=False, days=5)


def lines_of(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


@pytest.fixture(scope="module")
def alternate() -> World:
    """The beginning of a small alternate world with two campaigns."""
    return small_alternate(3)


@pytest.fixture(scope="module")
def recorded() -> World:
    """A small world of recorded pools."""
    return make_recorded_pools(SMALL_POOLS)


def test_the_alternate_world_is_the_same_byte_for_byte(tmp_path: Path, alternate: World) -> None:
    """Two builds of one tier and seed are one file."""
    first = write_world(alternate, tmp_path / "a")
    second = write_world(small_alternate(3), tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()


def test_another_seed_is_another_log(alternate: World) -> None:
    """The seed is used."""
    other = small_alternate(4)
    assert [e.input_text for e in other.exchanges[:9]] != [
        e.input_text for e in alternate.exchanges[:9]
    ]


@pytest.mark.slow
def test_the_alternate_world_has_every_class_and_enough_of_each() -> None:
    """At least twenty accounts a look-alike class, as detection.md asks; no attacker in none."""
    world = make_alternate_world("none", 1, ordinary=30, days=7)
    classes = Counter(a.account_class for a in world.accounts if not a.attacker)
    assert not any(e.harvest for e in world.exchanges)
    assert sum(classes.values()) == len(world.accounts)
    assert len(classes) >= 17
    assert min(classes.values()) >= 20


@pytest.mark.slow
@pytest.mark.parametrize("tier", sorted(SHAPES))
def test_campaigns_have_the_size_of_their_shape(tier: str) -> None:
    """Every campaign lies within the bounds that the tier states."""
    world = make_alternate_world(tier, 1, ordinary=0, look_alikes=False, days=3)
    sizes = Counter(a.campaign_id for a in world.accounts if a.attacker)
    fewest, most = SHAPES[tier].accounts
    assert len(sizes) == SHAPES[tier].campaigns
    assert all(fewest <= size <= most for size in sizes.values())


def test_two_operators_share_no_template_card_or_exit(alternate: World) -> None:
    """Two campaigns of the world are two: nothing joins them but chance."""
    campaigns = {a.account_id: a.campaign_id for a in alternate.accounts if a.attacker}
    assert len(set(campaigns.values())) == 2
    shared: dict[str, set[str]] = {}
    for account in alternate.accounts:
        if account.attacker and account.payment_fingerprint:
            shared.setdefault(account.payment_fingerprint, set()).add(account.campaign_id)
    for exchange in alternate.exchanges:
        if exchange.account_id in campaigns:
            campaign = campaigns[exchange.account_id]
            shared.setdefault(exchange.client_address, set()).add(campaign)
            if exchange.harvest:
                shared.setdefault(exchange.input_text[:25], set()).add(campaign)
    assert [token for token, found in shared.items() if len(found) > 1] == []


@needs_recordings
def test_recorded_pools_repeat_no_item_within_a_pool(recorded: World) -> None:
    """A pool works through one list: no request twice."""
    campaigns = {a.account_id: a.campaign_id for a in recorded.accounts if a.attacker}
    texts: dict[str, list[str]] = {}
    for exchange in recorded.exchanges:
        if exchange.harvest:
            texts.setdefault(campaigns[exchange.account_id], []).append(exchange.input_text)
    assert sorted(texts) == [f"recorded-{name}" for name in sorted(HARVESTERS)]
    for found in texts.values():
        assert len(found) == len(set(found))


@needs_recordings
@pytest.mark.parametrize("name", ["selfinstruct", "ultrafeedback"])
def test_a_new_item_stands_in_the_recorded_template(name: str) -> None:
    """The words around the item stay as recorded; the old item is gone."""
    import random

    material = Material()
    request = material.harvester(name)[0]
    text = with_item(random.Random(1), material, name, request, "A NEW ITEM")
    assert "A NEW ITEM" in text
    assert text[:60] == request.last_turn[:60]
    assert text != request.last_turn


@needs_recordings
def test_unique_infrastructure_shares_no_card_and_no_address() -> None:
    """The variant without shared things really has none."""
    from dataclasses import replace

    world = make_recorded_pools(replace(SMALL_POOLS, shared_infrastructure=False))
    attackers = {a.account_id: a.payment_fingerprint for a in world.accounts if a.attacker}
    homes: dict[str, set[str]] = {}
    for exchange in world.exchanges:
        if exchange.account_id in attackers:
            homes.setdefault(exchange.client_address, set()).add(exchange.account_id)
    assert max(map(len, homes.values())) == 1
    assert len(set(attackers.values())) == len(attackers)


@pytest.mark.parametrize("log_format", sorted(LOG_WRITERS))
def test_truth_and_log_agree_in_every_format(
    tmp_path: Path, alternate: World, log_format: str
) -> None:
    """As many lines as true exchanges, and every account that acts is in the truth."""
    path = write_world(alternate, tmp_path, log_format)
    true = read_true_accounts(tmp_path)
    exchanges = list(read_true_exchanges(tmp_path))
    assert len(lines_of(path)) == len(exchanges) == len(alternate.exchanges)
    assert {exchange.account_id for exchange in exchanges} <= set(true)
    honest = {a.account_id for a in true.values() if not a.attacker}
    assert not any(e.harvest for e in exchanges if e.account_id in honest)


def test_canonical_lines_use_the_contract_columns(tmp_path: Path, alternate: World) -> None:
    """No key is made up, and the account table has the contract's header."""
    known = {column.name for column in EXCHANGE_COLUMNS}
    for line in lines_of(write_world(alternate, tmp_path))[:200]:
        assert set(line) <= known
    with (tmp_path / "accounts.csv").open(encoding="utf-8") as stream:
        header = next(csv.reader(stream))
    assert header == [column.name for column in ACCOUNT_COLUMNS]


def test_variants_leave_out_what_they_say(tmp_path: Path, alternate: World) -> None:
    """No text, no account table, one address."""
    variant = Variant(account_table=False, text=False, load_balancer=True)
    lines = lines_of(write_world(deepcopy(alternate), tmp_path, "canonical", variant))
    assert not any("input_text" in line or "output_text" in line for line in lines)
    assert {line["client_address"] for line in lines} == {LOAD_BALANCER_ADDRESS}
    assert not (tmp_path / "accounts.csv").exists()
