"""What the guard answers to a request (schema ``cautery.decision/1``, contracts section 6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

DECISION_SCHEMA: Final = "cautery.decision/1"
"""Name and version of the schema that a decision record follows."""

Action = Literal["allow", "tag", "degrade", "challenge", "throttle", "block"]
"""What is done with a request, mildest first."""

ACTIONS: Final[tuple[Action, ...]] = (
    "allow",
    "tag",
    "degrade",
    "throttle",
    "challenge",
    "block",
)
"""Every action by how much it costs the customer: the last of those asked for is taken.

A throttled client gets its answer later by itself, a challenged one has to do something first.
"""

PASSING: Final[frozenset[Action]] = frozenset({"allow", "tag", "degrade"})
"""Actions under which the request still reaches the served model."""

Mode = Literal["off", "shadow", "enforce"]
"""Whether a rule is asked, and whether what it says is done."""

MODES: Final[tuple[Mode, ...]] = ("off", "shadow", "enforce")
"""Every mode, mildest first."""

Degradation = Literal[
    "hide_reasoning", "summarise_reasoning", "drop_logprobs", "single_choice", "answer_only"
]
"""What is done to an answer under *degrade*: defences that need nothing but the answer.

Log-probabilities go with whatever is left out of the text that their tokens spell.
"""

DEGRADATIONS: Final[tuple[Degradation, ...]] = (
    "hide_reasoning",
    "summarise_reasoning",
    "drop_logprobs",
    "single_choice",
    "answer_only",
)
"""Every degradation."""

CLASHING: Final[tuple[tuple[Degradation, Degradation], ...]] = (
    ("hide_reasoning", "summarise_reasoning"),
    ("answer_only", "summarise_reasoning"),
)
"""Pairs that no rule may ask for; if two rules do, the first is done, which leaves less."""


def clash_of(degradations: Collection[str]) -> tuple[str, str] | None:
    """Find two degradations that one rule cannot ask for together.

    Args:
        degradations: What it asks for.

    Returns:
        The pair, none if all go together.

    Example:
        >>> clash_of(["answer_only", "summarise_reasoning"]), clash_of(["answer_only"])
        (('answer_only', 'summarise_reasoning'), None)
    """
    return next((pair for pair in CLASHING if {*pair} <= {*degradations}), None)


def strictest(degradations: Iterable[Degradation]) -> tuple[Degradation, ...]:
    """Put together what several rules ask for: of two that clash the one that leaves less.

    Args:
        degradations: What all of them ask for.

    Returns:
        Each once, in the order given.

    Example:
        >>> strictest(["summarise_reasoning", "drop_logprobs", "hide_reasoning"])
        ('drop_logprobs', 'hide_reasoning')
    """
    asked = dict.fromkeys(degradations)
    for stricter, milder in CLASHING:
        if stricter in asked:
            asked.pop(milder, None)
    return tuple(asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why: a rule, and what it saw."""

    rule: str
    """Identifier of the rule."""
    text: str
    """One sentence for the analyst; never shown to the client."""
    evidence: tuple[str, ...] = ()
    """Pointers: a case and campaign, a list with its version, a counter and its limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFinding:
    """What one rule asks for, before rules are weighed against each other."""

    rule: str
    """Identifier of the rule."""
    action: Action
    """What it asks for."""
    mode: Mode
    """Whether it may be done."""
    text: str
    """One sentence for the analyst."""
    evidence: tuple[str, ...] = ()
    """Pointers, as in a reason."""
    watermark_key_id: str = ""
    """Opaque identifier of the campaign's key, under *tag*."""
    degradations: tuple[Degradation, ...] = ()
    """What is done to the answer, under *degrade*."""
    retry_after_seconds: int = 0
    """When to come again, under *throttle*."""
    defence_tier: str = ""
    """Tier whose parameters the degradations have; empty for the usual ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyOutcome:
    """What a policy set says of a request."""

    findings: tuple[RuleFinding, ...]
    """What its rules ask for; empty if none does."""
    policy_version: str
    """SHA-256 of the policy set, in hexadecimal digits, so that it can be asked again."""
    errors: tuple[str, ...] = ()
    """Diagnostics; with any, the findings are not to be relied on and the guard fails as set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The guard's answer to one request; written to the ledger as it stands."""

    decision_id: str
    """Opaque; the only thing about a decision that its client learns."""
    request_id: str
    """Of the request."""
    action: Action
    """What the rules ask for."""
    enforced_action: Action
    """What is done: the same, but for rules in shadow and for accounts on the allowlist."""
    mode: Mode
    """Mode of the rule that gave the action; ``off`` if no rule asks for anything."""
    reasons: tuple[Reason, ...]
    """Why; empty for a plain *allow*."""
    account_id: str
    """The account, empty if unknown."""
    campaign_id: str
    """The campaign that the last scan put it in, empty if none."""
    watermark_key_id: str
    """Key that marks the answer, empty for the epoch's own."""
    policy_version: str
    """SHA-256 of the policy set, empty without one."""
    decided_at: datetime
    """When; UTC."""
    expires_at: datetime
    """Until when an adapter may reuse it for the same account; UTC."""
    degradations: tuple[Degradation, ...] = ()
    """What is done to the answer, if the enforced action is *degrade*."""
    retry_after_seconds: int = 0
    """When to come again, if the enforced action is *throttle*."""
    allowlisted_by: str = ""
    """Owner of the allowlist entry that overrode an action; empty if none did."""
    faults: tuple[str, ...] = ()
    """What the guard itself could not do (no snapshot, a policy error), by name."""
    defence_tiers: tuple[str, ...] = ()
    """Tiers whose parameters the degradations have; of several the strictest."""
