"""Rows of known signals and the limits that follow from them, for tests of limits."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.evidence import PRIOR_BITS
from cautery.scan.limits import limits_of
from cautery.scan.weighing import rounded

STEP = 0.1
"""Smallest difference between two printed weights."""
KINDS: tuple[tuple[str, Aspect, Family], ...] = (
    ("shared_payment", "linkage", "infrastructure"),
    ("shared_address", "linkage", "infrastructure"),
    ("shared_network", "linkage", "infrastructure"),
    ("sign_up_cohort", "linkage", "infrastructure"),
    ("shared_device", "linkage", "infrastructure"),
    ("co_activity", "linkage", "behaviour"),
    ("repeated_templates", "distillation", "behaviour"),
    ("rubric_grading", "distillation", "content"),
    ("reasoning_elicitation", "distillation", "content"),
    ("group_size", "distillation", "context"),
    ("verified_identity", "distillation", "context"),
)
ROWS = st.lists(st.integers(-80, 80), min_size=len(KINDS), max_size=len(KINDS))


def row(signal: str, bits: float) -> Weight:
    """Make a row of a known signal."""
    aspect, family = next((aspect, family) for name, aspect, family in KINDS if name == signal)
    return Weight(signal=signal, label=signal, aspect=aspect, family=family, bits=bits)


def rows_of(tenths: Sequence[int]) -> list[Weight]:
    """Make one row of each kind."""
    return [row(kind[0], value / 10) for kind, value in zip(KINDS, tenths, strict=True)]


def total(rows: Sequence[Weight], aspect: Aspect | None = None) -> float:
    """Add up the rows of an aspect, with their limits."""
    everything = [*rows, *limits_of(rows, PRIOR_BITS)]
    return rounded(sum(one.bits for one in everything if aspect in {None, one.aspect}))


def limit(rows: Sequence[Weight], signal: str) -> float:
    """Bits of one limit, 0 if it is not set."""
    return sum(one.bits for one in limits_of(rows, PRIOR_BITS) if one.signal == signal)
