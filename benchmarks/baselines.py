"""Measure other ways to find campaigns beside ours, on the same logs; print one table.

    python benchmarks/baselines.py --tiers loud february hydra none --seeds 1 2 \
        --peers-python .peers/bin/python

Figures are means over the seeds. How each method works, and what favours it:
``docs/explanation/baselines.md``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.baseline_methods.peers import PEERS, ask_peer
from benchmarks.baseline_methods.plain_log import PlainLog, read_plain_log
from benchmarks.baseline_methods.rate_limit import accounts_over, busiest_accounts
from benchmarks.baseline_methods.shared_infrastructure import unions
from benchmarks.baseline_methods.synchrony import likeness_of, synchronous_accounts
from benchmarks.labelled_logs import WORLDS, LogRequest, make_log, scan_log

from cautery.simulate.score import Scoreboard, score_accounts
from cautery.simulate.score_tables import (
    ScannedAccount,
    TrueAccount,
    read_scanned_accounts,
    read_true_accounts,
)

JACCARD_TRIED = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
"""Thresholds among which hindsight chooses for the synchrony linker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One method on one log."""

    precision: float | None
    recall: float | None
    false_positive_rate: float | None
    worst_class: str
    worst_share: float
    problem: str = ""


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
    named: dict[str, set[str]] = {
        "busiest accounts, as many as attackers": busiest_accounts(log, attackers),
        "more than 1,000 exchanges on a day": accounts_over(log),
        "union of payment or /24": unions(log),
        "SynchroTrap-style Jaccard": synchronous_accounts(likeness),
    }
    results = {"cautery": _ours(true, folder)}
    results |= {name: _measured(true, accounts) for name, accounts in named.items()}
    tried = [_measured(true, synchronous_accounts(likeness, least)) for least in JACCARD_TRIED]
    results["SynchroTrap-style Jaccard, best threshold in hindsight"] = max(tried, key=_f_score)
    return results | _peers(true, log, peers_python, folder)


def _ours(true: dict[str, TrueAccount], folder: Path) -> Measured:
    run = scan_log(folder, folder / "out")
    if run.code:
        reason = (run.messages.strip().splitlines() or ["no message"])[-1]
        return _failed(f"exit {run.code}: {reason}")
    return _of_board(score_accounts(true, read_scanned_accounts(folder / "out")))


def _peers(
    true: dict[str, TrueAccount], log: PlainLog, python: Path | None, folder: Path
) -> dict[str, Measured]:
    results = {}
    for peer in PEERS:
        answer = ask_peer(peer, python, log, folder)
        if answer.problem:
            results[peer] = _failed(answer.problem)
            continue
        named = {name for name, value in answer.scores.items() if value >= answer.threshold}
        results[peer] = _measured(true, named)
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
    return _measured(true, set(ordered[:best]))


def _f_score(measured: Measured) -> float:
    precision, recall = measured.precision or 0.0, measured.recall or 0.0
    # Without an attack every alarm is false, and the method that names nobody is the best.
    best = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return best - 1e-6 * (measured.false_positive_rate or 0.0)


def _measured(true: dict[str, TrueAccount], named: Iterable[str]) -> Measured:
    chosen = set(named)
    scanned = {
        name: ScannedAccount(
            account_id=name,
            campaign_id="named" if name in chosen else "",
            operator_id="",
            probability=float(name in chosen),
            band="likely" if name in chosen else "",
        )
        for name in true
    }
    return _of_board(score_accounts(true, scanned))


def _of_board(board: Scoreboard) -> Measured:
    likely = next(band for band in board.bands if band.band == "likely")
    worst = board.negative_classes[0] if board.worst_class else None
    return Measured(
        precision=likely.precision,
        recall=likely.recall,
        false_positive_rate=likely.false_positive_rate,
        worst_class=f"{worst.name} {worst.listed}/{worst.accounts}" if worst else "",
        worst_share=worst.share if worst else 0.0,
    )


def _failed(problem: str) -> Measured:
    return Measured(
        precision=None,
        recall=None,
        false_positive_rate=None,
        worst_class="",
        worst_share=0.0,
        problem=problem,
    )


def table_lines(measured: dict[tuple[str, str], list[Measured]]) -> list[str]:
    """Lay the means out as a table in Markdown.

    Args:
        measured: The measures of every seed by tier and method.

    Returns:
        Its lines.
    """
    lines = [
        "| tier | method | precision | recall | false-positive rate | worst negative class |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for (tier, method), rows in measured.items():
        problem = next((row.problem for row in rows if row.problem), "")
        if problem:
            lines.append(f"| {tier} | {method} | not run: {problem} | | | |")
            continue
        cells = (
            _mean([row.precision for row in rows]),
            _mean([row.recall for row in rows]),
            _mean([row.false_positive_rate for row in rows]),
            max(rows, key=lambda row: row.worst_share).worst_class or "none",
        )
        lines.append(f"| {tier} | {method} | {' | '.join(cells)} |")
    return lines


def _mean(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{sum(known) / len(known):.4f}" if known else "-"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--tiers", nargs="+", default=["loud", "february", "hydra", "none"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--world", choices=WORLDS, default="simulate")
    parser.add_argument("--accounts", type=int, default=2_000)
    parser.add_argument("--volume", type=float, default=0.3)
    parser.add_argument("--peers-python", type=Path)
    given = parser.parse_args(arguments)
    measured: dict[tuple[str, str], list[Measured]] = defaultdict(list)
    for tier in given.tiers:
        for seed in given.seeds:
            request = LogRequest(
                world=given.world,
                tier=tier,
                seed=seed,
                accounts=given.accounts,
                volume=given.volume,
            )
            with tempfile.TemporaryDirectory() as folder:
                results = measure_all(make_log(request, Path(folder)), given.peers_python)
            for method, result in results.items():
                measured[tier, method].append(result)
            print(f"{tier}, seed {seed}: measured", file=sys.stderr)
    print("\n".join(table_lines(measured)))


if __name__ == "__main__":
    main()
