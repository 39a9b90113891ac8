"""``cautery watermark keys``: begin a ring, add epochs, derive, export, retire, audit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter

keys: Final = App(
    name="keys",
    help="Keep the keys: begin a ring, add epochs, derive, export, retire.",
    help_format="plaintext",
)
"""The verb; its own verbs are below."""

Reason = Annotated[str, Parameter(name="--reason")]
Output = Annotated[Path, Parameter(name=["--output", "-o"])]
State = Literal["active", "verify-only", "compromised", "destroyed"]


@keys.command
def init(ring: Path, *, master: str = "", new_master: Path | None = None) -> int:
    """Begin a key ring under a master secret. The ring holds no key and no secret by itself.

    Args:
        ring: The ring's file; it must not be there. Every use of its keys is written to
            RING.audit.jsonl.
        master: Where the secret is: file:PATH, env:NAME, or command:WORDS, which prints it. It is
            at least 32 random bytes as hexadecimal digits.
        new_master: Draw a secret and write it to this new file, for its owner only.

    Returns:
        The exit code.
    """
    from cautery.cli.watermark.keys_run import begin_ring

    return begin_ring(ring, master, new_master)


@keys.command
def epoch(
    ring: Path,
    name: str,
    *,
    profile: Path,
    since: str,
    until: str,
    reason: Reason = "",
) -> int:
    """Add an epoch; the one that marks with the same profile stops as the new one begins.

    Args:
        ring: The ring's file.
        name: Identifier of the epoch, for example 2026-12.
        profile: The profile that its keys are for.
        since: When they begin to mark: a date or time, UTC.
        until: When they stop.
        reason: What to write into the audit.

    Returns:
        The exit code.
    """
    from cautery.cli.watermark.keys_run import add_epoch

    return add_epoch(ring, name, profile=profile, since=since, until=until, reason=reason)


@keys.command
def state(ring: Path, name: str, state: State, *, key: str = "", reason: Reason = "") -> int:
    """Move an epoch to a later state, or say that one of its keys is compromised.

    A destroyed epoch is gone for good: nobody can derive its keys any more, and nothing it marked
    can be verified.

    Args:
        ring: The ring's file.
        name: Identifier of the epoch.
        state: The state.
        key: Identifier of one key; only compromised is said of a single one.
        reason: What to write into the audit.

    Returns:
        The exit code.
    """
    from cautery.cli.watermark.keys_run import set_state

    return set_state(ring, name, state, key, reason)


@keys.command
def derive(
    ring: Path,
    name: str,
    *,
    profile: Path,
    output: Output,
    account: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    accounts: Path | None = None,
    campaign: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    case: Path | None = None,
    shared: Annotated[bool, Parameter(negative="")] = False,
    campaign_keys: Path | None = None,
    account_keys: Path | None = None,
    reason: Reason = "",
) -> int:
    """Derive keys of an epoch into a key file for `cautery watermark detect`.

    Args:
        ring: The ring's file.
        name: Identifier of the epoch.
        profile: The profile that it was made for.
        output: The key file; only its owner can read it.
        account: An account whose key is wanted; may be given several times.
        accounts: Table with a column account_id (CSV): the keys of all of them.
        campaign: A campaign whose key is wanted; may be given several times.
        case: Folder of a scan, or its case.json: the keys of all its campaigns.
        shared: The key that all accounts have in common as well.
        campaign_keys: Write which campaign has which key here, by identifiers only, for
            `cautery guard publish --campaign-keys`.
        account_keys: Likewise of accounts, for the guard's `[watermark] account_keys`.
        reason: What to write into the audit.

    Returns:
        The exit code.
    """
    from cautery.cli.watermark.keys_run import derive_keys, owners_of

    owners = owners_of(account, accounts, campaign, case, shared=shared)
    return derive_keys(
        ring,
        name,
        profile=profile,
        output=output,
        owners=owners,
        tables={"campaign_id": campaign_keys, "account_id": account_keys},
        reason=reason,
    )


@keys.command
def export(
    ring: Path,
    name: str,
    *,
    profile: Path,
    output: Output,
    account: str = "",
    campaign: str = "",
    reason: Reason = "",
) -> int:
    """Write what an engine must be told to mark with a key: the profile says which engine.

    Args:
        ring: The ring's file.
        name: Identifier of the epoch; it must be active, or about to be.
        profile: The profile that it was made for.
        output: The file; it holds the key in clear, and only its owner can read it.
        account: The key of this account instead of the shared one.
        campaign: The key of this campaign.
        reason: What to write into the audit.

    Returns:
        The exit code.
    """
    from cautery.cli.watermark.keys_run import export_key

    return export_key(
        ring,
        name,
        profile=profile,
        output=output,
        account=account,
        campaign=campaign,
        reason=reason,
    )


@keys.command(name="list")
def list_(ring: Path, *, output_format: Literal["human", "json"] = "human") -> int:
    """List the epochs of a ring and their states.

    Args:
        ring: The ring's file.
        output_format: json writes one document for programs.

    Returns:
        The exit code.
    """
    from cautery.cli.watermark.keys_run import ring_lines

    sys.stdout.writelines(f"{line}\n" for line in ring_lines(ring, output_format))
    return 0


@keys.command
def audit(ring: Path) -> int:
    """Check that nobody changed the list of uses, and print it with its last seal.

    Args:
        ring: The ring's file.

    Returns:
        The exit code: 3 if a line is not the one that was written.
    """
    from cautery.cli.watermark.keys_run import audit_lines

    sys.stdout.writelines(f"{line}\n" for line in audit_lines(ring))
    return 0
