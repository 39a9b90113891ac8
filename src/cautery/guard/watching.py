"""Shows what an assembled guard did on its page of metrics; no label names an account."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cautery.guard.assembly import Assembled
    from cautery.guard.metrics import Metrics


def watch(guard: Assembled, metrics: Metrics) -> None:
    """Let a page of metrics read a guard; call it again with the guard that takes its place.

    Args:
        guard: The guard.
        metrics: The page.
    """
    deciding = guard.deciding
    core, trail, sharing, snapshots = (
        deciding.guard,
        deciding.trail,
        deciding.sharing,
        deciding.snapshots,
    )

    def records() -> Mapping[tuple[str, ...], int]:
        return {("written",): trail.written, ("failed",): trail.failed} if trail else {}

    def exchanges() -> Mapping[tuple[str, ...], int]:
        return {("done",): sharing.exchanges, ("failed",): sharing.failures} if sharing else {}

    def age() -> float:
        current = snapshots.current if snapshots is not None else None
        return time.time() - current.created_seconds if current is not None else float("nan")

    def accounts() -> float:
        current = snapshots.current if snapshots is not None else None
        return current.accounts if current is not None else 0

    metrics.counted("decisions_total", core.counters.decisions if core is not None else dict)
    metrics.counted("faults_total", core.counters.faults_met if core is not None else dict)
    metrics.counted("overrides_total", lambda: {(): core.counters.overrides} if core else {})
    metrics.counted("audit_records_total", records)
    metrics.counted("sharing_exchanges_total", exchanges)
    metrics.gauge("snapshot_age_seconds", age)
    metrics.gauge("snapshot_accounts", accounts)
    metrics.gauge("snapshot_refusals", lambda: snapshots.refusals if snapshots is not None else 0)
