"""Reports of probes for tests of packs: campaigns, an account and the epoch, tested for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from cautery.records.probe import Access, KeyTest, Pool, PowerCurve, ProbeReport, ProbeVerdict

LOG10_RATE = -6.0


def key_test(pool: Pool, log10_p: float, **owner: str) -> KeyTest:
    """One key against a suspect; detected if its chance is below the rate."""
    return KeyTest(
        profile="profile",
        pool=pool,
        key_id=owner.pop("key_id", "k-" + "".join(owner.values()).lower()),
        epoch="e1",
        account_id=owner.get("account_id", ""),
        campaign_id=owner.get("campaign_id", ""),
        keys=1,
        exposed_contexts=400,
        pairs_scored=300,
        statistic=400.0,
        log10_p=log10_p,
        log10_corrected_p=log10_p,
        detected=log10_p <= LOG10_RATE,
        mean=1.2,
        mean_low=1.1,
        mean_high=1.3,
        null_mean=1.0,
        teacher_mean=1.8,
        inherited=0.25,
    )


def power(pool: Pool, key_id: str) -> PowerCurve:
    """A curve of the key with the most pairs of a kind."""
    return PowerCurve(
        profile="profile",
        pool=pool,
        key_id=key_id,
        pairs=300,
        log10_level=-7.0,
        teacher_mean=1.8,
        measured=True,
        memorisation=1.0,
        points=(),
        share_needed=0.02,
    )


def probe_report(case_sha256: str = "", **changes: Any) -> ProbeReport:
    """C-2026-0001 is detected; another campaign, two accounts and the epoch are not."""
    tests = (
        key_test(Pool.CAMPAIGN, -30.0, campaign_id="C-2026-0001"),
        key_test(Pool.CAMPAIGN, -0.5, campaign_id="C-2026-0002"),
        key_test(Pool.ACCOUNT, -0.4, account_id="acct_0001"),
        key_test(Pool.ACCOUNT, -0.3, account_id="acct_0101"),
        key_test(Pool.CAMPAIGN_ACCOUNTS, -0.2, campaign_id="C-2026-0002", key_id="C-2026-0002"),
        key_test(Pool.EPOCH, 0.0),
    )
    report = ProbeReport(
        software="cautery 0",
        probe="radioactivity",
        suspect="https://suspect.example/v1",
        material_sha256="a" * 64,
        access=Access.CLOSED,
        supervised=False,
        verdict=ProbeVerdict.DETECTED,
        false_positive_rate=10.0**LOG10_RATE,
        tests=6,
        texts=9,
        tokens=900,
        key_tests=tests,
        power=(power(Pool.CAMPAIGN, "k-1"), power(Pool.CAMPAIGN_ACCOUNTS, "C-2026-0002")),
        controls=(),
        epochs=("e1",),
        campaign_ids=("C-2026-0001",),
        account_ids=(),
        notes=("profile: the exposure shows no mark of C-2026-0002: was it marked with it?",),
        assumptions=(),
        limits=(),
        case_sha256=case_sha256,
    )
    return replace(report, **changes)


def content_of(report: ProbeReport) -> bytes:
    """Write a report as the verb does."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"
