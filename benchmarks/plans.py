"""Which measurements the documentation's tables rest on: one named plan a table.

Seeds 1 to 8, 11 to 21, 31 to 33, 41 and 43 of the simulator, and seeds 1 and 2 of the two other
worlds, were looked at while weights were set. Seeds from 51 on were not.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Final

from benchmarks.labelled_logs import RECORDED_TIERS, LogRequest
from benchmarks.missing_columns import SUBSETS

Measurement = tuple[LogRequest, str]
"""A log, and the name of what it leaves out."""

SIMULATED_TIERS: Final[tuple[str, ...]] = (
    "loud",
    "february",
    "hydra",
    "paraphrased",
    "forwarded",
    "none",
)
"""Tiers of the simulator, from the easiest to what cannot be seen; then no attack at all."""

UNSEEN_TIERS: Final[tuple[str, ...]] = ("paraphrased", "forwarded")
"""Tiers of which the log holds too little (``docs/explanation/limits.md``)."""

LOOKED_AT_SEEDS: Final[tuple[int, ...]] = (1, 2)
"""Seeds whose results were looked at while weights were set."""

HELD_OUT_FROM: Final = 51
"""First seed of the simulator that no weight has seen."""

HELD_OUT_SEEDS: Final[tuple[int, ...]] = (51, 52, 53)
"""Held-out seeds of the tiers that cannot be seen."""

MANY_HELD_OUT_SEEDS: Final[tuple[int, ...]] = tuple(range(51, 61))
"""Held-out seeds of the tiers that can, and without an attack: ten logs each. False accusations
come by whole groups, so that three logs say little of how often."""

OTHER_SEEDS: Final[tuple[int, ...]] = (31, 32)
"""Held-out seeds of the two worlds that were written without sight of the detector."""

POORER_TIERS: Final[tuple[str, ...]] = ("loud", "february", "hydra", "none")
"""Tiers that are measured on poorer logs."""


def _held_out_seeds(tier: str) -> tuple[int, ...]:
    return HELD_OUT_SEEDS if tier in UNSEEN_TIERS else MANY_HELD_OUT_SEEDS


def tiers_plan() -> list[Measurement]:
    """List all tiers of all worlds, full logs.

    Returns:
        The measurements, in the order of the table.
    """
    asked = [
        ("simulate", tier, seed)
        for tier in SIMULATED_TIERS
        for seed in (*LOOKED_AT_SEEDS, *_held_out_seeds(tier))
    ]
    asked += product(("alternate_world",), ("loud", "february", "hydra", "none"), OTHER_SEEDS)
    asked += product(("recorded_pools",), RECORDED_TIERS, OTHER_SEEDS)
    return [(LogRequest(world=world, tier=tier, seed=seed), "full") for world, tier, seed in asked]


def missing_columns_plan() -> list[Measurement]:
    """List every subset of columns, over the tiers of two worlds.

    Returns:
        The measurements, in the order of the table.
    """
    found = []
    for subset, tier in product(SUBSETS, POORER_TIERS):
        base = LogRequest(world="simulate", tier=tier, seed=HELD_OUT_FROM)
        other = replace(base, world="alternate_world")
        for request in (base, other):
            asked = replace(request, log_format=subset.log_format, variant=subset.variant)
            found.append((asked, subset.name))
    return found


PLANS: Final = {"tiers": tiers_plan, "missing-columns": missing_columns_plan}
"""Plans by name; their results are ``benchmarks/results/NAME.jsonl``."""
