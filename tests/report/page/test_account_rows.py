"""The data of the page are the case's members, and its CSV cells those of ``accounts.csv``."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.hostile import HOSTILE, case_with_text
from tests.report.page.pages import page_case

from cautery.report.page.account_rows import account_data, account_rows, embedded
from cautery.report.page.picture import picture_of
from cautery.report.sanitise import csv_text, without_surrogates


def data(text: str | None = None) -> dict[str, object]:
    """Lay out the accounts of a known case, or of a hostile one."""
    case = page_case() if text is None else case_with_text(text)
    groups = (*case.campaigns, *case.permitted_groups)
    return account_data(case, account_rows(case), [picture_of(group) for group in groups])


def test_every_member_once_surest_first() -> None:
    """Rows are the members, by chance; permitted ones last."""
    case = page_case()
    rows = account_rows(case)
    assert len(rows) == 23 + 7 + 4
    chances = [row.member.probability for row in rows[:30]]
    assert chances == sorted(chances, reverse=True)
    assert all(row.group.permitted for row in rows[30:])


def test_links_point_to_rows() -> None:
    """A link names the row of the other account, and what the two share."""
    laid = data()
    columns, texts = laid["columns"], laid["texts"]
    assert isinstance(columns, dict)
    assert isinstance(texts, list)
    case = page_case()
    for row, member in enumerate(account_rows(case)[:30]):
        flat = columns["links"][row]
        linked = [texts[columns["id"][other]] for other in flat[::3]]
        assert linked == [link.other_account_id for link in member.member.links]
        assert flat[2::3] == [83] * len(linked)


@pytest.mark.parametrize("text", HOSTILE)
def test_cells_are_those_of_the_csv_file(text: str) -> None:
    """A name is shown inert, and saved as the list of all accounts has it."""
    laid = data(text)
    columns, texts, cells = laid["columns"], laid["texts"], laid["cells"]
    assert isinstance(columns, dict)
    assert isinstance(texts, list)
    assert isinstance(cells, dict)
    number = columns["id"][0]
    assert texts[number].isprintable()
    assert cells.get(number, texts[number]) == without_surrogates(csv_text(text))


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), max_size=40))
def test_data_cannot_leave_its_element(text: str) -> None:
    """Inside a script element nothing ends it, whatever the text."""
    assert not set("<>&\u2028\u2029") & set(embedded(data(text)))
