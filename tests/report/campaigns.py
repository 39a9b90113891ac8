"""Fake campaigns for the tests of the report room."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from cautery.records.campaign import (
    AccountLink,
    Band,
    Campaign,
    Innocent,
    Member,
    SharedThing,
    Template,
)
from cautery.records.evidence import Aspect, EvidencePointer, Family, Weight


def weight(
    signal: str,
    label: str,
    bits: float,
    observed: str = "",
    usual: str = "",
    *,
    aspect: Aspect = "linkage",
    family: Family = "behaviour",
    available: bool = True,
) -> Weight:
    """Make one row of a waterfall."""
    return Weight(
        signal=signal,
        label=label,
        aspect=aspect,
        family=family,
        bits=bits,
        observed=observed,
        usual=usual,
        sentence=f"It is {observed}, usually {usual}." if observed else "",
        p_value=1e-6 if bits > 0 else None,
        sample_size=412 if bits > 0 else None,
        available=available,
        pointers=(
            EvidencePointer(
                account_id="acct_0001", time_start="2026-10-03T00:01:00Z", request_id="req_1"
            ),
        )
        if bits > 0
        else (),
    )


def waterfall_of_example() -> tuple[Weight, ...]:
    """Give the waterfall of ux.md, section 5a: its bits add up to +12.8."""
    return (
        weight("prior", "prior (1 in 200 accounts)", -7.6, family="context"),
        weight("templates", "same prompt templates", 6.9, "38 templates cover 94 %", "2 %"),
        weight(
            "addresses",
            "shared exit addresses",
            5.2,
            "412 accounts on 31 /24s",
            "1.0 per /24",
            family="infrastructure",
        ),
        weight("handover", "hands over the day together", 3.8, "schedule r = 0.97", "0.11"),
        weight("pivot", "moved to new model fast", 2.1, "47 % within 24 h", "6 %"),
        weight("single_turn", "single-turn share", 1.6, "99.2 %", "41 %", aspect="distillation"),
        weight("chargebacks", "pays list price, no chargebacks", -0.6, "0", "0.2 %"),
        weight("cohort", "sign-up cohort", 0.5, "31 in one hour", "0.4"),
        weight("grading", "rubric grading", 0.4, "2 %", "1 %", aspect="distillation"),
        weight("parameters", "parameter fingerprint", 0.5, "temperature 0.7", "varied"),
        weight("tls", "TLS identity", 0.0, available=False, family="infrastructure"),
    )


def member(account_id: str, index: int = 0, band: Band = "very likely") -> Member:
    """Make one member with a waterfall that adds up and two links."""
    return Member(
        account_id=account_id,
        org_id=f"org_{index % 7}",
        linked_probability=0.9986,
        probability=0.998,
        band=band,
        permitted_use="",
        exchanges=211 + index % 3,
        harvest_exchanges=180,
        output_tokens=168_000 + index,
        first_seen="2026-10-03T00:01:00Z",
        last_seen="2026-10-28T23:11:09Z",
        top_reason="the same 38 prompt templates as 411 other accounts",
        weights=(
            weight("prior", "prior (1 in 200 accounts)", -7.6, family="context"),
            weight("templates", "same prompt templates", 9.1, "31 of 38 templates", "0.1"),
            weight(
                "payment",
                "shared payment instrument",
                8.5,
                "one card on 12 accounts",
                "1",
                family="infrastructure",
            ),
            weight("own_traffic", "traffic of its own", -0.5, "12 % other work", "98 %"),
        ),
        links=(
            AccountLink(
                other_account_id=f"acct_{index + 1:04d}",
                link="payment",
                reason="the same payment instrument, on 12 accounts",
                bits=8.5,
            ),
            AccountLink(
                other_account_id=f"acct_{index + 2:04d}",
                link="templates",
                reason="9 prompt templates that nobody else uses",
                bits=6.1,
            ),
        ),
    )


def campaign(
    number: int = 1,
    *,
    band: Band = "very likely",
    score: int = 100,
    probability: float = 0.99986,
    accounts: int = 412,
    exchanges: int = 61_200,
    output_tokens: int = 48_900_000,
    what: str = "agentic code",
    members: tuple[Member, ...] | None = None,
) -> Campaign:
    """Make one campaign; the first one is that of ux.md, section 5a."""
    weights = waterfall_of_example()
    if probability != 0.99986:
        weights = (*weights[:6], replace(weights[6], bits=-8.0), *weights[7:])
    bits = round(sum(one.bits for one in weights), 1)
    start = date(2026, 10, 3)
    shape = (0, 5, 60, 160, 310, 330, 410, 300, 310, 290, 280, 90, 120, 300, 400, 330, 301, 299)
    return Campaign(
        campaign_id=f"C-2026-{number:04d}",
        operator_id=f"O-{(number + 1) // 2:04d}",
        band=band,
        score=score,
        probability=probability,
        linked_probability=0.9998,
        distillation_probability=0.995,
        permitted=False,
        what=what,
        accounts=accounts,
        exchanges=exchanges,
        output_tokens=output_tokens,
        first_seen="2026-10-03T00:01:00Z",
        last_seen="2026-10-20T23:58:41Z",
        weights=weights,
        bits=bits,
        expected_false_per_1000=0.03,
        capabilities=(("code", 0.94), ("reasoning", 0.05), ("other", 0.01)),
        daily_exchanges=tuple(
            ((start + timedelta(days=day)).isoformat(), amount) for day, amount in enumerate(shape)
        ),
        templates=(
            Template(
                template_id="T1",
                text="Solve the following task step by step. Task: {...} Tests: {...}",
                accounts=400,
                exchanges=51_000,
                share=0.833,
                first_seen="2026-10-03T00:01:00Z",
            ),
        ),
        infrastructure=(SharedThing(kind="network", distinct=31, accounts=412, largest=40),),
        innocent=Innocent(
            explanation="an evaluation vendor with many keys",
            test="ask for the contract; a vendor repeats its items, this pool never does",
        ),
        limits=("Reads no payment data: this log has none.",),
        members=(member("acct_0001", 1), member("acct_0002", 2)) if members is None else members,
    )
