"""Measure the real command line over worlds, tiers, seeds, formats and variants; print one table.

    python benchmarks/quality.py --worlds simulate recorded_pools alternate_world \
        --tiers loud february hydra none recorded unique --seeds 1 2 3 --results quality.jsonl

Every measurement is one ``cautery simulate`` or an independent world, one ``cautery scan`` in a
process of its own, and one score. Results are appended as JSON lines; what is already in the file
is not measured again, so that a long run can be done in parts. After a change of the code, give
another file.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.labelled_logs import WORLDS, LogRequest, knows, make_log, scan_log
from benchmarks.world_records import Variant

from cautery.simulate.score import Scoreboard, score

VARIANTS: Final[dict[str, Variant]] = {
    "full": Variant(),
    "no-accounts": Variant(account_table=False),
    "no-text": Variant(text=False),
    "load-balancer": Variant(load_balancer=True),
    "metadata-only": Variant(account_table=False, text=False, load_balancer=True),
}
"""What a log leaves out."""

_KEYS: Final[tuple[str, ...]] = ("world", "tier", "seed", "format", "variant", "accounts", "volume")


def measure(request: LogRequest, variant: str) -> dict[str, Any]:
    """Make, scan and score one log.

    Args:
        request: Which log.
        variant: Name of what it leaves out, for the result.

    Returns:
        One line of results.
    """
    row: dict[str, Any] = dict(zip(_KEYS, _key_of(request, variant), strict=True))
    with tempfile.TemporaryDirectory() as name:
        folder = make_log(request, Path(name) / "log")
        run = scan_log(folder, Path(name) / "out")
        row |= {"seconds": round(run.seconds, 1), "exit": run.code}
        if run.code:
            return row | {"messages": run.messages[-2_000:]}
        board = score(folder / "truth", Path(name) / "out")
    return row | _figures(board)


def _figures(board: Scoreboard) -> dict[str, Any]:
    likely = next(band for band in board.bands if band.band == "likely")
    watch = next(band for band in board.bands if band.band == "watch")
    worst = board.negative_classes[0] if board.worst_class else None
    return {
        "attackers": board.attackers,
        "recall": likely.recall,
        "precision": likely.precision,
        "false_positives": likely.false_positives,
        "false_positive_rate": likely.false_positive_rate,
        "watch_recall": watch.recall,
        "watch_false_positives": watch.false_positives,
        "worst_class": f"{worst.name} {worst.listed}/{worst.accounts}" if worst else "",
        "worst_share": worst.share if worst else 0.0,
        "listed": {band.band: band.listed for band in board.bands},
        "hits": f"{board.campaigns.hits}/{board.campaigns.true_groups}",
        "merges": board.campaigns.merges,
        "splits": board.campaigns.splits,
        "false_groups": board.campaigns.false_groups,
        "b_cubed": board.campaigns.b_cubed.f_score,
        "adjusted_rand_index": board.campaigns.adjusted_rand_index,
        "calibration_error": board.calibration.expected_error,
        "bins": [asdict(row) for row in board.calibration.bins],
        "classes": [asdict(row) for row in board.negative_classes if row.watched],
    }


def table_lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Lay results out as a table in Markdown, one line a measurement.

    Args:
        rows: Lines of results.

    Returns:
        The table's lines.
    """
    header = (
        "world",
        "tier",
        "seed",
        "format",
        "variant",
        "recall",
        "at watch",
        "FPR",
        "worst class",
        "hits",
        "B-cubed F",
        "ARI",
        "very likely / likely / watch",
        "s",
    )
    lines = [f"| {' | '.join(header)} |", "|" + " --- |" * len(header)]
    for row in rows:
        start = [str(row[key]) for key in _KEYS[:-2]]
        if row["exit"]:
            last = (row["messages"].strip().splitlines() or [""])[-1]
            cells = [*start, f"exit {row['exit']}: {last[:80]}", *[""] * 7, str(row["seconds"])]
        else:
            cells = [*start, *_cells(row)]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _cells(row: dict[str, Any]) -> list[str]:
    return [
        _number(row["recall"], 3),
        _number(row["watch_recall"], 3),
        f"{_number(row['false_positive_rate'], 5)} ({row['false_positives']})",
        row["worst_class"] or "none",
        row["hits"],
        _number(row["b_cubed"], 3),
        _number(row["adjusted_rand_index"], 3),
        " / ".join(str(count) for count in row["listed"].values()),
        str(row["seconds"]),
    ]


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _key_of(request: LogRequest, variant: str) -> tuple[Any, ...]:
    accounts = request.accounts if request.world == "simulate" else 0
    return (
        request.world,
        request.tier,
        request.seed,
        request.log_format,
        variant,
        accounts,
        request.volume if accounts else 1.0,
    )


def _requests(given: argparse.Namespace) -> list[tuple[LogRequest, str]]:
    everything = product(given.worlds, given.tiers, given.formats, given.variants, given.seeds)
    chosen = []
    for world, tier, log_format, variant, seed in everything:
        request = LogRequest(
            world=world,
            tier=tier,
            seed=seed,
            log_format=log_format,
            accounts=given.accounts,
            volume=given.volume,
            variant=VARIANTS[variant],
        )
        if knows(request):
            chosen.append((request, variant))
    return chosen


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for, and print the table of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--worlds", nargs="+", choices=WORLDS, default=list(WORLDS))
    parser.add_argument("--tiers", nargs="+", default=["loud", "february", "none", "recorded"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--formats", nargs="+", default=["canonical"])
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=["full"])
    parser.add_argument("--accounts", type=int, default=3_000)
    parser.add_argument("--volume", type=float, default=1.0)
    parser.add_argument("--results", type=Path)
    given = parser.parse_args(arguments)
    known: dict[tuple[Any, ...], dict[str, Any]] = {}
    if given.results and given.results.is_file():
        for line in given.results.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            known[tuple(row[key] for key in _KEYS)] = row
    rows = []
    for request, variant in _requests(given):
        key = _key_of(request, variant)
        if key not in known:
            known[key] = measure(request, variant)
            if given.results:
                with given.results.open("a", encoding="utf-8") as stream:
                    stream.write(json.dumps(known[key]) + "\n")
            print(f"measured {key}: {known[key]['seconds']} s", file=sys.stderr)
        rows.append(known[key])
    print("\n".join(table_lines(rows)))


if __name__ == "__main__":
    main()
