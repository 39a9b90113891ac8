"""Enters decisions into the audit trail: before they are given, or beside that."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, Self

from cautery.errors import CauteryError, UsageError
from cautery.guard.decision_json import decision_record, storable_record

if TYPE_CHECKING:
    from cautery.guard.parts import GuardParts
    from cautery.ports.guard import DecisionTrail
    from cautery.records.decision import Decision

KIND: Final = "decision"
"""Kind of these records."""
_LOG: Final = logging.getLogger("cautery.guard")


class Register:
    """Writes decisions down without making anybody wait who need not.

    Args:
        trail: Where they are written.
        unrecorded: Says what becomes of a decision that could not be written.
        given: Called with each decision as it is given.
        required: Whether one is given only once it is on disk.
    """

    def __init__(
        self,
        trail: DecisionTrail,
        unrecorded: Callable[[Decision], Decision],
        given: Callable[[Decision], Decision],
        *,
        required: bool,
    ) -> None:
        self._trail = trail
        self._unrecorded = unrecorded
        self._given = given
        self._required = required

    @classmethod
    def over(
        cls,
        parts: GuardParts,
        unrecorded: Callable[[Decision], Decision],
        given: Callable[[Decision], Decision],
    ) -> Self | None:
        """Make the register of a guard; None if it keeps none."""
        if parts.audit is None:
            return None
        return cls(parts.audit, unrecorded, given, required=parts.audit_required)

    def enter(self, decision: Decision) -> Decision | Future[Decision]:
        """Enter a decision.

        Args:
            decision: The decision.

        Returns:
            What is given: at once, or a future that is set once it is on disk or cannot be.
        """
        try:
            written = self._submitted(decision)
        except Exception as error:  # noqa: BLE001 - whatever keeps it from being written down
            if not isinstance(error, CauteryError):
                _LOG.error("the audit trail raised %s", type(error).__name__)
            return self._given(self._unrecorded(decision))
        if not self._required:
            written.add_done_callback(lambda done: self._settled(decision, done))
            return self._given(decision)
        if written.done():
            return self._given(self._settled(decision, written))
        given: Future[Decision] = Future()
        given.set_running_or_notify_cancel()
        written.add_done_callback(
            lambda done: given.set_result(self._given(self._settled(decision, done)))
        )
        return given

    def _submitted(self, decision: Decision) -> Future[int]:
        try:
            return self._trail.submit(KIND, decision_record(decision), decision.decided_at)
        except UsageError:
            # A reason may quote half of a surrogate pair, which no trail can hold.
            return self._trail.submit(KIND, storable_record(decision), decision.decided_at)

    def _settled(self, decision: Decision, written: Future[int]) -> Decision:
        return decision if written.exception() is None else self._unrecorded(decision)
