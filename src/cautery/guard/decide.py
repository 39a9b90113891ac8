"""The decision core: facts of one request in, one decision out; in process, and it never raises.

Order: the clocks, the snapshot, the credential, the campaign's band, evidence between scans, the
policy set, the limits; then everything is weighed; then the allowlist; then the audit trail.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cautery.guard.allowlist import Allowlist, allowlisted
from cautery.guard.built_in import BuiltIn, estimated_tokens
from cautery.guard.clocks import Clock, ClockWatch
from cautery.guard.fault_log import FaultLog
from cautery.guard.memory import begin_memory
from cautery.guard.opaque_ids import ID_BYTES, OpaqueIds
from cautery.guard.parts import GuardParts
from cautery.guard.question import Question, look_up
from cautery.guard.register import Register
from cautery.guard.rules import GuardSettings
from cautery.guard.state_rates import MOST_TOKENS
from cautery.guard.tagging import campaign_key_id, wants_key, with_key
from cautery.guard.weighing import NOTHING, Weighed, closed, weigh
from cautery.records.decision import PASSING, Decision
from cautery.records.making import maker_of

if TYPE_CHECKING:
    from cautery.ports.guard import PolicyEvaluator
    from cautery.records.request import RequestFacts, UsageFacts

_made_decision: Final = maker_of(Decision)
_DAY_SECONDS: Final = 86_400.0
_LOG: Final = logging.getLogger("cautery.guard")


class Guard:
    """Decides on requests (port ``Decider``); safe to use from several threads.

    Args:
        settings: Rules, and how to fail.
        parts: What it is put together from.
        wall: Seconds since 1970.
        monotonic: Seconds since any moment; above zero.
        random_bytes: Gives identifiers of decisions, and seeds.

    Example:
        >>> from cautery.records.request import RequestFacts
        >>> now = datetime(2026, 11, 29, tzinfo=UTC)
        >>> guard = Guard(GuardSettings(mode="enforce"))
        >>> guard.decide(RequestFacts(arrived_at=now, request_id="r1", account_id="a")).action
        'allow'
        >>> refused = guard.decide(RequestFacts(arrived_at=now, request_id="r2", account_id=""))
        >>> refused.enforced_action, refused.faults
        ('block', ('no-account',))
    """

    def __init__(
        self,
        settings: GuardSettings,
        parts: GuardParts | None = None,
        *,
        wall: Clock = time.time,
        monotonic: Clock = time.monotonic,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._settings = settings
        self._parts = parts = parts or GuardParts()
        self._ids = OpaqueIds(random_bytes)
        self._clock = ClockWatch(
            wall, monotonic, settings.clock_jump_seconds, settings.clock_settle_seconds
        )
        self._monotonic = monotonic
        self._rules = BuiltIn(settings)
        self._allowlist = parts.allowlist or Allowlist()
        self.memory = parts.memory or begin_memory(settings, random_bytes=random_bytes)
        """What it learns, for the guard that takes its place."""
        self._limits, self._seed = self.memory.limits, self.memory.seed
        self._early, self._sketches = self.memory.early, self.memory.sketches
        self._limited = bool(self._limits.rates)
        self.reads_templates = self._early is not None or self._sketches is not None
        """Whether a rule is about templates."""
        self._most_age_seconds = settings.most_snapshot_age_days * _DAY_SECONDS
        self._lifetime = timedelta(seconds=settings.decision_seconds)
        self._register = Register.over(parts, self._unrecorded, self._counted)
        self._fault_log = FaultLog(settings.faults, monotonic)
        self.counters = self.memory.counters
        """What it did, and the guards before it."""

    def decide(self, request: RequestFacts) -> Decision:
        """Decide on a request before it is forwarded.

        Args:
            request: Its facts.

        Returns:
            The decision; whatever goes wrong is among its ``faults``.
        """
        begun = self.begin(request)
        return begun if isinstance(begun, Decision) else begun.result()

    def begin(self, request: RequestFacts) -> Decision | Future[Decision]:
        """Decide on a request without waiting for the disk.

        Args:
            request: Its facts.

        Returns:
            The decision; or, where it must be on record before it is given, a future of it that
            another thread sets, which never fails and cannot be cancelled.
        """
        try:
            decision = self._decide(request)
        except Exception as error:  # noqa: BLE001 - a guard that raises is no guard
            # Only the kind: a message may quote what a client sent.
            _LOG.error("the guard met an error of its own: %s", type(error).__name__)
            decision = self._failed(request)
        return self._counted(decision) if self._register is None else self._register.enter(decision)

    def settle(self, usage: UsageFacts) -> None:
        """Charge what a request turned out to cost, in place of its estimate.

        Args:
            usage: Of a request that passed; one that is not remembered changes nothing.
        """
        tokens = max(0, usage.input_tokens) + max(0, usage.output_tokens)
        self._limits.settle(usage.request_id, min(tokens, MOST_TOKENS), self._monotonic())

    def _decide(self, request: RequestFacts) -> Decision:
        reading = self._clock.read()
        asked = Question(request, reading)
        if reading.jumped:
            asked.faults.append("clock-jump")
        look_up(asked, self._parts.snapshots, self._most_age_seconds)
        if self._settings.mode != "off":
            self._ask_built_in(asked)
            if self._parts.policy is not None:
                self._ask_policy(asked, self._parts.policy)
            if self._limits.full():
                asked.faults.append("state-full")
            if self._parts.sharing is not None and self._parts.sharing.lost:
                asked.faults.append("sharing-stopped")
            if asked.findings and wants_key(asked.findings):
                self._give_key(asked)
            for fault in asked.faults:
                if (finding := self._rules.fault(fault)) is not None:
                    asked.findings.append(finding)
            if self._limited:
                self._ask_limits(asked)
        weighed = weigh(asked.findings, self._settings.mode) if asked.findings else NOTHING
        decision = self._made(asked, weighed)
        if decision.enforced_action != "allow":
            entries = self._allowlist.entries_of(request.account_id)
            seconds = (reading.earliest_seconds, reading.latest_seconds)
            earliest, latest = (datetime.fromtimestamp(each, UTC) for each in seconds)
            decision = allowlisted(decision, entries, earliest, latest)
        return decision

    def _ask_built_in(self, asked: Question) -> None:
        request, rules = asked.request, self._rules
        if (found := rules.credential(request)) is not None:
            asked.findings.append(found)
        if asked.campaign is not None:
            asked.campaign_id = asked.campaign.campaign_id
            if (found := rules.campaign(asked.campaign)) is not None:
                asked.findings.append(found)
        if self.reads_templates and request.template and request.account_id:
            with self.memory.lock:
                self._ask_templates(asked)

    def _ask_templates(self, asked: Question) -> None:
        template, campaign = asked.request.template, asked.campaign
        account_hash = hash((self._seed, asked.request.account_id))
        if self._early is not None and campaign is None:
            warned = self._early.see_other(template, account_hash)
            found = self._rules.warning(warned) if warned is not None else None
            if warned is not None and found is not None:
                asked.campaign_id = warned.campaign_id
                asked.findings.append(found)
        elif self._early is not None and campaign is not None and campaign.band:
            self._early.see_member(template, account_hash, campaign.campaign_id)
        if self._sketches is not None:
            now = asked.reading[0]
            if self._sketches.add(template, account_hash, now) >= self._rules.least_requests:
                found = self._rules.spread(self._sketches.read(template, now))
                if found is not None:
                    asked.findings.append(found)

    def _ask_policy(self, asked: Question, policy: PolicyEvaluator) -> None:
        try:
            outcome = policy.evaluate(asked.request, asked.account, asked.campaign)
        except Exception as error:  # noqa: BLE001 - an evaluator that breaks its port fails as set
            _LOG.error("the policy set raised %s", type(error).__name__)
            asked.faults.append("policy-error")
            return
        asked.policy_version = outcome.policy_version
        if outcome.errors:
            # Not even what it did find: an error may hide the rule that would have said no.
            asked.faults.append("policy-error")
        elif outcome.findings:
            asked.findings += self._rules.tiered(outcome.findings)

    def _give_key(self, asked: Question) -> None:
        key_id = campaign_key_id(asked.campaign_id, asked.snapshot, self._settings.tag_secret)
        if key_id:
            asked.findings = with_key(asked.findings, key_id)
        else:
            asked.faults.append("no-campaign-key")

    def _ask_limits(self, asked: Question) -> None:
        request, account, campaign = asked.request, asked.account, asked.campaign
        enforced = self._settings.mode == "enforce"
        wanted = True
        if enforced and asked.findings:
            wanted = all(f.mode != "enforce" or f.action in PASSING for f in asked.findings)
        overruns = self._limits.take(
            request.request_id,
            (
                request.key_id,
                request.account_id,
                request.org_id or (account.org_id if account is not None else ""),
                campaign.campaign_id if campaign is not None and campaign.band else "",
            ),
            estimated_tokens(request, self._settings),
            asked.reading[0],
            wanted=wanted,
            obeyed=enforced,
        )
        if overruns:
            asked.findings += self._rules.limits(overruns)

    def _made(self, asked: Question, weighed: Weighed) -> Decision:
        # No more than fifteen names, or the call goes by way of a dictionary.
        decided_at = datetime.fromtimestamp(asked.reading[1], UTC)
        request, campaign = asked.request, asked.campaign
        decision = _made_decision(
            decision_id=self._ids.draw(),
            request_id=request.request_id,
            action=weighed.action,
            enforced_action=weighed.enforced_action,
            mode=weighed.mode,
            reasons=weighed.reasons,
            account_id=request.account_id,
            campaign_id=campaign.campaign_id if campaign is not None else "",
            watermark_key_id=weighed.watermark_key_id,
            policy_version=asked.policy_version,
            decided_at=decided_at,
            expires_at=decided_at + self._lifetime,
            degradations=weighed.degradations,
            retry_after_seconds=weighed.retry_after_seconds,
            faults=tuple(asked.faults),
        )
        tiers = weighed.defence_tiers
        return replace(decision, defence_tiers=tiers) if tiers else decision

    def _unrecorded(self, decision: Decision) -> Decision:
        """Fail as set where a decision could not be written down.

        An override by the allowlist that cannot be written is not made: each must be on record.
        """
        self.counters.audit_failures += 1
        if not self._parts.audit_required:
            return decision
        failed = replace(decision, faults=(*decision.faults, "audit-failed"))
        return closed(failed, self._rules.fault("audit-failed"), self._settings.mode)

    def _counted(self, decision: Decision) -> Decision:
        if decision.allowlisted_by:
            self.counters.overrides += 1
        for fault in decision.faults:
            self.counters.count_fault(fault)
            self._fault_log.tell(fault)
        self.counters.count_decision(decision.action, decision.enforced_action, decision.mode)
        return decision

    def _failed(self, request: RequestFacts) -> Decision:
        """Decide without facts, rules or clocks, after an error of the guard's own."""
        now = datetime.now(UTC)
        failed = Decision(
            decision_id=f"d-{os.urandom(ID_BYTES).hex()}",
            request_id=request.request_id,
            action="allow",
            enforced_action="allow",
            mode="off",
            reasons=(),
            account_id=request.account_id,
            campaign_id="",
            watermark_key_id="",
            policy_version="",
            decided_at=now,
            expires_at=now,
            faults=("internal-error",),
        )
        return closed(failed, self._rules.fault("internal-error"), self._settings.mode)
