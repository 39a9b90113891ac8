"""An exchange whose answer is degraded: what is done to it, and the line for the audit."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Final

from cautery.errors import CauteryError
from cautery.guard.structured_logs import log
from cautery.records.degraded import DEGRADED_KIND, AnswerCounts, DegradedAnswer

if TYPE_CHECKING:
    from cautery.guard.degrading.plans import Degrading
    from cautery.guard.degrading.settings import DegradeSettings
    from cautery.guard.metrics import Metrics
    from cautery.ports.guard import DecisionTrail
    from cautery.records.decision import Decision

_COUNTS: Final = AnswerCounts.__dataclass_fields__


class DegradedExchange:
    """What is done to one answer, for whoever passes it on.

    Args:
        decision: What was decided.
        settings: What the operator says of degraded answers.
    """

    __slots__ = ("_decision", "degrading", "told")

    def __init__(self, decision: Decision, settings: DegradeSettings) -> None:
        # Only here, so that a guard that degrades nothing never imports the defences.
        from cautery.guard.degrading.plans import Degrading

        self._decision = decision
        self.degrading: Degrading = Degrading(
            decision.degradations, decision.defence_tiers, settings
        )
        """What is done."""
        self.told = False
        """Whether it is written down what became of the answer."""

    def record(self) -> DegradedAnswer | None:
        """Say what became of the answer; None if there was none."""
        tally, decision = self.degrading.tally, self._decision
        if not tally.before.choices:
            return None
        return DegradedAnswer(
            decision_id=decision.decision_id,
            request_id=decision.request_id,
            account_id=decision.account_id,
            degradations=decision.degradations,
            defence_tiers=decision.defence_tiers,
            before=tally.before.record(),
            after=tally.after.record(),
            overruns=tally.overruns,
        )


def left_out(answer: DegradedAnswer) -> Iterator[tuple[str, int]]:
    """Say how much less the client got.

    Args:
        answer: What became of the answer.

    Yields:
        What is counted, and how much of it was left out; nothing that was not.
    """
    for name in _COUNTS:
        less = getattr(answer.before, name) - getattr(answer.after, name)
        if less > 0:
            yield name, less


def count_degraded(answer: DegradedAnswer, metrics: Metrics) -> None:
    """Count what became of an answer."""
    for degradation in answer.degradations:
        metrics.count("degraded_answers_total", degradation)
    for name, less in left_out(answer):
        metrics.count("left_out_total", name, by=less)
    if answer.overruns:
        metrics.count("degrade_overruns_total", by=answer.overruns)


def write_degraded(answer: DegradedAnswer, trail: DecisionTrail, now: datetime) -> None:
    """Write down what became of an answer, without waiting for the disk; never raises.

    The answer has gone out by then, so that nothing is refused for want of the record; the trail
    counts and tells of those that it misses.

    Args:
        answer: What became of it.
        trail: Where decisions are written.
        now: UTC.
    """
    try:
        trail.submit(DEGRADED_KIND, asdict(answer), now)
    except CauteryError as error:
        log("a degraded answer is not on record", logging.ERROR, reason=error.what)
