"""Any text in any field of a case: every output stays inert, and what should be reversible is."""

from __future__ import annotations

import csv
import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.hostile import case_with_text

from cautery.report.account_finder import find_account
from cautery.report.account_story import story_lines
from cautery.report.formats import accounts_csv, campaigns_csv
from cautery.report.formats import json as json_format
from cautery.report.sanitise import plain_from_csv
from cautery.report.screen import Outcome, screen_lines
from cautery.report.style import Style
from cautery.report.text_width import width

ANY_TEXT = st.text(st.characters(), max_size=60)
STYLES = st.builds(
    Style, width=st.sampled_from([60, 80, 100, 140]), unicode=st.booleans(), colour=st.just(False)
)


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT, STYLES, st.booleans())
def test_screen(text: str, style: Style, everything: bool) -> None:
    """Lines of the screen are printable and as wide as the terminal at most."""
    outcome = Outcome(output_folder=text, written=(text,), everything=everything)
    for line in screen_lines(case_with_text(text), style, outcome):
        assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in line)
        assert width(line) <= style.width
        assert style.unicode or line.isascii()


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT, STYLES)
def test_story(text: str, style: Style) -> None:
    """So are the lines of an account's story."""
    case = case_with_text(text)
    found = find_account(case, text)
    for line in story_lines(case, found, style, other=found):
        assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in line)
        assert width(line) <= style.width
        assert style.unicode or line.isascii()


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT)
def test_files(text: str) -> None:
    """The files have no control characters but line feeds, and give the text back."""
    case = case_with_text(text)
    for member in (json_format.MEMBER, accounts_csv.MEMBER, campaigns_csv.MEMBER):
        stream = io.StringIO()
        member.write(case, stream)
        document = stream.getvalue()
        assert not any(
            (ord(character) < 32 and character != "\n") or 127 <= ord(character) < 160
            for character in document
        )
        if member is accounts_csv.MEMBER:
            row = next(csv.DictReader(io.StringIO(document)))
            assert plain_from_csv(row["top_reason"]) == text
        if member is json_format.MEMBER and not any(0xD800 <= ord(c) <= 0xDFFF for c in text):
            assert json.loads(document)["notes"] == [text]
