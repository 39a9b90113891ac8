"""A decision core and an authenticator that do as the client's key says, in any process.

``sk-act-block-...`` is the account ``block``, which is blocked; and so for every action. The other
scripts are in ``SCRIPTS``. What was asked and settled is appended to a file that the test reads.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tests.guard.degrading.answer_cases import HIDING

from cautery.guard.decide import Guard
from cautery.guard.faults import FaultPolicy
from cautery.guard.parts import GuardParts
from cautery.guard.rules import GuardSettings
from cautery.guard.snapshot_following import SnapshotFollower
from cautery.records.decision import ACTIONS, Action, Decision, Degradation, Reason
from cautery.records.identity import Identity, Presented, Unrecognised
from cautery.records.request import RequestFacts, UsageFacts

PREFIX: Final = "sk-act-"
_SUFFIX: Final = "-planted0123456789abcdef0123456789abcdef"
TAG_KEY: Final = "wm-campaign-7"
RETRY_SECONDS: Final = 7
SHADOW: Final = "shadow"
"""Script: the rules ask for *block*, in shadow."""
RAISES: Final = "raises"
"""Script: the decision core breaks its promise never to raise."""
OPEN: Final = "open"
"""Script: a real decision core without its snapshot, set to let requests pass then."""
CLOSED: Final = "closed"
"""Script: the same, set to stop them."""
SETTLED: Final = "settled"
"""Script: *allow*, of an account that nobody else asks as."""
SUMMARISED: Final = "summarised"
"""Script: *degrade*, with a summary in place of the reasoning."""
ANSWERED: Final = "answered"
"""Script: *degrade*, with nothing left but the answer."""
DEGRADED: Final[dict[str, tuple[Degradation, ...]]] = {
    "degrade": HIDING,
    SUMMARISED: ("summarise_reasoning", "drop_logprobs", "single_choice"),
    ANSWERED: ("answer_only",),
}
"""What each script that degrades does to the answer."""
SCRIPTS: Final = (*ACTIONS, SUMMARISED, ANSWERED, SETTLED, SHADOW, RAISES, OPEN, CLOSED)


def key_of(script: str) -> str:
    """Write the key of a client to whom a script happens."""
    return f"{PREFIX}{script}{_SUFFIX}"


def script_of(key: str) -> str:
    """Read a script out of a key; empty if there is none."""
    script = key.removeprefix(PREFIX).removesuffix(_SUFFIX)
    return script if key_of(script) == key and script in SCRIPTS else ""


class ScriptedAuthenticator:
    """Knows every key that has a script."""

    def authenticate(self, presented: Presented) -> Identity | Unrecognised:
        script = script_of(presented.credential.reveal().decode("latin-1"))
        if script:
            return Identity(account_id=script, key_id=f"key-{script}", org_id="org-1")
        return Unrecognised(fault="unknown", headers=(("www-authenticate", "Bearer"),))


class ScriptedDecider:
    """Decides as the account's name says.

    Args:
        folder: Where what was settled is written down.
    """

    reads_templates = True

    def __init__(self, folder: Path) -> None:
        self._settled = folder / "settled.jsonl"
        self._real = {
            script: Guard(
                GuardSettings(mode="enforce", faults=FaultPolicy(chosen={"no-snapshot": script})),
                GuardParts(snapshots=SnapshotFollower(folder / "no-snapshot")),
            )
            for script in (OPEN, CLOSED)
        }

    def begin(self, request: RequestFacts) -> Decision:
        return self.decide(request)

    def decide(self, request: RequestFacts) -> Decision:
        script = request.account_id
        if script == RAISES:
            raise RuntimeError("planted")
        if script in self._real:
            return self._real[script].decide(request)
        action: Action = next((one for one in ACTIONS if one == script), "allow")
        action = "degrade" if script in DEGRADED else action
        decision = Decision(
            decision_id="dec_planted",
            request_id=request.request_id,
            action=action,
            enforced_action=action,
            mode="enforce",
            reasons=(Reason(rule="planted-rule", text="planted reason"),),
            account_id=request.account_id,
            campaign_id="planted-campaign",
            watermark_key_id=TAG_KEY if action == "tag" else "",
            policy_version="",
            decided_at=datetime.now(UTC),
            expires_at=datetime.now(UTC) + timedelta(seconds=1),
            degradations=DEGRADED.get(script, ()),
            retry_after_seconds=RETRY_SECONDS if action == "throttle" else 0,
        )
        return replace(decision, action="block", mode="shadow") if script == SHADOW else decision

    def settle(self, usage: UsageFacts) -> None:
        row: dict[str, Any] = {
            "account_id": usage.account_id,
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
            "status_code": usage.status_code,
        }
        with self._settled.open("a") as file:
            file.write(json.dumps(row) + "\n")
