"""Puts a guard together from its configuration, for whatever adapter carries its decisions out.

configuration = load_core_configuration(path)
guard = assemble(configuration)
guard.start()
...
identity = guard.authenticator.authenticate(presented)
decision = await decided(guard.decider, facts)
...
guard.close()
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.errors import CauteryError
from cautery.guard.allowlist_file import read_allowlist
from cautery.guard.answers import AnswerSettings
from cautery.guard.decide import Guard
from cautery.guard.decision_parts import (
    Unwritten,
    check_ledger,
    follow_snapshot,
    keep_policy,
    ledger_folder,
    load_policy,
    open_trail,
    share_limits,
)
from cautery.guard.degrade_assembly import check_policy_tiers, degrade_settings
from cautery.guard.degrading.settings import DegradeSettings
from cautery.guard.memory import begin_memory
from cautery.guard.observing import Observing
from cautery.guard.parts import GuardParts
from cautery.guard.recognition import Recognition, derived, make_recognition
from cautery.guard.rule_settings import guard_settings
from cautery.guard.running_parts import RunningParts
from cautery.guard.secret_files import read_secret
from cautery.guard.structured_logs import log
from cautery.records.key import Secret

if TYPE_CHECKING:
    from cautery.guard.audit_trail import WatchedTrail
    from cautery.guard.configuration import CoreConfiguration
    from cautery.guard.configuration_rules import DecisionSection
    from cautery.guard.rules import GuardSettings
    from cautery.guard.sharing import Sharing
    from cautery.guard.snapshot_following import SnapshotFollower
    from cautery.policy.evaluator import CedarEvaluator
    from cautery.ports import AuditTrail, Authenticator, Decider

_SKETCHES: Final = b"cautery sketches"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """What decides, and what it decides by; all but the first may be missing."""

    decider: Decider
    guard: Guard | None = None
    settings: GuardSettings | None = None
    snapshots: SnapshotFollower | None = None
    trail: WatchedTrail | None = None
    policy: CedarEvaluator | None = None
    sharing: Sharing | None = None
    degrade: DegradeSettings = field(default_factory=DegradeSettings)


class Assembled:
    """A guard that was put together: start it, ask it, close it.

    Args:
        configuration: What it was made of.
        pepper: Key of its hashes.
        recognition: What recognises credentials.
        deciding: What decides.
        parts: What holds files open and runs in threads.
    """

    def __init__(
        self,
        configuration: CoreConfiguration,
        pepper: Secret,
        recognition: Recognition,
        deciding: Deciding,
        parts: RunningParts,
    ) -> None:
        self.configuration = configuration
        """What it was made of."""
        self.pepper = pepper
        """Key of the guard's hashes."""
        self.decider: Decider = deciding.decider
        """Decides on requests. On an event loop: ``await awaiting.decided(decider, facts)``."""
        self.authenticator: Authenticator = recognition.authenticator
        """Recognises credentials."""
        self.deciding = deciding
        """What it decides by, for metrics and for the guard that takes its place."""
        decision = configuration.decision
        self.answers = AnswerSettings(help_url=decision.help_url if decision else "")
        """The operator's words, for ``answers.answer_decision``."""
        self.sketch_key = derived(pepper, _SKETCHES)
        """Key of sketches and of hashes of texts."""
        self.parts = parts
        """What holds files open and runs in threads."""
        self._recognition = recognition

    def start(self) -> None:
        """Start the threads: they follow snapshots, fetch keys, share limits, tend the ledger."""
        self.parts.start()

    def faults(self) -> list[str]:
        """Say why requests should not be sent here now.

        A guard that is not in mode *enforce* stops nothing, so that only unrecognisable credentials
        count there.

        Returns:
            Sentences without anything that a client wrote; none if it can serve.
        """
        found = self._recognition.faults()
        settings, snapshots, trail = (
            self.deciding.settings,
            self.deciding.snapshots,
            self.deciding.trail,
        )
        if settings is None or settings.mode != "enforce":
            return found
        closed = settings.faults.fails_closed
        audit = self.configuration.audit
        if trail is not None and trail.fault and audit is not None and audit.mode == "required":
            found += [trail.fault] if closed("audit-failed") else []
        if snapshots is not None and snapshots.current is None and closed("no-snapshot"):
            found.append(f"there is no snapshot: {snapshots.refused}")
        return found

    @property
    def checks_credentials(self) -> bool:
        """Whether credentials are checked here, and not by something behind this guard."""
        return self.configuration.keys is not None or bool(self.configuration.issuer)

    def close(self, keeping: Assembled | None = None) -> None:
        """End threads, write down what waits, let files go.

        Args:
            keeping: The guard that takes this one's place; what it has taken over goes on.
        """
        for error in self.parts.close(None if keeping is None else keeping.parts):
            reason = error.what if isinstance(error, CauteryError) else type(error).__name__
            log("a part could not be closed", logging.ERROR, reason=reason)


def draw_pepper(configuration: CoreConfiguration) -> Secret:
    """Give the key of the guard's hashes: the operator's, or one for this start only."""
    path = configuration.identity.pepper_file
    return Secret(os.urandom(32)) if path is None else read_secret(path)


def assemble(
    configuration: CoreConfiguration,
    *,
    before: Assembled | None = None,
    worker: int = 0,
    settles: bool = True,
    rehearsal: bool = False,
) -> Assembled:
    """Put a guard together. It reads files, and serves nobody yet.

    Args:
        configuration: The configuration.
        before: The guard at work, if this one is to take its place: debts of limits, evidence and
            everything that stays the same are taken over. Swap both, then ``before.close(after)``.
        worker: Which of several processes this is.
        settles: Whether the adapter calls ``decider.settle`` when answers have ended.
        rehearsal: Only to look whether it could be put together: nothing is written, and a ledger
            that a guard is writing is left to it.

    Returns:
        The guard.

    Raises:
        CauteryError: A file, secret, store, policy set or ledger cannot be used.
    """
    pepper = before.pepper if before is not None else draw_pepper(configuration)
    parts = RunningParts(before.parts if before is not None else None)
    try:
        recognition = make_recognition(configuration, pepper, parts)
        degrade = degrade_settings(configuration)
        deciding = Deciding(decider=Observing(), degrade=degrade)
        if configuration.decision is not None:
            decision, tiers = configuration.decision, degrade.tiers
            settings = guard_settings(configuration, decision, settles=settles, tiers=tiers)
            maker = _Maker(configuration, settings, parts, before)
            deciding = replace(maker.make(decision, worker, rehearsal=rehearsal), degrade=degrade)
    except BaseException:
        parts.close(before.parts if before is not None else None)
        raise
    return Assembled(configuration, pepper, recognition, deciding, parts)


class _Maker:
    """Makes what decides."""

    def __init__(
        self,
        configuration: CoreConfiguration,
        settings: GuardSettings,
        parts: RunningParts,
        before: Assembled | None,
    ) -> None:
        self._configuration, self._settings = configuration, settings
        self._parts, self._before = parts, before

    def make(self, decision: DecisionSection, worker: int, *, rehearsal: bool) -> Deciding:
        configuration, parts = self._configuration, self._parts
        old = self._before.deciding if self._before is not None else None
        allowlist = read_allowlist(decision.allowlist) if decision.allowlist is not None else None
        snapshot, audit, shares = (
            configuration.snapshot,
            configuration.audit,
            configuration.sharing,
        )
        follower = follow_snapshot(snapshot, parts) if snapshot is not None else None
        policy = self._policy(old, rehearsal=rehearsal)
        memory = begin_memory(
            self._settings,
            before=old.guard.memory if old is not None and old.guard is not None else None,
            sharing=shares is not None,
        )
        sharing = share_limits(shares, memory.limits, parts) if shares is not None else None
        trail = self._trail(worker, rehearsal=rehearsal)
        if policy is not None:
            self._authorise(policy, Unwritten() if rehearsal and audit else trail)
        guard = Guard(
            self._settings,
            GuardParts(
                snapshots=follower,
                policy=policy,
                audit=trail,
                audit_required=audit is not None and audit.mode == "required",
                allowlist=allowlist,
                memory=memory,
                sharing=sharing,
            ),
        )
        return Deciding(
            decider=guard,
            guard=guard,
            settings=self._settings,
            snapshots=follower,
            trail=trail,
            policy=policy,
            sharing=sharing,
        )

    def _policy(self, old: Deciding | None, *, rehearsal: bool) -> CedarEvaluator | None:
        section = self._configuration.policy
        if section is None:
            return None
        policy = load_policy(section.file, old.policy if old else None)
        check_policy_tiers(policy.policy.rules.values(), self._settings.tiers)
        if section.archive is not None and not rehearsal:
            keep_policy(section.archive, policy)
        return policy

    def _trail(self, worker: int, *, rehearsal: bool) -> WatchedTrail | None:
        audit, guard = self._configuration.audit, self._configuration.guard
        if audit is None:
            return None
        workers = guard.workers if guard is not None else 1
        if not rehearsal:
            return open_trail(ledger_folder(audit, worker, workers), audit, self._parts)
        for number in range(workers):
            check_ledger(ledger_folder(audit, number, workers), audit)
        return None

    def _authorise(self, policy: CedarEvaluator, trail: AuditTrail | None) -> None:
        """See to it that what is enforced was tested on the past, or is on somebody's word."""
        from cautery.policy.enforcement import authorise_enforcement

        old = self._before.deciding if self._before is not None else None
        known = old is not None and old.policy is policy and old.settings is not None
        if self._settings.mode != "enforce" or (
            known
            and old is not None
            and old.settings is not None
            and old.settings.mode == "enforce"
        ):
            return
        policy_file = Path(policy.policy.name)
        words = authorise_enforcement(policy.policy, policy_file.parent, trail, datetime.now(UTC))
        if words:
            log("policy", words=words)
