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
    ledger: Path | None = None,
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
        ledger: Prove the decisions of this ledger about the accounts.

    Returns:
        The exit code.
    """
    from cautery.cli.report.evidence_run import write_evidence

    return write_evidence(case, out, campaign=campaign, key=key, policy=policy, ledger=ledger)
