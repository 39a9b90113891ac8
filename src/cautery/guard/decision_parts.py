"""Opens what decisions are made of: verdicts, policy set, ledger, limits that guards share."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cautery.errors import MissingExtraError
from cautery.guard.audit_trail import WatchedTrail
from cautery.guard.recognition import fingerprint
from cautery.guard.secret_files import read_credential, read_secret
from cautery.guard.sharing import RedisStore, Sharing, SharingSettings
from cautery.guard.snapshot_following import SnapshotFollower

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cautery.guard.configuration_rules import AuditSection, SharingSection, SnapshotSection
    from cautery.guard.running_parts import RunningParts
    from cautery.guard.state_limits import Limits
    from cautery.ledger.writer import Ledger
    from cautery.policy.evaluator import CedarEvaluator


def ledger_folder(section: AuditSection, worker: int, workers: int) -> Path:
    """Say which ledger is that of a process: there is one writer at a time."""
    return section.ledger if workers == 1 else section.ledger / str(worker)


def check_ledger(folder: Path, section: AuditSection) -> None:
    """Look whether a ledger could be written, without becoming its writer.

    Raises:
        CauteryError: There is no ledger, or its key is another one.
    """
    from cautery.ledger.key_files import load_signing_key
    from cautery.ledger.opening import stored_checkpoint

    stored_checkpoint(folder, load_signing_key(section.key_file))


def open_trail(folder: Path, section: AuditSection, parts: RunningParts) -> WatchedTrail:
    """Open a ledger for writing.

    Args:
        folder: Its folder.
        section: What was configured.
        parts: Gets it, with the thread that tells of gaps.

    Returns:
        The trail.

    Raises:
        CauteryError: It is none, of another key, damaged, or another process writes to it.
    """
    made_of = (folder, section.key_file)
    ledger = parts.keep(
        "ledger", made_of, lambda: _open_ledger(folder, section), close=lambda one: one.close()
    )
    return parts.keep(
        "audit", made_of, lambda: WatchedTrail(ledger), run=lambda one, stop: one.tend(stop)
    )


def _open_ledger(folder: Path, section: AuditSection) -> Ledger:
    from cautery.ledger.key_files import load_signing_key
    from cautery.ledger.writer import Ledger

    key = load_signing_key(section.key_file)
    return Ledger(folder, key, clock=lambda: datetime.now(UTC))


def follow_snapshot(section: SnapshotSection, parts: RunningParts) -> SnapshotFollower:
    """Begin to follow a snapshot file; the first is read at once.

    Args:
        section: What was configured.
        parts: Gets the follower, with its thread.

    Returns:
        The follower.

    Raises:
        ConfigurationError: The key cannot be read.
    """
    key = read_secret(section.seal_key_file) if section.seal_key_file is not None else None
    interval = section.interval
    follower = parts.keep(
        "snapshot",
        (section.file, interval, fingerprint(key)),
        lambda: SnapshotFollower(section.file, key),
        run=lambda one, stop: one.follow(stop, interval),
    )
    if follower.current is None:
        follower.poll()
    return follower


def load_policy(path: Path, before: CedarEvaluator | None) -> CedarEvaluator:
    """Load a policy set.

    Args:
        path: Its ``policy.toml``.
        before: The one at work; kept if the new one is the same to the letter.

    Returns:
        The set, ready to be asked.

    Raises:
        ConfigurationError: Something in it is wrong; names file and line.
        MissingExtraError: The library for Cedar is not installed.
    """
    try:
        from cautery.policy.evaluator import CedarEvaluator
        from cautery.policy.policy_set import load_policy_set
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"policies need {error.name}", hint="Install it: pip install 'cautery[guard]'."
        ) from error
    policy = load_policy_set(path)
    if before is not None and before.policy_version == policy.version:
        return before
    return CedarEvaluator(policy)


class Unwritten:
    """Stands in for a ledger in a rehearsal."""

    def append(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> int:
        """Write nothing."""
        return 0


def keep_policy(folder: Path, policy: CedarEvaluator) -> None:
    """Keep a policy set under its digest, so that its decisions can be asked again years later.

    Args:
        folder: The archive; made if it is not there.
        policy: The set; one that is kept already is left as it is.

    Raises:
        OutputError: It cannot be written.
    """
    from cautery.policy.archive import PolicyArchive

    PolicyArchive(folder).store(policy.policy)


def share_limits(section: SharingSection, limits: Limits, parts: RunningParts) -> Sharing:
    """Begin to share limits.

    Args:
        section: What was configured.
        limits: Those at work.
        parts: Gets the thread and the connection.

    Returns:
        What shares them.

    Raises:
        CauteryError: The address or a secret cannot be used, or the client is not installed.
    """
    password, names = section.password_file, section.name_secret_file
    settings = SharingSettings(
        url=section.url,
        password=read_credential(password) if password is not None else None,
        prefix=section.prefix,
        name_secret=read_secret(names) if names is not None else None,
        interval_seconds=section.interval,
        timeout_seconds=section.timeout,
        lost_after_seconds=section.lost_after,
    )
    store = RedisStore(settings)
    sharing = Sharing(limits, store, settings, time.monotonic)

    # Always anew: limits are made anew with each configuration, and their debts go on.
    return parts.keep(
        "sharing",
        object(),
        lambda: sharing,
        run=lambda one, stop: one.run(stop),
        close=lambda _: store.close(),
    )
