"""``cautery report evidence``: pack a case for somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

if TYPE_CHECKING:
    from cautery.cli.report.exchange_pointers import LogReading


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class PointerOptions:
    """Which logs a pack points into, and how they are read."""

    log: Annotated[
        tuple[str, ...],
        Parameter(
            negative="",
            help=(
                "A log that was scanned, or a folder of them: list every exchange of the "
                "accounts, by time and request. May be given several times; all are needed."
            ),
        ),
    ] = ()
    format: str = "auto"
    """Name of its format, if the scan was told."""
    mapping: Path | None = None
    """Its mapping file, likewise."""
    account_field: Annotated[str | None, Parameter(name="--account")] = None
    """Field that holds the account, likewise."""
    time_zone: Annotated[str, Parameter(name="--tz")] = "UTC"
    """Zone of times that name none, likewise."""

    def reading(self) -> LogReading | None:
        """Say it as the listing of exchanges takes it; None without a log."""
        from cautery.cli.report.exchange_pointers import LogReading

        if not self.log:
            return None
        return LogReading(
            logs=self.log,
            format=self.format,
            mapping=self.mapping,
            account_field=self.account_field,
            time_zone=self.time_zone,
        )


POINTING: Final = PointerOptions()
"""What holds if nothing is said."""


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
    pointing: PointerOptions = POINTING,
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
        pointing: Which logs are pointed into, and how they are read.

    Returns:
        The exit code.
    """
    from cautery.cli.report.evidence_run import EvidenceRequest, write_evidence

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
            reading=pointing.reading(),
        )
    )
