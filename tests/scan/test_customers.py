"""Who openly belongs together is one customer; a common provider or a free fleet is not open."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.scan.arrays import same_partition
from tests.scan.small_logs import HOSTILE

from cautery.scan.customers import (
    FEWEST_PUBLIC,
    MOST_UNPAID,
    PRIVATE_DOMAIN_SHARE,
    code_texts,
    number_customers,
)

Account = tuple[str, str, str]
"""Organisation, mail domain and payer of one account."""
LARGE = int(2 * (MOST_UNPAID + 2) / PRIVATE_DOMAIN_SHARE)
"""Accounts of a log in which a domain of more than ``MOST_UNPAID`` of them is still private."""
COLUMN = st.sampled_from(["", "", "x", "y"])
ACCOUNTS = st.lists(st.tuples(COLUMN, COLUMN, COLUMN), min_size=1, max_size=9)


def texts(values: Sequence[str]) -> NDArray[np.object_]:
    """Make an object array of texts."""
    found = np.empty(len(values), dtype=object)
    found[:] = list(values)
    return found


def numbered(accounts: Sequence[Account]) -> list[int]:
    """Number the customers of accounts."""
    organisations, domains, payers = (texts(column) for column in zip(*accounts, strict=True))
    return [int(number) for number in number_customers(organisations, domains, payers)]


def strangers(count: int) -> list[Account]:
    """Make accounts with a card and a domain of their own."""
    return [("", f"{number}.example", f"card-{number}") for number in range(count)]


def test_declared_organisation() -> None:
    """Accounts of one organisation are one customer, whatever they pay with; no name is none."""
    assert numbered([("acme", "", "p"), ("", "", ""), ("acme", "d", ""), ("", "", "")]) == [
        0,
        1,
        0,
        2,
    ]


@pytest.mark.parametrize(
    ("accounts", "together"),
    [
        ([("", "corp.example", "p"), ("", "corp.example", "p")], True),
        ([("", "corp.example", "p"), ("", "corp.example", "q")], False),
        ([("", "corp.example", "p"), ("", "other.example", "p")], False),
        ([("", "", "p"), ("", "", "p")], False),
        ([("", "inst.example", ""), ("", "inst.example", "")], True),
        ([("", "inst.example", ""), ("", "inst.example", "p")], False),
        ([("", "", ""), ("", "", "")], False),
    ],
)
def test_payer_and_domain(accounts: list[Account], together: bool) -> None:
    """A payer and a private domain in common are open; one of the two alone is not."""
    first, second = numbered(accounts)
    assert (first == second) is together


def test_public_domain() -> None:
    """A domain of more than a few accounts of a small log is everybody's: a card stays a secret."""
    few = [("", "mail.example", "p")] * FEWEST_PUBLIC
    assert len(set(numbered(few))) == 1
    assert len(set(numbered([*few, ("", "mail.example", "p")]))) == FEWEST_PUBLIC + 1


def test_public_domain_of_a_large_log() -> None:
    """What counts as everybody's domain grows with the log."""
    rest = strangers(LARGE)
    private = int(PRIVATE_DOMAIN_SHARE * LARGE)
    assert len(set(numbered([*rest, *[("", "mail.example", "p")] * private]))) == LARGE + 1
    public = [("", "mail.example", "p")] * (2 * private)
    assert len(set(numbered([*rest, *public]))) == LARGE + 2 * private


@pytest.mark.parametrize("above", [0, 1])
def test_catch_all_domain(above: int) -> None:
    """Some unpaid accounts of one domain are an institute; more of them are a free fleet."""
    unpaid = MOST_UNPAID + above
    found = numbered([*strangers(LARGE), *[("", "fleet.example", "")] * unpaid])
    assert len(set(found[LARGE:])) == (unpaid if above else 1)


def test_a_fleet_hides_no_paying_customer() -> None:
    """Accounts of a catch-all domain that pay with one card are one customer all the same."""
    fleet = [("", "fleet.example", "")] * (MOST_UNPAID + 1)
    paying = [("", "fleet.example", "p")] * 3
    found = numbered([*strangers(LARGE), *fleet, *paying])
    assert len(set(found[-3:])) == 1
    assert len(set(found)) == len(found) - 2


def test_joined_through_others() -> None:
    """Open ties go on: through an organisation to a card, and from there to another account."""
    accounts = [("acme", "", ""), ("acme", "corp.example", "p"), ("", "corp.example", "p")]
    assert numbered(accounts) == [0, 0, 0]
    assert numbered([accounts[0], accounts[2], accounts[1]]) == [0, 0, 0]


@given(ACCOUNTS, st.randoms(use_true_random=False))
def test_order_of_accounts(accounts: list[Account], random: object) -> None:
    """Accounts in another order are the same customers, numbered by first appearance."""
    order = list(range(len(accounts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    plain, turned = numbered(accounts), numbered([accounts[place] for place in order])
    assert same_partition(np.array(plain)[order], np.array(turned))
    for found in (plain, turned):
        assert list(dict.fromkeys(found)) == list(range(len(set(found))))


@given(ACCOUNTS)
def test_against_plain_unions(accounts: list[Account]) -> None:
    """Customers are the unions of open ties, as a loop over all pairs finds them."""
    held: dict[str, int] = {}
    for _organisation, domain, _payer in accounts:
        held[domain] = held.get(domain, 0) + 1
    label = list(range(len(accounts)))
    for right, (organisation, domain, payer) in enumerate(accounts):
        private = domain != "" and held[domain] <= FEWEST_PUBLIC
        for left in range(right):
            declared = organisation != "" and organisation == accounts[left][0]
            if declared or (private and (domain, payer) == accounts[left][1:]):
                label = [label[left] if one == label[right] else one for one in label]
    assert same_partition(np.array(numbered(accounts)), np.array(label))


def test_hostile_texts() -> None:
    """Any text is a name like others: equal ones are one customer, different ones are not."""
    accounts = [(text, "", "") for text in (*HOSTILE, *HOSTILE[::-1])]
    found = numbered(accounts)
    assert found[: len(HOSTILE)] == list(range(len(HOSTILE)))
    assert found == [*found[: len(HOSTILE)], *found[len(HOSTILE) - 1 :: -1]]


def test_long_texts_take_no_memory() -> None:
    """One text of a million characters does not widen those of all other accounts."""
    long = "x" * 1_000_000
    accounts = [(long, long, long), *strangers(5_000)]
    columns = [texts(column) for column in zip(*accounts, strict=True)]
    tracemalloc.start()
    found = number_customers(*columns)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(set(found.tolist())) == len(accounts)
    assert peak < 10 * len(long)


@given(st.lists(st.text(max_size=3)))
def test_code_texts(values: list[str]) -> None:
    """Texts are numbered in order of appearance, the empty one always 0."""
    codes = code_texts(texts(values)).tolist()
    assert [code == 0 for code in codes] == [value == "" for value in values]
    assert len(set(zip(codes, values, strict=True))) == len(set(values)) == len(set(codes))
    assert list(dict.fromkeys(code for code in codes if code)) == list(
        range(1, len(set(values) - {""}) + 1)
    )
