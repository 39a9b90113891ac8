"""Measure other ways to find campaigns beside ours, on the same logs; print one table.

    python -m venv .peers
    .peers/bin/pip install kollude==0.4.0 honeypotllm==0.1.3 greenlet
    python benchmarks/baselines.py --peers-python .peers/bin/python

Figures are means over the seeds. How each method works, and what favours it:
``docs/explanation/baselines.md``. Results: ``benchmarks/results/baselines.jsonl``, one line a
method and log; a log of the same code is not measured again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.baseline_methods.discrepancy_rows import discrepancy_rows
from benchmarks.baseline_methods.measured import Measured, measured, measured_groups, of_board
from benchmarks.baseline_methods.peers import PEERS, ask_peer
from benchmarks.baseline_methods.plain_log import PlainLog, read_plain_log
from benchmarks.baseline_methods.rate_limit import accounts_over, busiest_accounts
from benchmarks.baseline_methods.shared_infrastructure import unions
from benchmarks.baseline_methods.synchrony import likeness_of, synchronous_groups
from benchmarks.labelled_logs import WORLDS, LogRequest, make_log, scan_log
from benchmarks.markdown import table
from benchmarks.results_file import RESULTS_FOLDER, ResultsFile

from cautery.simulate.score import score_accounts
from cautery.simulate.score_tables import TrueAccount, read_scanned_accounts, read_true_accounts

JACCARD_TRIED = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
"""Thresholds among which hindsight chooses for the synchrony linker."""

KEYS: Final[tuple[str, ...]] = ("world", "tier", "seed", "accounts", "volume", "method")
"""What names a measurement."""

OURS: Final = "cautery"
"""Our own row; the file holds a log's rows if it holds this one."""


def measure_all(folder: Path, peers_python: Path | None) -> dict[str, Measured]:
    """Run every method over one labelled log.

    Args:
        folder: What ``make_log`` wrote, in a canonical format.
        peers_python: Interpreter of the peers' environment, if there is one.

    Returns:
        The measures by the method's name; ours comes first.
    """
    true = read_true_accounts(folder)
    log = read_plain_log(folder)
    attackers = sum(account.attacker for account in true.values())
    likeness = likeness_of(log)
    united = unions(log)
    ours, linked = _ours(true, folder)
    results = {
        OURS: ours,
        "busiest accounts, as many as attackers": measured(true, busiest_accounts(log, attackers)),
        "more than 1,000 exchanges on a day": measured(true, accounts_over(log)),
        "union of payment or /24": measured_groups(true, united),
        "SynchroTrap-style Jaccard": measured_groups(true, synchronous_groups(likeness)),
    }
    tried = [measured_groups(true, synchronous_groups(likeness, least)) for least in JACCARD_TRIED]
    results["SynchroTrap-style Jaccard, best threshold in hindsight"] = max(tried, key=_f_score)
    pools = {"the union's groups": united, "cautery's groups": linked}
    results |= discrepancy_rows(true, log, pools)
    return results | _peers(true, log, peers_python, folder)


def _ours(true: dict[str, TrueAccount], folder: Path) -> tuple[Measured, dict[str, str]]:
    """Scan with cautery: its figures, and its groups at ``watch`` or above."""
    run = scan_log(folder, folder / "out")
    if run.code:
        reason = (run.messages.strip().splitlines() or ["no message"])[-1]
        return Measured(problem=f"exit {run.code}: {reason}"), {}
    scanned = read_scanned_accounts(folder / "out")
    groups = {name: account.campaign_id for name, account in scanned.items() if account.campaign_id}
    return of_board(score_accounts(true, scanned), groups=True), groups


def _peers(
    true: dict[str, TrueAccount], log: PlainLog, python: Path | None, folder: Path
) -> dict[str, Measured]:
    results = {}
    for peer in PEERS:
        answer = ask_peer(peer, python, log, folder)
        if answer.problem:
            results[peer] = Measured(problem=answer.problem)
            continue
        named = {name for name, value in answer.scores.items() if value >= answer.threshold}
        results[peer] = measured(true, named)
        results[f"{peer}, best threshold in hindsight"] = _in_hindsight(true, answer.scores)
    return results


def _in_hindsight(true: dict[str, TrueAccount], scores: dict[str, float]) -> Measured:
    """Choose the threshold with the best F score on the truth: more than any program can do."""
    attackers = {name for name, account in true.items() if account.attacker}
    ordered = sorted(scores, key=lambda name: (-scores[name], name))
    best, best_score, hits = 0, 0.0, 0
    for count, name in enumerate(ordered, start=1):
        hits += name in attackers
        last = count == len(ordered) or scores[ordered[count]] != scores[name]
        value = 2 * hits / (count + len(attackers))
        if last and value > best_score:
            best, best_score = count, value
    return measured(true, set(ordered[:best]))


def _f_score(result: Measured) -> float:
    precision, recall = result.precision or 0.0, result.recall or 0.0
    # Without an attack every alarm is false, and the method that names nobody is the best.
    best = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return best - 1e-6 * (result.false_positive_rate or 0.0)


def table_lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Lay the means over the seeds out as a table in Markdown.

    Args:
        rows: Lines of results.

    Returns:
        Its lines.
    """
    header = ["tier", "method", "precision", "recall", "false-positive rate"]
    header += ["worst negative class", "B-cubed F", "ARI"]
    lines: list[list[object]] = []
    for tier, method in dict.fromkeys((row["tier"], row["method"]) for row in rows):
        own = [row for row in rows if (row["tier"], row["method"]) == (tier, method)]
        problem = next((row["problem"] for row in own if row["problem"]), "")
        if problem:
            lines.append([tier, method, f"not run: {problem}", *[""] * 5])
            continue
        worst = max(own, key=lambda row: row["worst_share"])["worst_class"] or "none"
        figures = [_mean(own, name) for name in ("precision", "recall", "false_positive_rate")]
        groups = [_mean(own, name) for name in ("b_cubed", "adjusted_rand_index")]
        lines.append([tier, method, *figures, worst, *groups])
    return table(header, lines)


def _mean(rows: Sequence[dict[str, Any]], name: str) -> str:
    known = [row[name] for row in rows if row[name] is not None]
    return f"{sum(known) / len(known):.4f}" if known else "-"


def _measure_log(
    given: argparse.Namespace, tier: str, seed: int, results: ResultsFile
) -> list[dict[str, Any]]:
    """Measure one log, or take its rows from the file."""
    place = (given.world, tier, seed, given.accounts, given.volume)
    if results.known((*place, OURS)):
        return results.starting_with(place)
    request = LogRequest(
        world=given.world, tier=tier, seed=seed, accounts=given.accounts, volume=given.volume
    )
    with tempfile.TemporaryDirectory() as folder:
        found = measure_all(make_log(request, Path(folder)), given.peers_python)
    named = dict(zip(KEYS, place, strict=False))
    # Ours last, because it stands for all: a run that is broken off measures the log again.
    ordered = sorted(found, key=lambda method: method == OURS)
    for method in ordered:
        results.add({**named, "method": method, **asdict(found[method])})
    print(f"{tier}, seed {seed}: measured", file=sys.stderr)
    return [{**named, "method": method, **asdict(result)} for method, result in found.items()]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--tiers", nargs="+", default=["loud", "february", "hydra", "none"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[51])
    parser.add_argument("--world", choices=WORLDS, default="simulate")
    parser.add_argument("--accounts", type=int, default=3_000)
    parser.add_argument("--volume", type=float, default=1.0)
    parser.add_argument("--peers-python", type=Path)
    parser.add_argument("--results", type=Path, default=RESULTS_FOLDER / "baselines.jsonl")
    parser.add_argument("--any-code", action="store_true", help="take rows of other code as known")
    given = parser.parse_args(arguments)
    results = ResultsFile(given.results, KEYS, any_code=given.any_code)
    rows = []
    for tier in given.tiers:
        for seed in given.seeds:
            rows += _measure_log(given, tier, seed, results)
    results.tidy()
    print("\n".join(table_lines(rows)))


if __name__ == "__main__":
    main()
