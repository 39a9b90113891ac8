"""The guard's own rules: what each asks for, given the facts of one request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from cautery.guard.early_warning import Warned
from cautery.guard.faults import FAULTS
from cautery.guard.rules import CREDENTIAL_ACTIONS, GuardSettings, Limit
from cautery.guard.state_rates import MOST_TOKENS, Overrun
from cautery.guard.state_templates import Spread
from cautery.records.decision import Mode, RuleFinding
from cautery.records.making import maker_of
from cautery.records.request import RequestFacts
from cautery.records.standing import CampaignStanding

MOST_CHOICES: Final = 128
"""No more answers at once are charged, whatever a client asks for."""

_made_finding: Final = maker_of(RuleFinding)
_CREDENTIAL_TEXTS: Final[Mapping[str, str]] = {
    "invalid": "The credential is none of ours.",
    "expired": "The credential has expired.",
    "revoked": "The credential was revoked.",
    "shared": "The credential is used from more networks than one customer has.",
}


class BuiltIn:
    """The rules, made ready once.

    Args:
        settings: What was configured.
    """

    def __init__(self, settings: GuardSettings) -> None:
        self._warning = settings.early_warning
        self._tiers = settings.tiers
        self._shared_template = settings.shared_template
        rule = settings.shared_template
        self.least_requests = rule.least_accounts if rule is not None else 0
        """Requests with a template below which it cannot have come from many accounts."""
        self._bands = {rule.band: rule for rule in settings.campaign_rules if rule.mode != "off"}
        self._credentials = {
            state: RuleFinding(
                rule=f"credential-{state}",
                action=action,
                mode=settings.credential_modes.get(state, _usual_mode(state)),
                text=_CREDENTIAL_TEXTS[state],
            )
            for state, action in CREDENTIAL_ACTIONS.items()
        }
        self._faults: dict[str, RuleFinding] = {
            name: RuleFinding(
                rule=f"fault-{name}",
                action=kind.closed_action,
                mode="enforce",
                text=kind.what,
                retry_after_seconds=kind.retry_after_seconds,
            )
            for name, kind in FAULTS.items()
            if settings.faults.fails_closed(name)
        }

    def tiered(self, findings: Iterable[RuleFinding]) -> list[RuleFinding]:
        """Say of findings of the policy set what the tiers ask for that they name.

        Args:
            findings: What its rules ask for.

        Returns:
            The findings, in order.

        Raises:
            KeyError: There is no such tier, so that nobody knows what is to be done.
        """
        return [
            replace(one, degradations=self._tiers[one.defence_tier]) if one.defence_tier else one
            for one in findings
        ]

    def fault(self, fault: str) -> RuleFinding | None:
        """Say what a fault asks for.

        Args:
            fault: Its name.

        Returns:
            None if the guard fails open there.
        """
        return self._faults.get(fault)

    def credential(self, request: RequestFacts) -> RuleFinding | None:
        """Say what the state of a credential asks for.

        Args:
            request: Its facts.

        Returns:
            None for a valid one, and where something else checks it.
        """
        found = self._credentials.get(request.credential_state)
        if found is None or request.key_spread is None:
            return found
        return replace(found, evidence=(request.key_spread.text,))

    def campaign(self, standing: CampaignStanding) -> RuleFinding | None:
        """Say what the last scan's verdict asks for.

        Args:
            standing: The verdict.

        Returns:
            None if no rule is about its band.
        """
        rule = self._bands.get(standing.band)
        if rule is None:
            return None
        return _made_finding(
            rule=rule.name,
            action=rule.action,
            mode=rule.mode,
            text=f"The last scan puts the account into a campaign: {standing.band}.",
            evidence=(
                f"case {standing.case_id or 'unknown'}",
                f"campaign {standing.campaign_id}",
                f"probability {standing.probability:.4f}",
            ),
            degradations=rule.degradations,
            defence_tier=rule.defence_tier,
            retry_after_seconds=rule.retry_after_seconds if rule.action == "throttle" else 0,
        )

    def warning(self, warned: Warned) -> RuleFinding | None:
        """Say what evidence between scans asks for.

        Args:
            warned: The evidence.

        Returns:
            None if it is too weak.
        """
        rule = self._warning
        if rule is None or warned.bits < rule.threshold_bits:
            return None
        return RuleFinding(
            rule=rule.name,
            action=rule.action,
            mode=rule.mode,
            text=f"It began to work with the templates of a campaign ({warned.stream} evidence).",
            evidence=(f"campaign {warned.campaign_id}", f"e-value 2^{warned.bits:.1f}"),
            degradations=rule.degradations,
            defence_tier=rule.defence_tier,
            retry_after_seconds=rule.retry_after_seconds if rule.action == "throttle" else 0,
        )

    def spread(self, spread: Spread) -> RuleFinding | None:
        """Say what a template of many accounts asks for.

        Args:
            spread: How it spreads.

        Returns:
            None if it is not sent by many, many of them in one minute.
        """
        rule = self._shared_template
        if (
            rule is None
            or spread.accounts < rule.least_accounts
            or spread.busiest_minute < rule.least_in_a_minute
        ):
            return None
        return RuleFinding(
            rule=rule.name,
            action=rule.action,
            mode=rule.mode,
            text="Many accounts send this template, many of them in the same minute.",
            evidence=(
                f"about {spread.accounts} accounts (from {rule.least_accounts})",
                f"about {spread.busiest_minute} in a minute (from {rule.least_in_a_minute})",
            ),
            degradations=rule.degradations,
            defence_tier=rule.defence_tier,
            retry_after_seconds=rule.retry_after_seconds if rule.action == "throttle" else 0,
        )

    def limits(self, overruns: Sequence[Overrun]) -> list[RuleFinding]:
        """Say what limits ask for.

        Args:
            overruns: Those that the request would exceed.

        Returns:
            One finding a limit.
        """
        return [
            _made_finding(
                rule=overrun.limit.name,
                action="throttle",
                mode=overrun.limit.mode,
                text=f"More {overrun.limit.unit} of the {overrun.limit.scope} than the limit.",
                evidence=(_words(overrun.limit),),
                retry_after_seconds=overrun.retry_after_seconds,
            )
            for overrun in overruns
        ]


def _words(limit: Limit) -> str:
    rate = f"{limit.amount:g} {limit.unit} in {limit.window_seconds:g} s"
    return f"{rate}, burst {limit.burst:g}"


def _usual_mode(state: str) -> Mode:
    return "shadow" if state == "shared" else "enforce"


def estimated_tokens(request: RequestFacts, settings: GuardSettings) -> int:
    """Estimate what a request will cost, before there is an answer.

    Args:
        request: Its facts; its numbers are the client's.
        settings: What an answer is expected to be, and the most that is charged before it.

    Returns:
        Tokens of the input and of all answers.
    """
    answers, most = request.max_tokens, settings.most_answer_tokens
    if answers <= 0:
        answers = settings.expected_answer_tokens
    if answers > most:  # noqa: PLR1730 - this is the hot path
        answers = most
    if request.choices > 1:
        answers *= min(request.choices, MOST_CHOICES)
    tokens = answers + request.input_tokens if request.input_tokens > 0 else answers
    return tokens if tokens < MOST_TOKENS else MOST_TOKENS  # noqa: FURB136 - the same
