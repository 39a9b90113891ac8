"""Which attackers are found, by how much of their harvest the log holds; print one table.

    python benchmarks/harvest_seen.py --seeds 51 52 53

Simulated hydra logs of 3,000 accounts. An account whose exchanges are all cover asks what honest
customers ask; it can be found by what it shares, and by nothing that it does.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.labelled_logs import LogRequest, make_log, scan_log
from benchmarks.markdown import table

from cautery.report.sanitise import plain_from_csv
from cautery.simulate.score_tables import read_true_accounts, read_true_exchanges

BINS: Final[tuple[tuple[int, int | None], ...]] = ((0, 0), (1, 2), (3, 9), (10, 29), (30, None))
"""Harvest exchanges of an account, first and last; None for no end."""
ACCUSED: Final = ("very likely", "likely")
"""Bands at which an attacker counts as found."""
HEADER: Final[tuple[str, ...]] = (
    "harvest exchanges",
    "attackers",
    "at `likely`",
    "at `watch` only",
    "part of all attackers that is missed here",
)


def bin_of(harvest: int) -> int:
    """Place of the bin that holds a number of harvest exchanges.

    Args:
        harvest: The number.

    Returns:
        The place in ``BINS``.

    Example:
        >>> bin_of(0), bin_of(9), bin_of(1_000)
        (0, 2, 4)
    """
    return next(place for place, (_low, high) in enumerate(BINS) if high is None or harvest <= high)


def count(seed: int, counts: Counter[tuple[int, str]]) -> None:
    """Make and scan one log, and add its attackers to the counts.

    Args:
        seed: Of the simulation.
        counts: By bin and band, changed here; silent accounts are left out.
    """
    with tempfile.TemporaryDirectory() as name:
        request = LogRequest(world="simulate", tier="hydra", seed=seed)
        folder = make_log(request, Path(name) / "log")
        output = Path(name) / "out"
        run = scan_log(folder, output)
        if run.code:
            raise RuntimeError(run.messages[-500:])
        harvest = Counter(e.account_id for e in read_true_exchanges(folder) if e.harvest)
        true = read_true_accounts(folder)
        with (output / "accounts.csv").open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                account = plain_from_csv(row["account_id"])
                if true[account].attacker:
                    counts[bin_of(harvest[account]), row["band"]] += 1


def table_lines(counts: Counter[tuple[int, str]]) -> list[str]:
    """Lay the counts out as a table in Markdown.

    Args:
        counts: Attackers by bin and band.

    Returns:
        The table's lines.
    """
    everybody = max(sum(counts.values()), 1)
    lines: list[list[object]] = []
    for place, (low, high) in enumerate(BINS):
        own = {band: number for (at, band), number in counts.items() if at == place}
        attackers, found = sum(own.values()), sum(own.get(band, 0) for band in ACCUSED)
        name = (
            f"{low} and more" if high is None else str(low) if low == high else f"{low} to {high}"
        )
        shares = [f"{number / max(attackers, 1):.0%}" for number in (found, own.get("watch", 0))]
        lines.append([name, attackers, *shares, f"{(attackers - found) / everybody:.1%}"])
    return table(HEADER, lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for, and print the table of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seeds", nargs="+", type=int, default=[51, 52, 53])
    given = parser.parse_args(arguments)
    counts: Counter[tuple[int, str]] = Counter()
    for seed in given.seeds:
        count(seed, counts)
        print(f"hydra, seed {seed}: done", file=sys.stderr)
    print("\n".join(table_lines(counts)))


if __name__ == "__main__":
    main()
