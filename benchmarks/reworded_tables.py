"""Tables of what a log tells of reworded campaigns, from the rows of ``reworded_limits.py``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from benchmarks.markdown import table
from benchmarks.results_file import Row

from cautery.records.campaign import band_of
from cautery.scan.evidence import chance

LEVEL: Final = 0.05
"""Median p-value of the logs over which nothing is said to be told of the operator."""


def accounts_needed(bits: float, accounts: int) -> int | None:
    """Smallest campaign that so many bits a pair can find; None if not half of all accounts do.

    Example:
        >>> accounts_needed(0.5, 3_000), accounts_needed(0.0001, 3_000)
        (28, None)
    """
    sizes = np.arange(3, accounts // 2)
    enough = (sizes - 1) * bits >= 2.0 * np.log2(accounts / sizes)
    return int(sizes[enough.argmax()]) if enough.any() else None


def _by_name(rows: Sequence[Row], part: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["part"] == part:
            found[row["name"]].append(row)
    return found


def _mean(rows: Sequence[Row], name: str) -> float:
    return float(np.mean([row[name] for row in rows]))


def information_table(rows: Sequence[Row]) -> list[str]:
    """Lay out what every kind of information tells: means of the logs, and the worst class.

    Args:
        rows: Rows of all parts.

    Returns:
        The table's lines, least information of the operator first.
    """
    accounts = min((row["accounts"] for row in rows if row["part"] == "best"), default=0)
    kinds = _by_name(rows, "information")
    lines = []
    for name in sorted(kinds, key=lambda name: (_mean(kinds[name], "operator_bits"), name)):
        some = kinds[name]
        operator = _mean(some, "operator_bits")
        worst = max(some, key=lambda row: row["densest_bits"])
        lines.append(
            [
                name,
                f"{_mean(some, 'bits'):.2f}",
                f"{worst['densest'].replace('_', ' ')}, {worst['densest_bits']:.2f}",
                f"{operator:.3f}",
                ", ".join(f"{row['operator_p']:.2f}" for row in some),
                _needed([row["operator_p"] for row in some], operator, accounts),
            ]
        )
    return table(_INFORMATION, lines)


def _needed(p_values: Sequence[float], bits: float, accounts: int) -> object:
    """Size of a campaign that could be found, if the logs show anything at all."""
    if float(np.median(p_values)) > LEVEL:
        return "none told"
    return accounts_needed(bits, accounts) or "over half"


_INFORMATION: Final = (
    "information", "bits a pair", "honest class most alike, bits",
    "bits of the operator", "p by log", "accounts needed",
)  # fmt: skip


def best_lines(rows: Sequence[Row]) -> list[str]:
    """Say what the best of all of it finds, and how large campaigns are.

    Args:
        rows: Rows of all parts.

    Returns:
        One sentence.
    """
    some = [row for row in rows if row["part"] == "best"]
    if not some:
        return []
    attackers, honest = ([row[name] for row in some] for name in ("attackers", "honest"))
    sizes = [size for row in some for size in row["campaigns"]]
    sentence = (
        "All of it together, fitted on the truth of the same log, finds "
        f"{_span(attackers, '.0%')} of the attackers with {_span(honest, '.1%')} of the "
        f"honest accounts; the campaigns have {_span(sizes, 'd')} accounts."
    )
    return [sentence]


def pools_table(rows: Sequence[Row]) -> list[str]:
    """Lay out how pools that the truth puts together are judged.

    Args:
        rows: Rows of all parts.

    Returns:
        The table's lines.
    """
    kinds: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["part"] == "pool":
            kinds[row["kind"]].append(row)
    lines = [
        [
            kind,
            _span([row["accounts"] for row in some], "d"),
            _span([row["linkage"] for row in some], "+.1f"),
            _span([row["asked"] for row in some], "+.1f"),
            *(_levels([row["bits"][place] for row in some]) for place in range(3)),
        ]
        for kind, some in kinds.items()
    ]
    return table(_POOLS, lines)


_POOLS: Final = (
    "pools", "accounts", "linkage, bits", "what is asked, bits", "as it is",
    "one owner proved by behaviour", "one owner proved by something shared",
)  # fmt: skip


def _span(values: Sequence[float], form: str) -> str:
    """Write the least and the most of some values."""
    ends = [format(value, form) for value in (min(values), max(values))]
    return " to ".join(dict.fromkeys(ends))


def _levels(bits: Sequence[float]) -> str:
    """Count the pools at ``watch`` and at ``likely`` or above."""
    bands = [band_of(chance(value)) for value in bits]
    likely = sum(band in {"likely", "very likely"} for band in bands)
    return f"{likely} likely, {sum(bool(band) for band in bands) - likely} watch, of {len(bits)}"


def repeats_table(rows: Sequence[Row]) -> list[str]:
    """Lay out what prompts asked again join.

    Args:
        rows: Rows of all parts.

    Returns:
        The table's lines.
    """
    lines = [
        [
            name,
            f"{_mean(some, 'each'):.2f}",
            f"{_mean(some, 'attackers'):.0%}",
            ", ".join(str(row["honest"]) for row in some),
        ]
        for name, some in sorted(
            _by_name(rows, "repeats").items(), key=lambda item: float(item[0].rstrip("%"))
        )
    ]
    return table(
        ("items asked again", "repeats an account", "attackers joined", "honest joined"), lines
    )


def cards_table(rows: Sequence[Row]) -> list[str]:
    """Lay out what a scan finds where some accounts share cards.

    Args:
        rows: Rows of all parts.

    Returns:
        The table's lines.
    """
    lines = [
        [
            name,
            ", ".join(str(row["seed"]) for row in some),
            *(
                ", ".join(f"{row[level][0]:.2f} ({row[level][1]})" for row in some)
                for level in ("likely", "watch")
            ),
        ]
        for name, some in _by_name(rows, "cards").items()
    ]
    return table(_CARDS, lines)


_CARDS: Final = (
    "accounts on shared cards", "seeds", "recall at likely (honest there)",
    "at watch (honest there)",
)  # fmt: skip

REWORDED_TABLES: Final[dict[str, Callable[[Sequence[Row]], list[str]]]] = {
    "reworded": information_table,
    "reworded best": best_lines,
    "reworded cards": cards_table,
    "reworded pools": pools_table,
    "reworded repeats": repeats_table,
}
"""Tables by the name that a page's marker gives."""
