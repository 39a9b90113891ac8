"""The story of an account: plain words, arithmetic that adds up, and what speaks against it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.report.campaigns import campaign
from tests.report.cases import example_case
from tests.report.golden import golden
from tests.report.hostile import HOSTILE, case_with_text

from cautery.records.case import Case
from cautery.report.account_finder import find_account
from cautery.report.account_story import story_lines
from cautery.report.style import Style
from cautery.report.text_width import width


def story(case: Case, name: str, columns: int = 100, other: str | None = None) -> str:
    """Tell the story of an account."""
    counterpart = find_account(case, other) if other else None
    lines = story_lines(case, find_account(case, name), Style(width=columns), other=counterpart)
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("columns", [80, 100, 140])
@pytest.mark.parametrize("name", ["acct_0001", "acct_0900", "acct_1000"])
def test_golden(name: str, columns: int) -> None:
    """The story of a member, of a permitted account and of an honest one are what they were."""
    text = story(example_case(), name, columns)
    assert text == golden(f"explain-{name}-{columns}.txt", text)


def test_golden_of_two() -> None:
    """Why two accounts are linked is told link by link."""
    text = story(example_case(), "acct_0001", 100, "acct_0002")
    assert text == golden("explain-two-100.txt", text)


def test_membership_bits_add_up_to_the_chance() -> None:
    """The printed rows make the printed sum, and the sum the chance of the same operator."""
    text = story(example_case(), "acct_0001")
    part = text.split("why this account is in the group")[1].split("why the group is listed")[0]
    bits = [float(found) for found in re.findall(r"(?m)^   .* ([+-]\d+\.\d)$", part)]
    assert round(sum(bits[:-1]), 1) == bits[-1]
    assert f"chance of the same operator {100 / (1 + 2 ** -bits[-1]):.2f} %" in part


def test_counter_evidence_comes_too() -> None:
    """Negative weights, the innocent explanation and the limits are never left out."""
    text = story(example_case(), "acct_0001")
    against = text.split("what speaks against it:")[1]
    assert "traffic of its own" in against
    assert "could also be: an evaluation vendor" in against
    assert "what this finding cannot tell:" in against


def test_an_account_in_no_campaign_says_what_was_looked_at() -> None:
    """No accusation is not a blank: the signals, and those that the log lacks, are named."""
    text = re.sub(r"\n *", " ", story(example_case(), "acct_1000"))
    assert "This account is in no campaign." in text
    assert "signal_10" in text
    assert "not in this log: tls_identity" in text
    assert "why" not in text


def test_a_permitted_account_is_not_accused() -> None:
    """A contract speaks first, whatever the chance."""
    text = re.sub(r"\n *", " ", story(example_case(), "acct_0900"))
    assert "Its contract allows synthetic_data, so it is not accused." in text


def test_two_accounts_of_different_groups() -> None:
    """Nothing is made up where nothing links them."""
    text = story(example_case(), "acct_0001", 100, "acct_0500")
    assert "nothing in this case links them" in text
    assert "nothing links them" in story(example_case(), "acct_1000", 100, "acct_0001")


def test_group_without_details() -> None:
    """A campaign with no templates, links or limits gives a shorter story, not a fault."""
    case = example_case()
    bare = replace(campaign(1), templates=(), limits=(), weights=(), bits=0.0)
    bare = replace(bare, members=(replace(bare.members[0], links=(), weights=()),))
    text = story(replace(case, campaigns=(bare,)), "acct_0001")
    assert "no single link to another account stands out" in text
    assert "no signal does" in text


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("columns", [60, 80, 100, 140])
def test_hostile_texts_are_inert(text: str, columns: int) -> None:
    """Every line is printable and fits, whatever the account calls itself."""
    lines = story(case_with_text(text), text, columns, text).splitlines()
    assert all(line.isprintable() and width(line) <= columns for line in lines)
