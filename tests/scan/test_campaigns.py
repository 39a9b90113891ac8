"""Candidates need two families of links, or one that says much; hubs and strangers join nobody."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.arrays import Use, bare_facts, hashes
from tests.scan.grouping import things, with_own

from cautery.scan.campaigns import (
    FEWEST_ALIKE,
    LIVES_ON,
    find_candidates,
)
from cautery.scan.candidates import FEWEST_ACCOUNTS
from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP
from cautery.scan.incidences import Incidences
from cautery.scan.repertoires import LIVES_ON as ALIKE_LIVES_ON
from cautery.scan.repertoires import MOST_SHARE

COUNT = 200
EXCHANGES = 40
FRAME = 7
GROUP = range(12)
Found = list[tuple[str, list[int]]]


def use(accounts: Iterable[int], token: int = FRAME, exchanges: int = EXCHANGES) -> list[Use]:
    """Have accounts repeat a shingle in so many of their exchanges."""
    return [(account, token, exchanges) for account in accounts]


def cards(accounts: Iterable[int], each: int = 4) -> dict[str, list[int]]:
    """Have accounts pay by fours, strangers by twos, and everybody else with a card of his own."""
    held: dict[str, list[int]] = {}
    for place, account in enumerate(accounts):
        held.setdefault(f"card-{place // each}", []).append(account)
    order = np.random.default_rng(5).permutation(np.arange(100, COUNT)).tolist()
    held |= {f"pair-{place}": order[place : place + 2] for place in range(0, 100, 2)}
    return with_own(held, COUNT)


def found_in(
    behaviour: dict[str, Incidences],
    infrastructure: dict[str, Incidences],
    facts: Facts | None = None,
    seed: int = 0,
) -> Found:
    """Find candidates: basis and accounts of each."""
    facts = facts or bare_facts(COUNT, exchanges=EXCHANGES)
    found = find_candidates(facts, behaviour, infrastructure, seed)
    return [
        (basis, np.flatnonzero(found.group_of == group).tolist())
        for group, basis in enumerate(found.basis)
    ]


def test_both_families() -> None:
    """Accounts with one template that is concentrated in shared cards are a candidate."""
    found = found_in({"template": hashes(use(GROUP))}, {"payment": things(cards(GROUP))})
    assert found == [("both", list(GROUP))]


def test_the_shingles_that_speak_are_told() -> None:
    """A template of which most holders are linked speaks for the others, by its stored hash."""
    facts = bare_facts(COUNT, exchanges=EXCHANGES)
    templates = hashes([*use(GROUP, -FRAME), *use(range(100, 140), 3)])
    found = find_candidates(facts, {"template": templates}, {"payment": things(cards(GROUP))})
    assert found.speaking.tolist() == [-FRAME]


@pytest.mark.parametrize("name", ["device", "email_domain", "referral", "sign_up_cohort"])
def test_soft_links_join_nobody(name: str) -> None:
    """What strangers often share does not join, not even accounts that behave alike."""
    templates = hashes(use(GROUP, exchanges=int(ALIKE_LIVES_ON * EXCHANGES) - 1))
    assert found_in({"template": templates}, {name: things(cards(GROUP))}) == []


def test_network_stands_in() -> None:
    """Where the log has neither addresses nor payments, the network is what is shared."""
    behaviour = {"template": hashes(use(GROUP))}
    networks = things(cards(GROUP))
    assert found_in(behaviour, {"network": networks}) == [("both", list(GROUP))]
    assert ("both", list(GROUP)) not in found_in(
        behaviour, {"network": networks, "address": things(cards([], 2))}
    )


def test_declared_customers_are_no_news() -> None:
    """Accounts of one declared organisation count once, so what they share joins nobody else."""
    columns: dict[str, list[str | None]] = {
        "org_id": ["acme" if number in GROUP else None for number in range(COUNT)]
    }
    facts = bare_facts(COUNT, exchanges=EXCHANGES, columns=columns)
    templates = hashes(use(GROUP, exchanges=int(ALIKE_LIVES_ON * EXCHANGES) - 1))
    found = found_in({"template": templates}, {"payment": things(cards(GROUP))}, facts)
    assert "both" not in [basis for basis, _accounts in found]


@pytest.mark.parametrize("lives", [True, False])
def test_extension(lives: bool) -> None:
    """An account that shares nothing joins if it lives on the group's template, and only then."""
    needed = int(np.ceil(LIVES_ON * EXCHANGES))
    loose = use([50], exchanges=needed if lives else needed - 1)
    found = found_in({"template": hashes([*use(GROUP), *loose])}, {"payment": things(cards(GROUP))})
    assert found == [("both", [*GROUP, 50] if lives else list(GROUP))]


def test_no_extension_by_a_popular_template() -> None:
    """A template of many strangers brings none of them in, though a linked group uses it too."""
    templates = hashes([*use(GROUP, FRAME), *use([*GROUP, *range(20, 60)], 3)])
    found = found_in({"template": templates}, {"payment": things(cards(GROUP))})
    assert found[0] == ("both", list(GROUP))
    assert all(basis != "both" for basis, _accounts in found[1:])


def test_infrastructure_alone() -> None:
    """Dense communities of rare cards are candidates without any behaviour; couples are none."""
    found = found_in({}, {"payment": things(cards(GROUP))})
    assert found == [("infrastructure", list(range(start, start + 4))) for start in (0, 4, 8)]


@pytest.mark.parametrize(
    ("holders", "exchanges", "joined"),
    [
        (FEWEST_ALIKE, EXCHANGES, True),
        (FEWEST_ALIKE - 1, EXCHANGES, False),
        (FEWEST_ALIKE, int(ALIKE_LIVES_ON * EXCHANGES) - 1, False),
        (int(MOST_SHARE * COUNT) + 1, EXCHANGES, False),
    ],
)
def test_behaviour_alone(holders: int, exchanges: int, joined: bool) -> None:
    """A rare template that fills the traffic of several accounts joins them when all else fails."""
    found = found_in({"template": hashes(use(range(holders), exchanges=exchanges))}, {})
    assert found == ([("behaviour", list(range(holders)))] if joined else [])


def test_what_one_pass_holds_the_next_leaves() -> None:
    """Groups are disjoint: cards make no second group of accounts that both families joined."""
    templates = hashes([*use(GROUP), *use(range(30, 40), 9)])
    shared = cards(GROUP) | {"other": [11, 20, 21, 22], "third": [23, 24, 25]}
    found = found_in({"template": templates}, {"payment": things(shared)})
    assert ("both", list(GROUP)) in found
    assert ("infrastructure", [23, 24, 25]) in found
    assert ("behaviour", list(range(30, 40))) in found
    everybody = [account for _basis, accounts in found for account in accounts]
    assert len(everybody) == len(set(everybody))


def test_prompts_are_asked_before_clients() -> None:
    """Client parameters join accounts that no prompt has joined yet, and add no others to those."""
    styles = things({"style": [*GROUP, *range(20, 32)]})
    shared = cards([*GROUP, *range(20, 32)])
    found = found_in(
        {"template": hashes(use(GROUP)), "parameters": styles}, {"payment": things(shared)}
    )
    assert found == [("both", list(GROUP)), ("both", list(range(20, 32)))]


def test_order_of_links() -> None:
    """The order in which links are named changes nothing."""
    behaviour = {"template": hashes(use(GROUP)), "parameters": things({"s": range(20, 32)})}
    shared = {"payment": things(cards(GROUP)), "address": things(cards(range(20, 32), 3))}
    turned = found_in(dict(reversed(behaviour.items())), dict(reversed(shared.items())))
    assert found_in(behaviour, shared) == turned


@pytest.mark.parametrize("count", [1, 2, 40])
def test_nothing_to_link(count: int) -> None:
    """Without links, or with links that nobody shows, there are no candidates."""
    facts = bare_facts(count)
    assert found_in({}, {}, facts) == []
    empty = things({})
    assert found_in({"template": hashes([]), "parameters": empty}, {"payment": empty}, facts) == []


PAIRS = st.dictionaries(st.integers(0, 5), st.sets(st.integers(0, 29), min_size=1), max_size=6)


@given(PAIRS, PAIRS, st.integers(0, 3))
@settings(max_examples=60)
def test_any_log(prompts: dict[int, set[int]], payers: dict[int, set[int]], seed: int) -> None:
    """Whatever is shared, groups are disjoint, large enough, numbered in order and repeatable."""
    facts = bare_facts(30)
    behaviour = {
        "template": hashes(
            (account, token, 8) for token, held in prompts.items() for account in held
        )
    }
    shared = {"payment": things({f"c{name}": sorted(held) for name, held in payers.items()})}
    found = find_candidates(facts, behaviour, shared, seed)
    again = find_candidates(facts, behaviour, shared, seed)
    assert found.group_of.tolist() == again.group_of.tolist()
    inside = found.group_of[found.group_of != NO_GROUP]
    assert list(dict.fromkeys(inside.tolist())) == list(range(len(found.basis)))
    assert all(np.bincount(inside, minlength=len(found.basis)) >= FEWEST_ACCOUNTS)
