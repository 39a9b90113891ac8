"""``cautery policy explain``: ask a policy set about one request."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def explain(
    policy: Path | None = None,
    /,
    *,
    facts: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    set: Annotated[tuple[str, ...], Parameter(negative="")] = (),  # noqa: A002 - the option's name
    as_of: str | None = None,
    archive: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> int:
    """Explain which rules fire on one request, why, and which single change would prevent it.

    Facts are those of cautery.records: request (country, request_model, reasoning ...), account
    (billing_country, verification, ownership ...; left out if nothing is held of it), campaign
    (campaign_id, band, probability; left out if no campaign holds it).

    Args:
        policy: The set's policy.toml.
        facts: JSON file with request, account and campaign; - is standard input.
        set: A fact, as request.country=DE or account.verification=document; may be given several
            times, over those of the file.
        as_of: Ask the set that had this digest (policy_version of a decision), from the archive.
        archive: Folder of kept sets, as check --archive filled it.
        as_json: Write JSON to standard output.

    Returns:
        The exit code.
    """
    from cautery.cli.policy.explain_run import run_explain

    return run_explain(policy, facts, set, as_of, archive, as_json=as_json)
