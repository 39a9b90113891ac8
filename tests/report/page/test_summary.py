"""The first sentence says how much, when, and what share, and never that all is well."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report.cases import empty_case, example_case
from tests.report.page.pages import page_case

from cautery.report.page.summary import summary_of


def test_sentence() -> None:
    """Period, accounts, exchanges, tokens and their share stand in one sentence."""
    assert summary_of(example_case()).sentence == (
        "Between 3 and 20 October 2026, 485 accounts made 72,190 exchanges that look like the "
        "collection of training data. They received 58.3 M output tokens, 71.4 % of all."
    )


@pytest.mark.parametrize(
    ("first", "last", "begins"),
    [
        ("2026-10-03T00:00:00Z", "2026-10-03T05:00:00Z", "On 3 October 2026, "),
        ("2026-09-30T00:00:00Z", "2026-10-03T05:00:00Z", "Between 30 September and 3 October 2026"),
        ("2025-12-31T00:00:00Z", "2026-01-01T05:00:00Z", "Between 31 December 2025 and 1 January"),
        ("soon", "later", "30 accounts made"),
    ],
)
def test_period(first: str, last: str, begins: str) -> None:
    """A period is written as people say it, and left out where there is none."""
    case = page_case()
    dated = tuple(replace(one, first_seen=first, last_seen=last) for one in case.campaigns)
    assert summary_of(replace(case, campaigns=dated)).sentence.startswith(begins)


def test_nothing_found_is_not_clean() -> None:
    """Without a campaign it names the strongest group, and what could not be looked at."""
    sentence = summary_of(empty_case()).sentence
    assert sentence.startswith("No group of accounts reaches the band watch")
    assert "evaluation vendor, has score 31" in sentence
    assert "absent is not clean" in sentence


def test_tokens_add_up() -> None:
    """The tokens of the rows, as they are printed, add up to the printed total."""
    summary = summary_of(example_case())
    parts = [float(text.removesuffix(" M")) for text in summary.tokens.rows]
    assert round(sum(parts), 1) == float(summary.tokens.total.removesuffix(" M"))
