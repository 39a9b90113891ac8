"""``accounts.csv`` has the columns of the contract, and its cells are inert."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from tests.report.cases import account, example_case
from tests.report.golden import golden
from tests.report.hostile import HOSTILE, case_with_text

from cautery.records.case import Case
from cautery.report.formats.accounts_csv import MEMBER
from cautery.report.sanitise import plain_from_csv

CONTRACT = (
    "account_id,campaign_id,operator_id,linked_probability,distillation_probability,"
    "permitted_use,probability,band,exchanges,output_tokens,first_seen,last_seen,top_reason"
)


def written(case: Case) -> str:
    """Write a case to a string."""
    stream = io.StringIO()
    MEMBER.write(case, stream)
    return stream.getvalue()


def test_golden() -> None:
    """The list of a known case is what it was."""
    text = written(example_case())
    assert text == golden("accounts-example.csv", text)


def test_header_is_the_contract() -> None:
    """Scripts of other people rely on these names in this order (contracts.md, section 4)."""
    assert written(example_case()).splitlines()[0] == CONTRACT


def test_account_in_no_campaign_has_no_campaign_and_no_band() -> None:
    """An account that is not accused shows empty cells, not a word."""
    row = list(csv.DictReader(io.StringIO(written(example_case()))))[-1]
    assert (row["account_id"], row["campaign_id"], row["band"]) == ("acct_1000", "", "")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_inert_and_come_back(text: str) -> None:
    """One row is one line, no cell is a formula, and a program gets the name as it was."""
    document = written(case_with_text(text))
    assert len(document.splitlines()) == 2
    assert document.replace("\n", "").isprintable()
    row = next(csv.DictReader(io.StringIO(document)))
    assert not row["account_id"].startswith(("=", "+", "-", "@"))
    assert plain_from_csv(row["account_id"]) == text


def test_24000_rows_and_a_header() -> None:
    """No cap: every account of the log has its row."""
    case = replace(example_case(), accounts=tuple(account(f"a{i}", i) for i in range(24_000)))
    assert written(case).count("\n") == 24_001
