"""Hostile texts, and a case that has one in every field that a log can reach."""

from __future__ import annotations

from dataclasses import replace

from tests.report.campaigns import campaign, member, waterfall_of_example
from tests.report.cases import account, example_case

from cautery.records.campaign import (
    AccountLink,
    Innocent,
    NearMiss,
    Operator,
    SharedThing,
    Template,
)
from cautery.records.case import Case, MissingSignal, SignalUse

HOSTILE = (
    "\x1b[2J\x1b[31mred",
    "\u202egnp.exe\u2066",
    "=cmd|' /C calc'!A0",
    "[bold red]markup[/bold red]",
    "<script>alert(1)</script>",
    "a\nb\rc\td\x00e\x9b1mf",
    "z\u0301\u0301\u0301\u0301\u0301\u0301algo",
    "\U000e0041\U000e0042tags\u200b\u200d\ufeff",
    "@SUM(A1)",
    "'quoted",
    '"double", and comma',
    "\u05d0\u05d1\u05d2 412 61,200",
    "\\x1b looks escaped",
    "\ud800 lone",
    "x" * 3000,
)
"""Texts that an attacker may put into any field that a log carries."""


def case_with_text(text: str) -> Case:
    """Put one text into every field that a log or its names can reach."""
    example = example_case()
    bad = replace(
        member(text),
        org_id=text,
        top_reason=text,
        weights=tuple(
            replace(one, label=text, observed=text, usual=text, sentence=text)
            for one in member("x").weights
        ),
        links=(AccountLink(other_account_id=text, link=text, reason=text, bits=2.0),),
    )
    hostile = replace(
        campaign(1, members=(bad,), what=text),
        campaign_id=text or "C-1",
        operator_id=text,
        first_seen=text,
        last_seen=text,
        capabilities=((text, 0.5),),
        daily_exchanges=((text, 3), (text, 4)),
        weights=tuple(
            replace(one, label=text, observed=text, usual=text, sentence=text)
            for one in waterfall_of_example()
        ),
        templates=(
            Template(
                template_id=text, text=text, accounts=1, exchanges=2, share=0.5, first_seen=text
            ),
        ),
        infrastructure=(SharedThing(kind=text, distinct=1, accounts=2, largest=2),),
        innocent=Innocent(explanation=text, test=text),
        limits=(text,),
    )
    miss = NearMiss(what=text, accounts=2, exchanges=3, score=20, reason=text)
    return replace(
        example,
        tool=replace(example.tool, calibration=text),
        input=replace(
            example.input,
            files=tuple(replace(file, name=text, format=text) for file in example.input.files),
            from_time=text,
            to_time=text,
        ),
        signals=SignalUse(
            used=(text,), missing=(MissingSignal(name=text, needs=(text,), fix=text),)
        ),
        campaigns=(hostile,),
        permitted_groups=(replace(hostile, band="", permitted=True),),
        operators=(Operator(operator_id=text, campaign_ids=(text,), reason=text),),
        near_misses=(miss,),
        notes=(text,),
        accounts=(replace(account(text), campaign_id=text, operator_id=text, top_reason=text),),
    )
