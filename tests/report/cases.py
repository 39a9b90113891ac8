"""Fake cases for the tests of the report room: rich, empty, hostile and large."""

from __future__ import annotations

from dataclasses import replace

from tests.report.campaigns import campaign, member

from cautery.records.campaign import (
    Band,
    NearMiss,
    Operator,
)
from cautery.records.case import (
    CASE_SCHEMA,
    AccountSummary,
    Case,
    Coverage,
    InputFile,
    InputSummary,
    MissingSignal,
    SignalUse,
    Tool,
)


def account(account_id: str, number: int = 0, campaign_id: str = "") -> AccountSummary:
    """Make one row of the account list."""
    return AccountSummary(
        account_id=account_id,
        campaign_id=campaign_id,
        operator_id="O-0001" if campaign_id else "",
        linked_probability=0.9986 if campaign_id else 0.0004,
        distillation_probability=0.995 if campaign_id else 0.02,
        permitted_use="",
        probability=0.998 if campaign_id else 0.0001,
        band="very likely" if campaign_id else "",
        exchanges=211 + number,
        output_tokens=168_000,
        first_seen="2026-10-03T00:01:00Z",
        last_seen="2026-10-28T23:11:09Z",
        top_reason="the same 38 prompt templates as 411 other accounts" if campaign_id else "",
    )


NEAR_MISSES = (
    NearMiss(
        what="evaluation vendor",
        accounts=12,
        exchanges=4_100,
        score=31,
        reason="the same items come back every day",
    ),
    NearMiss(
        what="classroom behind one NAT",
        accounts=8,
        exchanges=300,
        score=8,
        reason="different prompts, office hours of one place",
    ),
)


def example_case() -> Case:
    """Make the case of ux.md, section 5a: three campaigns, a permitted group, two near misses."""
    permitted = replace(
        campaign(9, band="", score=99, accounts=2, exchanges=400, output_tokens=300_000),
        permitted=True,
        what="synthetic data",
        members=(replace(member("acct_0900"), permitted_use="synthetic_data", band=""),),
    )
    return Case(
        schema=CASE_SCHEMA,
        tool=Tool(
            name="cautery",
            version="0.1.0",
            weights_version="2026-11",
            calibration="simulated traffic, prior 1 in 200",
        ),
        input=InputSummary(
            files=(
                InputFile(
                    name="logs/part-01.jsonl.zst",
                    sha256="a" * 64,
                    bytes=107_000_000,
                    lines=60_000,
                    format="litellm",
                ),
                InputFile(
                    name="logs/part-02.jsonl.zst",
                    sha256="b" * 64,
                    bytes=107_000_000,
                    lines=60_000,
                    format="litellm",
                ),
            ),
            exchanges=120_000,
            rejected=0,
            accounts=2_000,
            from_time="2026-10-01T00:00:00Z",
            to_time="2026-10-28T23:59:59Z",
            output_tokens=81_700_000,
            coverage=(Coverage(column="account_id", share=1.0), Coverage(column="asn", share=0.0)),
            account_table_rows=1_950,
            release_table_rows=3,
        ),
        signals=SignalUse(
            used=tuple(f"signal_{index}" for index in range(11)),
            missing=(
                MissingSignal(
                    name="tls_identity",
                    needs=("tls_ja4",),
                    fix="Log the JA4 fingerprint at the load balancer.",
                ),
                MissingSignal(
                    name="payment",
                    needs=("payment_fingerprint",),
                    fix="Give the account table with --accounts FILE.",
                ),
                MissingSignal(
                    name="signup_cohort",
                    needs=("created_at",),
                    fix="Give the account table with --accounts FILE.",
                ),
            ),
        ),
        campaigns=(
            campaign(1),
            campaign(
                2,
                score=99,
                accounts=64,
                exchanges=9_840,
                output_tokens=8_100_000,
                what="reasoning",
                members=(member("acct_0500", 500),),
            ),
            campaign(
                3,
                band="likely",
                score=98,
                probability=0.97687,
                accounts=9,
                exchanges=1_150,
                output_tokens=1_300_000,
                what="grading",
                members=(),
            ),
        ),
        permitted_groups=(permitted,),
        operators=(
            Operator(
                operator_id="O-0001",
                campaign_ids=("C-2026-0001", "C-2026-0002"),
                reason="one payment instrument in both",
            ),
        ),
        near_misses=NEAR_MISSES,
        notes=("warning: 'ts' has no time zone; read as UTC.",),
        accounts=(
            account("acct_0001", 1, "C-2026-0001"),
            account("acct_0002", 2, "C-2026-0001"),
            account("acct_0500", 3, "C-2026-0002"),
            replace(
                account("acct_0900", 4, "C-2026-0009"), permitted_use="synthetic_data", band=""
            ),
            account("acct_1000", 5),
        ),
    )


def empty_case() -> Case:
    """Make a case in which nothing was found, with two groups that were looked at."""
    case = example_case()
    accounts = tuple(account(f"acct_{index}", index) for index in range(3))
    return replace(case, campaigns=(), permitted_groups=(), operators=(), accounts=accounts)


def crowded_case(campaigns: int = 47) -> Case:
    """Make a case with many campaigns of very different sizes."""
    bands: tuple[Band, ...] = ("very likely", "likely", "watch")
    many = tuple(
        campaign(
            number,
            band=bands[min(2, number // 20)],
            accounts=1_000 // number,
            exchanges=123_456 // number,
            output_tokens=98_765_432 // number,
            what=f"kind {number}",
            members=(),
        )
        for number in range(1, campaigns + 1)
    )
    return replace(example_case(), campaigns=many)


def large_case(members: int = 24_000) -> Case:
    """Make one campaign of as many accounts as the reported ones."""
    names = [f"acct_{index:06d}" for index in range(members)]
    big = campaign(
        1, accounts=members, members=tuple(member(name, i) for i, name in enumerate(names))
    )
    accounts = tuple(account(name, i, "C-2026-0001") for i, name in enumerate(names))
    return replace(example_case(), campaigns=(big,), accounts=accounts)
