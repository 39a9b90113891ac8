"""``campaigns.csv`` has one row a campaign and one a permitted group."""

from __future__ import annotations

import csv
import io

import pytest
from tests.report.cases import crowded_case, empty_case, example_case
from tests.report.golden import golden
from tests.report.hostile import HOSTILE, case_with_text

from cautery.records.case import Case
from cautery.report.formats.campaigns_csv import COLUMNS, MEMBER
from cautery.report.sanitise import plain_from_csv


def rows_of(case: Case) -> list[dict[str, str]]:
    """Write a case and read its rows back."""
    return list(csv.DictReader(io.StringIO(written(case))))


def written(case: Case) -> str:
    """Write a case to a string."""
    stream = io.StringIO()
    MEMBER.write(case, stream)
    return stream.getvalue()


def test_golden() -> None:
    """The list of a known case is what it was."""
    text = written(example_case())
    assert text == golden("campaigns-example.csv", text)


def test_a_row_for_each() -> None:
    """Campaigns come first, in the order of the case; permitted groups follow, without a band."""
    rows = rows_of(example_case())
    assert [(row["campaign_id"], row["band"], row["permitted"]) for row in rows] == [
        ("C-2026-0001", "very likely", "false"),
        ("C-2026-0002", "very likely", "false"),
        ("C-2026-0003", "likely", "false"),
        ("C-2026-0009", "", "true"),
    ]
    assert len(rows_of(crowded_case(47))) == 48


def test_nothing_found_is_a_header() -> None:
    """A scan without findings still writes the columns."""
    assert written(empty_case()) == ",".join(COLUMNS) + "\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_inert_and_come_back(text: str) -> None:
    """What they ask for may be a prompt's words: no formula, one line, and reversible."""
    document = written(case_with_text(text))
    assert document.replace("\n", "").isprintable()
    assert len(document.splitlines()) == 3
    assert plain_from_csv(rows_of(case_with_text(text))[0]["what"]) == text
