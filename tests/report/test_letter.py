"""The letter of an appeal: plain, complete, the same every time, and about nobody else."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.golden import golden
from tests.report.hostile import HOSTILE, case_with_text
from tests.report.judged import RULES, judged_case

from cautery.records.campaign import Campaign, Innocent, Member
from cautery.records.case import Case
from cautery.records.evidence import Weight
from cautery.report.account_finder import find_account
from cautery.report.appeal import SCHEMA_PATH, Appeal, Sources, appeal_document, make_appeal
from cautery.report.letter import letter
from cautery.report.letter_text import COLUMNS, markdown_letter, plain_letter
from cautery.report.replay import replay
from cautery.report.text_width import width
from cautery.report.weighing_rules import AddedUp

SOURCES = Sources(case_sha256="c" * 64, pack_sha256="d" * 64, signed_by="example.com/trust, key e")


def appeal_of(case: Case, name: str, **others: Any) -> Appeal:
    """Repeat a decision and collect what may be told of it."""
    found = find_account(case, name)
    replayed = None
    if found.campaign is not None and found.member is not None:
        same = case.tool.weights_version == RULES.version
        rules = RULES if same else AddedUp("other")
        replayed = replay(found.campaign, found.member, rules, same_rules=same)
    contact = others.pop("contact", "appeals@example.com")
    return make_appeal(case, found, replayed, SOURCES, contact=contact, **others)


def texts_of(appeal: Appeal) -> tuple[str, str, str]:
    """Write an answer in all its forms."""
    blocks = letter(appeal)
    document = json.dumps(appeal_document(appeal), ensure_ascii=False)
    return plain_letter(blocks), markdown_letter(blocks), document


@pytest.mark.parametrize("name", ["acct_0001", "acct_0003", "acct_0201", "acct_1000"])
def test_golden(name: str) -> None:
    """Letters to a member, to one with little in common, a permitted one and an honest one."""
    figures = name == "acct_0003"
    text, markdown, _ = texts_of(appeal_of(judged_case(), name, group_figures=figures))
    assert text == golden(f"letter-{name}.txt", text)
    assert markdown == golden(f"letter-{name}.md", markdown)


def test_what_a_letter_must_tell() -> None:
    """The chance, every reason with what would be without it, the way out and the way to appeal."""
    appeal = appeal_of(judged_case(), "acct_0001")
    text = " ".join(plain_letter(letter(appeal)).split())
    for words in (
        "is 98.08 % (band: \u201clikely\u201d)",
        "What your account does",
        "What your account has in common with other accounts",
        "What would have to be different",
        "What speaks for you",
        "What was seen could also be: an agency or a vendor",
        "you can show it by this: your contract with the agency",
        "0.03 false groups are expected per 1,000 honest accounts",
        "It gives what the case states, to the last digit.",
        "Write to appeals@example.com.",
        "c" * 64,
    ):
        assert words in text
    assert len(re.findall(r"[+-]\d\.\d +\d+\.\d\d %", text)) == len(appeal.reasons)


def test_no_contact_and_a_failed_replay() -> None:
    """Without a contact the letter says where to answer; a decision not reproduced is said loud."""
    case = judged_case()
    first, *rest = case.campaigns
    broken = replace(case, campaigns=(replace(first, bits=first.bits + 1), *rest))
    text = " ".join(plain_letter(letter(appeal_of(broken, "acct_0001", contact=""))).split())
    assert "Answer the message that this letter came with." in text
    assert "It does NOT give what the case states: - bits of the group" in text


def test_other_weights_are_said() -> None:
    """A case of another version is added up only, and the letter says so."""
    case = judged_case()
    other = replace(case, tool=replace(case.tool, weights_version="2020.1"))
    assert "added up only, because its rules are of version 2020.1" in " ".join(
        plain_letter(letter(appeal_of(other, "acct_0001"))).split()
    )


def test_group_figures_only_if_asked() -> None:
    """What was seen of the group is counts; it is told if the operator says so."""
    with_figures = texts_of(appeal_of(judged_case(), "acct_0001", group_figures=True))
    without = texts_of(appeal_of(judged_case(), "acct_0001"))
    for one, other in zip(with_figures, without, strict=True):
        assert "3 of 4 accounts" in one
        assert "3 of 4 accounts" not in other


def test_schema() -> None:
    """The document is what the published schema says."""
    schema = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    for name in ("acct_0001", "acct_0003", "acct_0201", "acct_1000"):
        document = appeal_document(appeal_of(judged_case(), name))
        validator.validate(msgspec.to_builtins(document))
        assert not validator.is_valid({**document, "more": 1})
        assert not validator.is_valid({**document, "schema": "cautery.appeal/2"})


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_inert(text: str) -> None:
    """No text of a log moves the cursor, opens a link or breaks a table."""
    case = case_with_text(text)
    plain, markdown, document = texts_of(appeal_of(case, text, contact=text))
    for line in plain.splitlines():
        assert line.isprintable()
        assert width(line) <= COLUMNS or len(line.split()) == 1
    for line in markdown.splitlines():
        assert line.isprintable()
        assert not re.search(r"(?<!\\)[<`]|(?<!\\)\]\(", line)
    assert json.loads(document)


# What stands in any free text of the case, told by words that no letter has.
SECRETS = st.sampled_from(
    [
        "acct_0002",
        "acct_0101",
        "org of acct_0003",
        "Zeta Quorum GmbH",
        "victim@example.net",
        "198.51.100.23",
        "2001:db8::beef",
        "4111 1111 1111 1111",
        "5500000000000004",
        "pm_9f86d081884c7d65a1",
        "9f86d081884c7d659a2feaa0c55ad015",
        "grade the essay below",
        "req_shared_payment",
    ]
)


@settings(max_examples=60)
@given(st.data(), SECRETS, st.booleans())
def test_nothing_about_others(data: Any, secret: str, figures: bool) -> None:
    """Wherever a name, address, card or template of others stands in a case, no letter has it."""
    text = f"{data.draw(st.sampled_from(['', 'as ', 'It is the same as ', '(']))}{secret} again."
    case = data.draw(cases_with(text))
    case = replace(case, accounts=(*case.accounts, replace(case.accounts[-1], account_id=text)))
    case = replace(
        case, accounts=(*case.accounts, replace(case.accounts[0], account_id="Zeta Quorum GmbH"))
    )
    for written in texts_of(appeal_of(case, "acct_0001", group_figures=figures)):
        assert secret.casefold() not in " ".join(written.casefold().split())
        assert not re.search(r"acct_(?!0001)\d+", written)


@st.composite
def cases_with(draw: st.DrawFn, text: str) -> Case:
    """Put a text into some of the free texts of a case."""
    case = judged_case()
    first, *rest = case.campaigns
    one, *others = first.members
    places = st.booleans()

    def row(weight: Weight) -> Weight:
        label = text if draw(places) else weight.label
        return replace(weight, label=label, sentence=text, observed=text, usual=text)

    def group(found: Campaign, members: tuple[Member, ...]) -> Campaign:
        return replace(
            found,
            what=text,
            weights=(
                *map(row, found.weights),
                replace(row(found.weights[1]), signal="of_a_plug_in"),
            ),
            innocent=Innocent(explanation=text, test="Ask.") if draw(places) else found.innocent,
            limits=(text, *found.limits) if draw(places) else found.limits,
            members=members,
        )

    changed = replace(
        one,
        top_reason=text,
        weights=tuple(map(row, one.weights)),
        links=tuple(replace(link, reason=text) for link in one.links),
    )
    return replace(
        case,
        campaigns=(group(first, (changed, *others)), *rest),
        notes=(text,),
        tool=replace(case.tool, calibration=text) if draw(places) else case.tool,
        accounts=(replace(case.accounts[0], top_reason=text), *case.accounts[1:]),
    )
