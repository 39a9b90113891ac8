"""Weighs what rules ask for: the most severe action wins, of all rules and of the enforced ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from cautery.records.decision import (
    ACTIONS,
    PASSING,
    Action,
    Decision,
    Degradation,
    Mode,
    Reason,
    RuleFinding,
    strictest,
)
from cautery.records.making import maker_of

SEVERITY: Final[dict[Action, int]] = {action: place for place, action in enumerate(ACTIONS)}
"""How severe an action is, by ``records.decision.ACTIONS``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What all rules together ask for."""

    action: Action = "allow"
    """The most severe action of any rule."""
    enforced_action: Action = "allow"
    """The most severe one of the rules that are enforced."""
    mode: Mode = "off"
    """Mode of the rule that gave ``action``; *off* if no rule asks for anything."""
    reasons: tuple[Reason, ...] = ()
    """Why, most severe first."""
    watermark_key_id: str = ""
    """Key that marks the answer, if it passes and an enforced rule tags."""
    degradations: tuple[Degradation, ...] = ()
    """What is done to the answer, under an enforced *degrade*."""
    retry_after_seconds: int = 0
    """The longest wait that an enforced *throttle* asks for."""
    defence_tiers: tuple[str, ...] = ()
    """Tiers whose parameters the degradations have."""


_made_reason: Final = maker_of(Reason)
_made_weighed: Final = maker_of(Weighed)
NOTHING: Final = Weighed()
"""No rule asks for anything."""


def weigh(findings: Sequence[RuleFinding], ceiling: Mode = "enforce") -> Weighed:
    """Weigh findings against each other.

    Args:
        findings: What rules ask for; those of rules that are *off* are left out.
        ceiling: The most that any rule may do.

    Returns:
        One action, and what goes with it.

    Example:
        >>> shadow = RuleFinding(rule="a", action="block", mode="shadow", text="")
        >>> enforced = RuleFinding(rule="b", action="throttle", mode="enforce", text="")
        >>> weighed = weigh([shadow, enforced])
        >>> weighed.action, weighed.enforced_action, weighed.mode
        ('block', 'throttle', 'shadow')
    """
    asked = [f for f in findings if f.mode != "off"] if ceiling != "off" else []
    if not asked:
        return NOTHING
    if len(asked) > 1:
        # Among equals the enforced one stands first: it is the one that something is done about.
        asked.sort(key=lambda f: (-SEVERITY[f.action], f.mode != "enforce"))
    enforced = [f for f in asked if f.mode == "enforce"] if ceiling == "enforce" else []
    top = asked[0]
    reasons = tuple([_made_reason(rule=f.rule, text=f.text, evidence=f.evidence) for f in asked])
    if not enforced:
        # Most findings are of rules in shadow, about which nothing else is to be said.
        mode = top.mode if ceiling == "enforce" else "shadow"
        return _made_weighed(action=top.action, mode=mode, reasons=reasons)
    keys = [f.watermark_key_id for f in enforced if f.action == "tag" and f.watermark_key_id]
    done = enforced[0].action
    degrading = [f for f in enforced if f.action == "degrade"] if done == "degrade" else []
    waits = [f.retry_after_seconds for f in enforced if f.action == "throttle"]
    return _made_weighed(
        action=top.action,
        enforced_action=done,
        mode=top.mode,
        reasons=reasons,
        watermark_key_id=keys[0] if keys and done in PASSING else "",
        degradations=strictest(d for f in degrading for d in f.degradations) if degrading else (),
        retry_after_seconds=max(waits, default=0) if done == "throttle" else 0,
        defence_tiers=tuple({f.defence_tier: None for f in degrading if f.defence_tier}),
    )


def closed(decision: Decision, finding: RuleFinding | None, ceiling: Mode) -> Decision:
    """Close a decision that was made already, because the guard itself failed after it.

    Args:
        decision: The decision.
        finding: What the fault asks for, none if the guard fails open there.
        ceiling: The most that any rule may do.

    Returns:
        The decision with the fault as a reason; what would have passed does not, also where the
        allowlist had let it.
    """
    if finding is None or ceiling == "off":
        return decision
    why = Reason(rule=finding.rule, text=finding.text)
    shown = replace(decision, reasons=(*decision.reasons, why))
    if SEVERITY[finding.action] > SEVERITY[decision.action]:
        mode: Mode = "enforce" if ceiling == "enforce" else "shadow"
        shown = replace(shown, action=finding.action, mode=mode)
    if ceiling != "enforce" or decision.enforced_action not in PASSING:
        return shown
    return replace(
        shown,
        enforced_action=finding.action,
        watermark_key_id="",
        degradations=(),
        defence_tiers=(),
        retry_after_seconds=finding.retry_after_seconds,
        allowlisted_by="",
    )
