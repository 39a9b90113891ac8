"""Measure the real command line over worlds, tiers, seeds, formats and variants; print one table.

    python benchmarks/quality.py --plan tiers
    python benchmarks/quality.py --plan missing-columns
    python benchmarks/quality.py --worlds simulate recorded_pools alternate_world \
        --tiers loud february hydra none recorded unique --seeds 1 2 3 --results quality.jsonl

Every measurement is one ``cautery simulate`` or an independent world, one ``cautery scan`` in a
process of its own, and one score. Results are appended as JSON lines; what is already in the file
for the same code is not measured again, so that a long run can be done in parts. A plan is the
list of measurements behind one table of the documentation; its file is
``benchmarks/results/PLAN.jsonl``, and ``--worlds``, ``--tiers``, ``--seeds`` and ``--variants``
then choose a part of it.
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
from benchmarks.missing_columns import SUBSETS_BY_NAME
from benchmarks.plans import PLANS, Measurement
from benchmarks.results_file import RESULTS_FOLDER, ResultsFile

from cautery.simulate.score import Scoreboard, score

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
        case = json.loads((Path(name) / "out" / "case.json").read_text(encoding="utf-8"))
    return row | _figures(board) | _said_missing(case)


def _said_missing(case: dict[str, Any]) -> dict[str, Any]:
    """Take from a case what it says it could not see."""
    return {
        "accounts_scanned": case["input"]["accounts"],
        "exchanges": case["input"]["exchanges"],
        "missing": sorted(row["name"] for row in case["signals"]["missing"]),
        "notes": case["notes"],
    }


def _figures(board: Scoreboard) -> dict[str, Any]:
    likely = next(band for band in board.bands if band.band == "likely")
    watch = next(band for band in board.bands if band.band == "watch")
    worst = board.negative_classes[0] if board.worst_class else None
    return {
        "attackers": board.attackers,
        "honest": board.honest,
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


def _chosen(given: argparse.Namespace) -> list[Measurement]:
    """List what is asked for: a part of a plan, or all combinations of the options."""
    if given.plan:
        asked = PLANS[given.plan]()
        wanted = (given.worlds, given.tiers, given.seeds, given.variants)
        return [
            (request, variant)
            for request, variant in asked
            if _matches((request.world, request.tier, request.seed, variant), wanted)
        ]
    everything = product(
        given.worlds or WORLDS,
        given.tiers or ["loud", "february", "none", "recorded"],
        given.formats,
        given.variants or ["full"],
        given.seeds or [1],
    )
    chosen = []
    for world, tier, log_format, variant, seed in everything:
        request = LogRequest(
            world=world,
            tier=tier,
            seed=seed,
            log_format=log_format,
            accounts=given.accounts,
            volume=given.volume,
            variant=SUBSETS_BY_NAME[variant].variant,
        )
        if knows(request):
            chosen.append((request, variant))
    return chosen


def _matches(values: Sequence[Any], wanted: Sequence[Sequence[Any] | None]) -> bool:
    return all(not few or value in few for value, few in zip(values, wanted, strict=True))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for, and print the table of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--plan", choices=list(PLANS))
    parser.add_argument("--worlds", nargs="+", choices=WORLDS)
    parser.add_argument("--tiers", nargs="+")
    parser.add_argument("--seeds", nargs="+", type=int)
    parser.add_argument("--formats", nargs="+", default=["canonical"])
    parser.add_argument("--variants", nargs="+", choices=list(SUBSETS_BY_NAME))
    parser.add_argument("--accounts", type=int, default=3_000)
    parser.add_argument("--volume", type=float, default=1.0)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--any-code", action="store_true", help="take rows of other code as known")
    given = parser.parse_args(arguments)
    if given.plan and not given.results:
        given.results = RESULTS_FOLDER / f"{given.plan}.jsonl"
    results = ResultsFile(given.results, _KEYS, any_code=given.any_code)
    rows = []
    for request, variant in _chosen(given):
        key = _key_of(request, variant)
        row = results.known(key)
        if row is None:
            row = results.add(measure(request, variant))
            print(f"measured {key}: {row['seconds']} s", file=sys.stderr)
        rows.append(row)
    results.tidy()
    print("\n".join(table_lines(rows)))


if __name__ == "__main__":
    main()
