"""What a guard learns as it decides: it outlives a configuration that is read again."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from cautery.guard.counters import Counters
from cautery.guard.early_warning import EarlyWarning
from cautery.guard.rules import GuardSettings
from cautery.guard.state_limits import Limits
from cautery.guard.state_templates import TemplateSketches


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardMemory:
    """Debts of limits, evidence between scans, templates of many accounts."""

    seed: int
    """64 random bits, so that nobody can choose identifiers that meet in one place."""
    limits: Limits
    """Limits at work."""
    early: EarlyWarning | None = None
    """Evidence between scans, none without that rule."""
    sketches: TemplateSketches | None = None
    """How templates spread, none without that rule."""
    counters: Counters = field(default_factory=Counters)
    """What was done, for metrics."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held while evidence or templates are looked at."""


def begin_memory(
    settings: GuardSettings,
    *,
    before: GuardMemory | None = None,
    sharing: bool = False,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> GuardMemory:
    """Begin a guard's memory, or go on with that of the guard before it.

    Args:
        settings: The guard's.
        before: Memory of the guard that this one takes the place of; None if there was none.
            Debts go on in each scope whose limits are of the same size in the same order; evidence
            and templates go on while their rules are asked.
        sharing: Whether somebody shares what was taken from limits.
        random_bytes: Gives the seed.

    Returns:
        The memory.
    """
    seed = before.seed if before is not None else int.from_bytes(random_bytes(8), "big")
    warns = settings.early_warning is not None and settings.early_warning.mode != "off"
    counts = settings.shared_template is not None and settings.shared_template.mode != "off"
    early = before.early if before is not None else None
    sketches = before.sketches if before is not None else None
    return GuardMemory(
        seed=seed,
        limits=Limits(
            settings.limits,
            seed,
            sharing=sharing,
            settling=settings.settles,
            before=before.limits if before is not None else None,
        ),
        early=(early or EarlyWarning(seed)) if warns else None,
        sketches=(sketches or TemplateSketches(seed=seed)) if counts else None,
        counters=before.counters if before is not None else Counters(),
        lock=before.lock if before is not None else threading.Lock(),
    )
