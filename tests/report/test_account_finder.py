"""Accounts are found by name, misspelt names get a hint, and chains of links are found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report.campaigns import campaign, member
from tests.report.cases import example_case, large_case
from tests.report.hostile import HOSTILE, case_with_text

from cautery.errors import UsageError
from cautery.records.campaign import AccountLink
from cautery.report.account_finder import find_account, path_between
from cautery.report.sanitise import csv_text


def test_a_member_is_found_with_its_campaign() -> None:
    """An account in a campaign comes with its place there."""
    found = find_account(example_case(), "acct_0500")
    assert found.campaign is not None
    assert found.campaign.campaign_id == "C-2026-0002"
    assert found.member is not None


def test_a_permitted_account_is_found_in_its_group() -> None:
    """Permitted groups are looked through as well."""
    found = find_account(example_case(), "acct_0900")
    assert found.campaign is not None
    assert found.campaign.permitted


def test_an_account_in_no_campaign() -> None:
    """It is found, and stands alone."""
    found = find_account(example_case(), "acct_1000")
    assert (found.campaign, found.member) == (None, None)


@pytest.mark.parametrize("text", HOSTILE)
def test_names_can_be_pasted_as_shown(text: str) -> None:
    """Whoever copies an escaped name from the list of accounts finds the account."""
    assert find_account(case_with_text(text), csv_text(text)).summary.account_id == text


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("acct_0501", "Did you mean 'acct_0500'"),
        ("ACCT_1000", "Did you mean 'acct_1000'?"),
        ("acct_00", "Did you mean 'acct_0001', 'acct_0002'?"),
        ("quite different", "Names of accounts stand in accounts.csv."),
        ("", "Names of accounts stand in accounts.csv."),
    ],
)
def test_did_you_mean(name: str, hint: str) -> None:
    """An unknown name gets the nearest known ones."""
    with pytest.raises(UsageError) as caught:
        find_account(example_case(), name)
    assert hint in caught.value.hint


def test_unknown_names_are_inert() -> None:
    """The message does not repeat what a terminal would act on."""
    with pytest.raises(UsageError) as caught:
        find_account(large_case(100), "\x1b[2J" * 1000)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1500


def chain(*links: tuple[str, str, float]) -> tuple[object, ...]:
    """Make members with one link each."""
    return tuple(
        replace(
            member(one),
            links=(AccountLink(other_account_id=other, link="payment", reason="same", bits=bits),),
        )
        for one, other, bits in links
    )


def test_shortest_chain() -> None:
    """Two accounts are joined by the fewest links, in either direction, strongest first."""
    members = chain(("a", "b", 3.0), ("b", "c", 2.0), ("d", "c", 9.0), ("a", "x", 1.0))
    group = campaign(members=members)  # type: ignore[arg-type]
    steps = path_between(group, "a", "d")
    assert [(step.from_account_id, step.to_account_id) for step in steps] == [
        ("a", "b"),
        ("b", "c"),
        ("c", "d"),
    ]
    assert path_between(group, "a", "nobody") == ()
    assert path_between(group, "a", "a") == ()
