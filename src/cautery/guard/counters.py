"""Counts what the guard did, for metrics: never by account, so that nothing leaks and all fits."""

from __future__ import annotations

from collections.abc import Mapping

from cautery.guard.faults import FAULTS
from cautery.records.decision import ACTIONS, MODES, Action, Mode


class Counters:
    """Numbers that only grow; adding is safe under the interpreter's lock as far as needed.

    Example:
        >>> counters = Counters()
        >>> counters.count_decision("block", "allow", "shadow")
        >>> counters.read()["decisions.block.allow"]
        1
    """

    def __init__(self) -> None:
        self._decisions: dict[tuple[Action, Action, Mode], int] = {
            (asked, done, mode): 0 for asked in ACTIONS for done in ACTIONS for mode in MODES
        }
        self._faults: dict[str, int] = dict.fromkeys(FAULTS, 0)
        self.overrides = 0
        """Decisions that the allowlist changed."""
        self.audit_failures = 0
        """Decisions that the audit trail could not take."""

    def count_decision(self, action: Action, enforced_action: Action, mode: Mode) -> None:
        """Count a decision.

        Args:
            action: What was asked for.
            enforced_action: What was done.
            mode: Mode of the rule that gave the action.
        """
        self._decisions[action, enforced_action, mode] += 1

    def decisions(self) -> Mapping[tuple[str, ...], int]:
        """Read the decisions that happened, by action, enforced action and mode."""
        return {place: number for place, number in self._decisions.items() if number}

    def count_fault(self, fault: str) -> None:
        """Count a fault.

        Args:
            fault: Its name.
        """
        self._faults[fault] += 1

    def faults(self, fault: str) -> int:
        """Say how often a fault was met.

        Args:
            fault: Its name.

        Returns:
            The number since the start.
        """
        return self._faults[fault]

    def faults_met(self) -> Mapping[tuple[str, ...], int]:
        """Read the faults that were met, by name."""
        return {(fault,): number for fault, number in self._faults.items() if number}

    def read(self) -> Mapping[str, int]:
        """Read every counter.

        Returns:
            ``decisions.ACTION.ENFORCED_ACTION`` (those that happened), ``faults.NAME`` (all),
            ``overrides`` and ``audit_failures``.
        """
        found: dict[str, int] = {}
        for (action, done, _), number in self._decisions.items():
            if number:
                name = f"decisions.{action}.{done}"
                found[name] = found.get(name, 0) + number
        found |= {f"faults.{fault}": n for fault, n in self._faults.items()}
        return found | {"overrides": self.overrides, "audit_failures": self.audit_failures}
