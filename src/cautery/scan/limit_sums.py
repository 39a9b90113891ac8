"""What limits count: sums of bits, whether the log can feed a signal, and the row that they set."""

from __future__ import annotations

from collections.abc import Sequence

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.weighing import rounded


def total_bits(rows: Sequence[Weight]) -> float:
    """Add up the bits of rows, with one decimal."""
    return rounded(sum(row.bits for row in rows))


def known(rows: Sequence[Weight], signal: str) -> bool:
    """Whether the log can feed a signal."""
    return any(row.signal == signal and row.available for row in rows)


def hard_bits(rows: Sequence[Weight], signals: Sequence[str]) -> float:
    """Add up what speaks for one owner in signals of shared infrastructure."""
    return rounded(sum(max(r.bits, 0.0) for r in rows if r.available and r.signal in signals))


def limit_row(
    name: tuple[str, str], kind: tuple[Aspect, Family], bits: float, said: tuple[str, str, str]
) -> Weight:
    """Make the row of a limit.

    Args:
        name: Signal and label.
        kind: Aspect and family.
        bits: What is taken back, or given back if positive.
        said: What was observed, what would be usual, and a sentence.

    Returns:
        The row.
    """
    observed, usual, sentence = said
    return Weight(
        signal=name[0],
        label=name[1],
        aspect=kind[0],
        family=kind[1],
        bits=bits,
        observed=observed,
        usual=usual,
        sentence=sentence,
    )
