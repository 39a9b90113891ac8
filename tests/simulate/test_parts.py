"""The simulator's parts: text pieces, items, addresses, clients, streams, schedules."""

from __future__ import annotations

import ipaddress
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.simulate.arrivals import HOURS, read_traces, trace_day
from cautery.simulate.clients import BROWSER_ORDER, HONEST_MIX, ClientBook, families
from cautery.simulate.columns import Columns
from cautery.simulate.content import queue_keys
from cautery.simulate.groups import split_groups
from cautery.simulate.harvest import CAPABILITIES, make_templates
from cautery.simulate.network import KINDS, AddressBook, read_networks
from cautery.simulate.plan import SimulationPlan
from cautery.simulate.render import dotted, hexadecimal
from cautery.simulate.seeds import field, random_keys, stream
from cautery.simulate.text.bank import TextBank, read_sample
from cautery.simulate.text.kinds import ITEM_KINDS, build_items
from cautery.simulate.text.vocabulary import load_vocabulary
from cautery.simulate.traffic import runs
from cautery.simulate.world import World


def test_streams_depend_on_seed_and_name() -> None:
    """The same name repeats, another name or seed differs."""
    draws = [stream(*name).integers(2**60) for name in [(1, "a"), (1, "a"), (1, "b"), (2, "a")]]
    assert draws[0] == draws[1]
    assert len(set(draws)) == 3


@given(st.integers(1, 1000), st.integers(0, 10_000))
def test_queue_never_repeats_an_item(queue: int, first: int) -> None:
    """Places of a queue have keys of their own."""
    keys = queue_keys(queue, np.arange(first, first + 2000))
    assert len(set(keys.tolist())) == 2000


def test_fields_of_a_key_are_independent() -> None:
    """Two slots of the same keys are uncorrelated."""
    keys = random_keys(stream(1, "test"), 20_000)
    first, second = (field(keys, slot).astype(float) for slot in (0, 1))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03


def test_bank_keeps_one_number_a_text() -> None:
    """Adding a known text gives its number; the empty text is 0."""
    bank = TextBank()
    assert bank.add("") == 0
    assert bank.add("a") == bank.add("a") == 1
    assert bank.lengths().tolist() == [0, 1]


@pytest.mark.parametrize("name", [name for name in ITEM_KINDS if name != "empty"])
def test_items_depend_on_their_key_alone(name: str) -> None:
    """The same key gives the same text among whichever others, and most keys differ."""
    words = load_vocabulary()
    keys = random_keys(stream(1, name), 500)
    kind = np.full(500, list(ITEM_KINDS).index(name))
    domains = np.zeros(500, np.int64)
    matrix = build_items(words, kind, keys, domains)
    alone = build_items(words, kind[:1], keys[:1], domains[:1])
    assert (matrix[0] == alone[0]).all()
    texts = Counter("".join(words.bank.pieces[piece] for piece in row) for row in matrix)
    assert "" not in texts
    smallest = {"benchmark": 250, "second_benchmark": 70}.get(name, 480)
    assert len(texts) >= smallest


def test_every_capability_has_templates() -> None:
    """Composed and recorded templates have words, and two seeds do not share the composed ones."""
    texts = []
    for seed in (1, 2):
        world = World(SimulationPlan(seed=seed))
        templates = make_templates(world, world.random("test"), CAPABILITIES, 2)
        pieces = world.words.bank.pieces
        texts.append(
            [(pieces[entry.head.start] + pieces[entry.system.start]) for entry in templates]
        )
    assert all(len(text) > 20 for found in texts for text in found)
    same = [a == b for a, b in zip(*texts, strict=True)]
    assert sum(same[:5]) <= 1
    assert all(same[5:])


@pytest.mark.parametrize("kind", KINDS)
def test_addresses_are_in_their_range(kind: str) -> None:
    """A pool's addresses belong to ranges of its kind."""
    book = AddressBook()
    place = book.pool(stream(1, kind), kind, "DE", 50)
    numbers, ranges = book.addresses()
    first, size, _, _, kinds = read_networks()
    assert place == 0
    assert set(kinds[ranges]) == {kind}
    assert ((numbers > first[ranges]) & (numbers < first[ranges] + size[ranges])).all()


def test_one_network_pool_is_one_slash_24() -> None:
    """A campus pool stays inside one /24."""
    book = AddressBook()
    book.pool(stream(1, "campus"), "education", "US", 40, -1)
    numbers, _ = book.addresses()
    assert len(set((numbers >> 8).tolist())) == 1


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20))
def test_dotted_addresses(numbers: list[int]) -> None:
    """Addresses are written as the standard library writes them."""
    assert dotted(np.array(numbers)).to_pylist() == [str(ipaddress.ip_address(n)) for n in numbers]


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20))
def test_hexadecimal_identifiers(numbers: list[int]) -> None:
    """Keys are written as sixteen digits."""
    found = hexadecimal(np.array(numbers, np.uint64), "x_").to_pylist()
    assert found == [f"x_{number:016x}" for number in numbers]


def test_clients_are_coherent() -> None:
    """A family's client has one header order, and browsers alone send a browser's."""
    assert set(HONEST_MIX) == set(families())
    for name, clients in families().items():
        assert len({client.header_order for client in clients}) == 1
        assert (clients[0].header_order == BROWSER_ORDER) == (name == "desktop")


def test_client_pool_stays_in_its_family() -> None:
    """A pool draws from the family asked for."""
    book = ClientBook()
    place = book.pool(stream(1, "clients"), "go", 5)
    assert {book.clients[number].family for number in book.pools[place:]} == {"go"}


def test_recorded_rhythms_are_whole_clients() -> None:
    """Each ServeGen client has two weeks of hours that sum to all of its volume."""
    table = read_traces()
    assert table.shape[1] == HOURS
    assert len(table) >= 30
    assert np.allclose(table.sum(1), 1.0)
    assert np.allclose(trace_day(0), trace_day(14))


def test_columns_refuse_unknown_names() -> None:
    """A misspelt column is an error, not a new column."""
    with pytest.raises(KeyError, match="rat"):
        Columns.filled({"rate": 1.0}, 2, rat=2.0)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20))
def test_runs_count_inside_each_run(lengths: list[int]) -> None:
    """Places start again at nought in every run."""
    expected = [place for length in lengths for place in range(length)]
    assert runs(np.array(lengths)).tolist() == expected


@given(st.integers(4, 300), st.integers(1, 1000))
def test_groups_hold_everybody(size: int, seed: int) -> None:
    """Every account has a group, numbered from nought without gaps, none too small."""
    groups = split_groups(np.random.default_rng(seed), size, 2, 6)
    counts = np.bincount(groups)
    assert len(groups) == size
    assert counts.min() >= 2


def test_sample_is_small_and_complete() -> None:
    """The packaged sample holds what the demo needs."""
    prompts = read_sample("prompts.json.gz")
    assert len(prompts["opening"]) > 500
    assert len(prompts["gsm8k"]) == 400
    assert max(map(len, prompts["opening"])) <= 900
    assert set(read_sample("templates.json.gz")) == {
        "evol", "creator", "selfinstruct", "ultrafeedback",
    }  # fmt: skip
