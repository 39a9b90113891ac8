"""The page is one file that asks for nothing, and follows from ``case.json`` alone."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.cases import empty_case, example_case
from tests.report.golden import golden
from tests.report.hostile import case_with_text
from tests.report.page.pages import data_of, outline_of, page_case

from cautery.errors import UsageError
from cautery.records.case import Case
from cautery.report.load import read_case_document
from cautery.report.page.document import MARKINGS, OPENING, render_page
from cautery.report.results import write_results


@pytest.mark.parametrize(
    ("name", "case"), [("example", page_case()), ("empty", empty_case())], ids=["example", "empty"]
)
def test_structure(name: str, case: Case) -> None:
    """The elements of a known case, their ids and classes, are what they were."""
    outline = outline_of(render_page(case))
    assert outline == golden(f"page-{name}.txt", outline)


def test_made_from_the_document_alone(tmp_path: Path) -> None:
    """The page of a case that was read back, without its accounts, has the same characters."""
    write_results(page_case(), tmp_path)
    again, _ = read_case_document(tmp_path / "case.json")
    assert again.accounts == ()
    assert render_page(again) == render_page(page_case())
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == render_page(again)


def test_policy_names_the_style_and_the_script() -> None:
    """The policy allows the page's two elements, by their hashes, and no request."""
    page = render_page(page_case())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    for name in ("style", "script"):
        contents = re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
        assert len(contents) == 1
        digest = base64.b64encode(hashlib.sha256(contents[0].encode()).digest()).decode()
        assert f"{name}-src &#39;sha256-{digest}&#39;" in policy[1]
    assert policy[1].startswith("default-src &#39;none&#39;; ")
    assert "unsafe" not in policy[1]


def test_nothing_points_outside() -> None:
    """No element names another file or host: links go to places of the page itself."""
    page = render_page(page_case())
    targets = re.findall(r'(?:href|src|action|data|srcset)="([^"]*)"', page)
    assert all(target.startswith("#") or target == "data:," for target in targets)
    assert "@import" not in page
    assert "url(" not in page


def test_without_a_script() -> None:
    """What is printed carries no script and no data, and its policy allows none."""
    page = render_page(page_case(), scripted=False)
    assert "<script" not in page
    assert "script-src &#39;none&#39;" in page
    assert data_of(page) is None


@pytest.mark.parametrize("marking", MARKINGS)
def test_marking_stands_on_the_page_and_on_paper(marking: str) -> None:
    """A word of TLP 2.0 is shown at the top and printed on each sheet."""
    page = render_page(example_case(), marking=marking)
    assert f'<p class="marking">{marking}</p>' in page
    assert f'content: "{marking}"' in page


def test_other_markings_are_refused() -> None:
    """A marking is one of five words, so that nobody prints a style sheet of his own."""
    with pytest.raises(UsageError, match="There are: TLP:CLEAR"):
        render_page(example_case(), marking='"; } body { display: none }')


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_any_text_stays_text(text: str) -> None:
    """Whatever stands in a log, the page has the elements that it has without it."""
    page = render_page(case_with_text(text))
    assert page.startswith(OPENING)
    assert not any(0xD800 <= ord(character) <= 0xDFFF for character in page)
    assert len(re.findall("<script", page)) == 2
    plain = outline_of(render_page(case_with_text("acct_1")))
    # An empty text leaves out what would say nothing: operator, contract, test, explanation.
    assert not text or without_optional(outline_of(page)) == without_optional(plain)


def without_optional(outline: str) -> list[str]:
    """Leave out the days and the timeline, which a text that is no day does not have."""
    return [line for line in outline.splitlines() if "timeline" not in line]


def test_more_accounts_are_in_the_data_than_on_paper() -> None:
    """Paper gets the surest 500; the page has everybody, and says where the others are."""
    page = render_page(replace(page_case(900)))
    assert len(data_of(page)["columns"]["id"]) == 911
    assert "411 more accounts" in page


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("uplot.min.js", "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"),
        ("uplot.min.css", "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04"),
    ],
)
def test_files_of_others_are_unchanged(name: str, digest: str) -> None:
    """What comes from uPlot is what its release has, and goes with its licence."""
    folder = resources.files("cautery.report.page") / "assets"
    assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert "Copyright (c) 2022 Leon Sorokin" in render_page(empty_case())
