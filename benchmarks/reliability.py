"""Compare claimed chances with the truth, pooled over the logs that ``quality.py`` measured.

    python benchmarks/quality.py --worlds simulate --tiers loud february hydra none \
        --seeds 41 42 43 --results held-out.jsonl
    python benchmarks/reliability.py held-out.jsonl

Use seeds that nothing was tuned on. The claimed false-discovery rate is the mean of one minus the
chance over the accounts listed at ``likely`` or above; the realised one is the share of them that
are honest.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

LISTED_FROM: Final = 0.9
"""Chance from which an account is listed as ``likely``; one of the bins' edges."""


def pooled_bins(rows: Iterable[dict[str, Any]]) -> dict[tuple[float, float], list[float]]:
    """Add up the bins of several logs.

    Args:
        rows: Lines of results that hold ``bins``.

    Returns:
        By the bin's edges: accounts, sum of their chances, attackers.
    """
    pooled: dict[tuple[float, float], list[float]] = {}
    for row in rows:
        for bin_ in row.get("bins", ()):
            sums = pooled.setdefault((bin_["low"], bin_["high"]), [0.0, 0.0, 0.0])
            sums[0] += bin_["count"]
            sums[1] += bin_["count"] * bin_["mean_probability"]
            sums[2] += bin_["count"] * bin_["observed_share"]
    return pooled


def reliability_lines(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Lay pooled bins out as a table in Markdown, with the error and the rates below.

    Args:
        rows: Lines of results that hold ``bins``.

    Returns:
        The lines.
    """
    pooled = pooled_bins(rows)
    lines = ["| chance | accounts | mean chance | attackers |", "| --- | --- | --- | --- |"]
    total = error = 0.0
    for (low, high), (count, claimed, true) in sorted(pooled.items()):
        if count:
            total += count
            error += abs(claimed - true)
            shares = f"{claimed / count:.3f} | {true / count:.3f}"
            lines.append(f"| {low:g} to {high:g} | {count:,.0f} | {shares} |")
    listed = [sums for (low, _high), sums in pooled.items() if low >= LISTED_FROM]
    count = sum(sums[0] for sums in listed)
    lines += ["", f"expected calibration error {error / max(total, 1.0):.4f}"]
    if count:
        claimed = 1.0 - sum(sums[1] for sums in listed) / count
        realised = 1.0 - sum(sums[2] for sums in listed) / count
        lines.append(
            f"false-discovery rate at likely or above: claimed {claimed:.4f}, "
            f"realised {realised:.4f}, of {count:,.0f} accounts"
        )
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table of one file of results, over all tiers and for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("results", type=Path)
    given = parser.parse_args(arguments)
    rows = [json.loads(line) for line in given.results.read_text(encoding="utf-8").splitlines()]
    print("\n".join(reliability_lines(rows)))
    for tier in sorted({row["tier"] for row in rows}):
        print(f"\n## {tier}\n")
        print("\n".join(reliability_lines(row for row in rows if row["tier"] == tier)))


if __name__ == "__main__":
    main()
