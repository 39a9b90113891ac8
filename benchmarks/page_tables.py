"""The tables of the documentation, each from its committed results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from benchmarks.markdown import table
from benchmarks.missing_columns import SUBSETS
from benchmarks.plans import HELD_OUT_FROM, POORER_TIERS, SIMULATED_TIERS
from benchmarks.reliability import reliability_lines
from benchmarks.results_file import RESULTS_FOLDER, Row, read_rows
from benchmarks.reworded_tables import REWORDED_TABLES

from benchmarks import baselines, coordination, early_alert, early_oracle

Lines = list[str]

NOT_MEASURED: Final = "not measured yet"
"""Stands where the results hold nothing: never a figure from elsewhere."""


def results(name: str) -> list[Row]:
    """Read a committed results file.

    Args:
        name: Its name without ``.jsonl``.

    Returns:
        Its rows that are measurements (a scan that failed has none).
    """
    rows = read_rows(RESULTS_FOLDER / f"{name}.jsonl")
    return [row for row in rows if not row.get("exit")]


def held_out(rows: Iterable[Row]) -> list[Row]:
    """Choose the simulated logs that no weight has seen.

    Args:
        rows: Results of ``quality.py``.

    Returns:
        Those of the simulator with a held-out seed.
    """
    return [row for row in rows if row["world"] == "simulate" and row["seed"] >= HELD_OUT_FROM]


def tiers_table() -> Lines:
    """Lay out all tiers of all worlds, held-out seeds apart from those that were looked at."""
    header = ["world", "tier", "seeds", "recall (worst seed)", "at watch", "false positives"]
    header += ["at watch", "worst honest class", "campaigns hit", "B-cubed F", "ARI"]
    groups: dict[tuple[str, str, bool], list[Row]] = {}
    for row in results("tiers"):
        looked_at = row["world"] == "simulate" and row["seed"] < HELD_OUT_FROM
        groups.setdefault((row["world"], row["tier"], looked_at), []).append(row)
    lines = [
        [world + (" (looked at)" if looked_at else ""), tier, _seeds(rows), *_figures(rows)]
        for (world, tier, looked_at), rows in sorted(groups.items(), key=_tier_order)
    ]
    return table(header, lines)


def _tier_order(item: tuple[tuple[str, str, bool], list[Row]]) -> tuple[Any, ...]:
    world, tier, looked_at = item[0]
    known = SIMULATED_TIERS.index(tier) if tier in SIMULATED_TIERS else -1
    return (world != "simulate", looked_at, world, known, tier)


def _seeds(rows: Sequence[Row]) -> str:
    seeds = sorted(row["seed"] for row in rows)
    whole = seeds == list(range(seeds[0], seeds[-1] + 1)) and len(seeds) > 2
    return f"{seeds[0]} to {seeds[-1]}" if whole else ", ".join(map(str, seeds))


def _figures(rows: Sequence[Row]) -> list[str]:
    recalls = [row["recall"] for row in rows if row["recall"] is not None]
    watched = [row["watch_recall"] for row in rows if row["watch_recall"] is not None]
    honest, false = sum(r["honest"] for r in rows), sum(r["false_positives"] for r in rows)
    hits = [tuple(map(int, row["hits"].split("/"))) for row in rows]
    attacked = bool(recalls)
    return [
        f"{_mean(recalls)} ({min(recalls):.3f})" if recalls else "-",
        _mean(watched),
        f"{false} of {honest:,}",
        str(sum(row["watch_false_positives"] for row in rows)),
        max(rows, key=lambda row: row["worst_share"])["worst_class"] or "none",
        f"{sum(h for h, _ in hits)} of {sum(n for _, n in hits)}" if attacked else "-",
        _mean([row["b_cubed"] for row in rows]) if attacked else "-",
        _mean([row["adjusted_rand_index"] for row in rows]) if attacked else "-",
    ]


def _mean(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):.3f}" if values else "-"


def classes_table() -> Lines:
    """Lay out the honest classes that were ever listed or watched, the worst first."""
    found: dict[str, list[int]] = {}
    rows = held_out(results("tiers"))
    for row in rows:
        for one in row["classes"]:
            sums = found.setdefault(one["name"], [0, 0, 0, 0])
            sums[0] += 1
            for place, name in enumerate(("accounts", "listed", "watched"), start=1):
                sums[place] += one[name]
    ordered = sorted(found.items(), key=lambda item: (-item[1][2], -item[1][3], item[0]))
    lines = [
        [name, logs, f"{a:,}", listed, watched] for name, (logs, a, listed, watched) in ordered
    ]
    header = ["honest class", f"logs in which anybody was at watch, of {len(rows)}"]
    header += ["accounts in those", "at likely", "at watch"]
    return table(header, lines or [["none", 0, 0, 0, 0]])


def missing_columns_table(world: str) -> Lines:
    """Lay out what each subset of columns costs in one world.

    Args:
        world: A world of ``quality.py``.

    Returns:
        One line a subset.
    """
    rows = [row for row in results("missing-columns") if row["world"] == world]
    attacks = [tier for tier in POORER_TIERS if tier != "none"]
    header = ["columns", *(f"{tier}: recall at likely, at watch" for tier in attacks)]
    header += ["honest accounts at likely", "at watch", "worst honest class"]
    header += ["links and signals off"]
    lines: list[list[object]] = []
    for subset in SUBSETS:
        own = [row for row in rows if row["variant"] == subset.name]
        by_tier = {row["tier"]: row for row in own}
        cells: list[object] = [f"`{subset.name}`"]
        cells += [_both_levels(by_tier.get(tier)) for tier in attacks]
        if not own:
            lines.append([*cells, *[NOT_MEASURED] * 3, ""])
            continue
        honest, false = sum(r["honest"] for r in own), sum(r["false_positives"] for r in own)
        cells += [f"{false} of {honest:,}", sum(row["watch_false_positives"] for row in own)]
        cells.append(max(own, key=lambda row: row["worst_share"])["worst_class"] or "none")
        lines.append([*cells, len(own[0]["missing"])])
    return table(header, lines)


def _both_levels(row: Row | None) -> str:
    if row is None or row["recall"] is None:
        return NOT_MEASURED
    return f"{row['recall']:.3f}, {row['watch_recall']:.3f}"


def subsets_table() -> Lines:
    """Lay out which logs carry which columns, and what each switches off."""
    missing = {row["variant"]: row["missing"] for row in results("missing-columns")}
    lines = [
        [f"`{s.name}`", s.written_by, ", ".join(missing.get(s.name, [NOT_MEASURED])) or "nothing"]
        for s in SUBSETS
    ]
    return table(["columns", "which log has them", "links and signals that are off"], lines)


def baselines_table() -> Lines:
    """Lay out all methods on the same logs."""
    rows = read_rows(RESULTS_FOLDER / "baselines.jsonl")
    order = {tier: place for place, tier in enumerate(SIMULATED_TIERS)}
    rows.sort(key=lambda row: (order[row["tier"]], row["method"] != baselines.OURS))
    return baselines.table_lines(rows)


def early_alert_table() -> Lines:
    """Lay out what was served before the first alert."""
    order = {tier: place for place, tier in enumerate(SIMULATED_TIERS)}
    return early_alert.table_lines(sorted(results("early-alert"), key=lambda r: order[r["tier"]]))


def coordination_table() -> Lines:
    """Lay out the comparison with CooRTweet."""
    rows = sorted(
        results("coordination"), key=lambda r: (r["window_seconds"], r["test"] == "alike")
    )
    return coordination.table_lines(rows)


def reliability_table() -> Lines:
    """Lay out claimed chances against true shares, over all held-out tiers together."""
    return reliability_lines(held_out(results("tiers")))


def null_networks_table() -> Lines:
    """Lay out what the tests of behaviour accept in logs, and falsely in rewired ones."""
    names = {"degrees": "degrees kept (used)", "equal": "equally busy (before)"}
    lines: list[list[object]] = []
    for row in results("null-networks"):
        if "concentration" in _null_kind(row):
            start = [row["tier"], row["link"], names[row["null"]], f"{row['tested']:,}"]
            figures = [f"{row[what]:,}" for what in ("accepted", "tokens", "joining")]
            lines.append([*start, *figures, *_false(row, ("accepted", "tokens", "joining"))])
    header = ["log", "link", "null", "pairs tested", "accepted", "tokens with many", "joining"]
    header += ["falsely accepted", "tokens with many, falsely", "joining, falsely"]
    return table(header, lines)


def null_infrastructure_table() -> Lines:
    """Lay out pairs of accounts that share more infrastructure than their numbers explain."""
    lines = [
        [
            row["tier"],
            row["link"],
            *(f"{row[what]:,}" for what in ("tested", "tokens", "accepted")),
            *_false(row, ("tokens", "accepted")),
        ]
        for row in results("null-networks")
        if _null_kind(row) == "accounts"
    ]
    header = ["log", "link", "pairs tested", "pairs that share", "accepted"]
    return table([*header, "share when rewired", "falsely accepted"], lines)


def null_scan_table() -> Lines:
    """Lay out what the whole scan lists in rewired logs."""
    lines = [
        [
            row["tier"],
            *(f"{row[what]:,}" for what in ("tested", "tokens", "joining", "accepted")),
            *_false(row, ("tokens", "joining", "accepted")),
        ]
        for row in results("null-networks")
        if _null_kind(row) == "scan"
    ]
    header = ["log", "accounts", "in candidates", "at watch", "at likely"]
    header += ["in candidates, rewired", "at watch, rewired", "at likely, rewired"]
    return table(header, lines)


def _null_kind(row: Row) -> str:
    if row["link"] == "whole scan":
        return "scan"
    tested = ("template", "system_prompt", "parameters", "shared_minutes")
    return "concentration" if row["link"] in tested else "accounts"


def _false(row: Row, names: Sequence[str]) -> list[object]:
    return [", ".join(f"{count:,}" for count in row[f"false_{name}"]) for name in names]


def provenance(name: str) -> Lines:
    """Say which code the rows of a results file measured.

    Args:
        name: The file's name without ``.jsonl``.

    Returns:
        A sentence.
    """
    rows = read_rows(RESULTS_FOLDER / f"{name}.jsonl")
    commits = sorted({row["commit"] for row in rows if row.get("commit")})
    if not rows:
        return [f"*`{name}.jsonl`: {NOT_MEASURED}.*"]
    named = ", ".join(f"`{commit}`" for commit in commits) or "an unnamed version"
    return [f"*{len(rows)} measurements, at commit {named}: `benchmarks/results/{name}.jsonl`.*"]


TABLES: Final[dict[str, Callable[[], Lines]]] = {
    "tiers": tiers_table,
    "classes": classes_table,
    "subsets": subsets_table,
    "missing-columns simulate": lambda: missing_columns_table("simulate"),
    "missing-columns alternate_world": lambda: missing_columns_table("alternate_world"),
    "baselines": baselines_table,
    "early-alert": early_alert_table,
    "early-oracle": lambda: early_oracle.table_lines(results("early-oracle")),
    "coordination": coordination_table,
    "reliability": reliability_table,
    "null-networks": null_networks_table,
    "null-infrastructure": null_infrastructure_table,
    "null-scan": null_scan_table,
    **{
        name: lambda lines=lines: lines(results("reworded-limits"))  # type: ignore[misc]
        for name, lines in REWORDED_TABLES.items()
    },
    **{
        f"provenance {name}": lambda name=name: provenance(name)  # type: ignore[misc]
        for name in (
            "tiers",
            "missing-columns",
            "baselines",
            "early-alert",
            "early-oracle",
            "coordination",
            "null-networks",
            "reworded-limits",
        )
    },
}
"""Tables by the name that a page's marker gives."""
