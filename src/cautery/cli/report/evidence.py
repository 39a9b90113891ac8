"""``cautery report evidence``: pack a case for somebody else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def evidence(
    case: Path,
    *,
    out: Annotated[Path, Parameter(name=["--out", "-o"])],
    campaign: str = "",
    key: Path | None = None,
    policy: Path | None = None,
    configuration: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    ledger: Path | None = None,
    probe: Annotated[tuple[Path, ...], Parameter(negative="")] = (),
    log: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    format: str = "auto",  # noqa: A002 - the option's name in contracts.md
    mapping: Path | None = None,
    account_field: Annotated[str | None, Parameter(name="--account")] = None,
    time_zone: Annotated[str, Parameter(name="--tz")] = "UTC",
) -> int:
    """Pack a case for somebody else: one file, which verifies offline.

    It holds the report, the case, its tables, the hashes of the logs, and pointers into them; no
    texts of prompts but the redacted templates of the case. The same case, key, policy and
    decisions give the same bytes.

    Args:
        case: Folder that `cautery scan` wrote, or the case.json in it.
        out: The pack's file; it must not be there.
        campaign: Pack only this campaign, without accounts of others.
        key: The signing key, as `cautery report keys` drew it. Without one the pack is unsigned:
            whole, and nobody's word.
        policy: Name the version of this policy set: its policy.toml, or the folder that it is in.
        configuration: Name a file that the scan was told to use, by its SHA-256: a mapping, a
            calibration, the account or release table. May be given several times.
        ledger: Prove the decisions of this ledger about the accounts, and that it has the reports
            of probes.
        probe: A report on a suspect model, as `cautery provenance` wrote it with -o. May be given
            several times.
        log: A log that was scanned, or a folder of them: list every exchange of the accounts, by
            time and request. May be given several times; all are needed.
        format: Name of its format, if the scan was told.
        mapping: Its mapping file, likewise.
        account_field: Field that holds the account, likewise.
        time_zone: Zone of times that name none, likewise.

    Returns:
        The exit code.
    """
    from cautery.cli.report.evidence_run import EvidenceRequest, write_evidence
    from cautery.cli.report.exchange_pointers import LogReading

    reading = LogReading(
        logs=log,
        format=format,
        mapping=mapping,
        account_field=account_field,
        time_zone=time_zone,
    )
    return write_evidence(
        EvidenceRequest(
            case=case,
            out=out,
            campaign=campaign,
            key=key,
            policy=policy,
            configuration=configuration,
            ledger=ledger,
            probes=probe,
            reading=reading if log else None,
        )
    )
