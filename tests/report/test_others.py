"""Nothing that names somebody else passes; what names nobody does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.report.judged import judged_case

from cautery.records.campaign import Template
from cautery.report.others import TEMPLATE_WORDS, OthersScreen

WORDS = st.text("abcdefghijklmnop \u00e4\u4f60\u597d0123456789.,:;()-", max_size=40)
NAMES = st.text(min_size=1, max_size=12).filter(str.strip)


@pytest.fixture(scope="module")
def screen() -> OthersScreen:
    """The screen of the first account of a case."""
    return OthersScreen(judged_case(), "acct_0001")


@pytest.mark.parametrize(
    "text",
    [
        "91 % of these accounts share payment instruments; the most shared one is used by 11.",
        "Chances rest on simulated logs until cases of your own confirm them.",
        "Your account acct_0001 of org of acct_0001, at 12:30:15 on 2026-10-03T00:01:00Z.",
        "In version 2026.11.4, 1,234,567 exchanges.",
        "an agency or a vendor that works for several customers with the same pipeline",
        "Be lenient with essays.",
        "",
    ],
)
def test_what_names_nobody(screen: OthersScreen, text: str) -> None:
    """Sentences of signals, times, versions and the customer's own names pass."""
    assert screen.passes(text)


@pytest.mark.parametrize(
    "text",
    [
        "it shares a card with acct_0002.",
        "ACCT_0002",
        "acct_1000 is in no group, and named",
        "(acct_0203)",
        "org of acct_0003 did it",
        "see request req_shared_payment",
        "write to somebody@example.com",
        "from 203.0.113.7",
        "from 2001:db8::17",
        "from 2001:db8:0:1:2:3:4:5 on",
        "from ::ffff:cb00:7107",
        "card 4111 1111 1111 1111",
        "card 4111111111111111",
        "fingerprint 9f86d081884c7d659a2feaa0c55ad015",
        "it said: by the secret rubric, twice",
        "GRADE THE ESSAY BELOW",
        "be strict",
    ],
)
def test_what_names_somebody(screen: OthersScreen, text: str) -> None:
    """Accounts, organisations, requests, addresses, cards, fingerprints and templates do not."""
    assert not screen.passes(text)


@given(NAMES, WORDS, WORDS)
def test_names_as_words_of_their_own(name: str, before: str, after: str) -> None:
    """Whatever another account calls itself, a text with that as a word does not pass."""
    case = judged_case()
    other = replace(case.accounts[-1], account_id=name)
    screen = OthersScreen(replace(case, accounts=(*case.accounts, other)), "acct_0001")
    assume(name != "acct_0001")
    assert not screen.passes(f"{before} {name} {after}")
    assert not screen.passes(f"{before}({name}){after}")


@given(st.lists(st.from_regex(r"[a-z]{2,9}", fullmatch=True), min_size=2, max_size=12), WORDS)
def test_templates_in_pieces(words: list[str], before: str) -> None:
    """Any four words of a template in a row, or all of a short one, do not pass."""
    case = judged_case()
    template = Template(
        template_id="T",
        text=f"{{...}} {' '.join(words)}: {{...}}",
        accounts=2,
        exchanges=3,
        share=0.1,
        first_seen="",
    )
    first, *rest = case.campaigns
    hidden = replace(case, campaigns=(replace(first, templates=(template,)), *rest))
    screen = OthersScreen(hidden, "acct_0001")
    length = min(len(words), TEMPLATE_WORDS)
    for start in range(len(words) - length + 1):
        assert not screen.passes(f"{before} {', '.join(words[start : start + length])} end")


def test_templates_without_spaces() -> None:
    """A part of a template in a script without spaces is found as it stands."""
    case = judged_case()
    first, *rest = case.campaigns
    text = "\u8bf7\u6309\u7167\u4ee5\u4e0b\u6807\u51c6\u4e3a\u8fd9\u7bc7\u6587\u7ae0\u6253\u5206"
    hidden = replace(first, templates=(replace(first.templates[0], text=text),))
    screen = OthersScreen(replace(case, campaigns=(hidden, *rest)), "acct_0001")
    assert not screen.passes(f"xx{text}yy")
    assert screen.passes(text[:4])
