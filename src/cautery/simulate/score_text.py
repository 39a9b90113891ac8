"""Write a scoreboard for people, and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from cautery.report.sanitise import terminal_text
from cautery.simulate.score import BandScore, ClassScore, Scoreboard
from cautery.simulate.score_groups import Grouping
from cautery.simulate.score_latency import CampaignLatency

_MOST_CLASSES = 12
"""Honest classes shown to people; JSON has all of them."""


def scoreboard_json(scoreboard: Scoreboard) -> str:
    """Write a scoreboard as JSON.

    Args:
        scoreboard: The scoreboard.

    Returns:
        One indented document, keys sorted, without a line break at its end.
    """
    return json.dumps(asdict(scoreboard), indent=2, sort_keys=True)


def scoreboard_text(scoreboard: Scoreboard) -> str:
    """Write a scoreboard for people.

    Args:
        scoreboard: The scoreboard.

    Returns:
        Lines of at most 100 columns.
    """
    return "\n".join(_lines(scoreboard))


def _lines(board: Scoreboard) -> Iterator[str]:
    yield f"accounts  {board.accounts:,}: {board.attackers:,} attackers, {board.honest:,} honest"
    if board.silent:
        yield f"          {board.silent:,} more made no exchange and are left out"
    if board.not_scanned:
        yield f"          {board.not_scanned:,} are not in the scan and count as not listed"
    if board.not_in_truth:
        yield f"          {board.not_in_truth:,} more are in the scan, not in the truth: left out"
    yield ""
    yield "listed as        accounts  precision (95 %)         recall (95 %)            false"
    for band in board.bands:
        yield _band_line(band)
    yield ""
    yield from _class_lines(board)
    yield ""
    yield from _group_lines("campaigns", board.campaigns)
    if board.operators.true_groups != board.campaigns.true_groups:
        yield from _group_lines("operators", board.operators)
    yield ""
    yield from _calibration_lines(board)
    if board.latency:
        yield ""
        yield from _latency_lines(board.latency)


def _band_line(band: BandScore) -> str:
    name = band.band if band.band == "very likely" else f">= {band.band}"
    false = "-"
    if band.false_positive_rate is not None:
        false = f"{band.false_positives} ({_rate(band.false_positive_rate)}"
        false += f", <= {_rate(band.false_positive_upper)})"
    precision = _with_interval(band.precision, band.precision_interval)
    recall = _with_interval(band.recall, band.recall_interval)
    return f"{name:<16} {band.listed:>8}  {precision:<24} {recall:<24} {false}"


def _with_interval(value: float | None, interval: tuple[float, float]) -> str:
    return "-" if value is None else f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"


def _rate(value: float) -> str:
    return "0" if value == 0 else f"{value:.2g}"


def _class_lines(board: Scoreboard) -> Iterator[str]:
    yield "class                     accounts  >= likely  >= watch  share    at most (95 %)"
    for row in board.attack_classes:
        yield f"{_class_line(row)}  attack"
    shown = board.negative_classes[:_MOST_CLASSES]
    for row in shown:
        yield _class_line(row) + ("  worst" if row.name == board.worst_class else "")
    if len(board.negative_classes) > len(shown):
        yield f"... and {len(board.negative_classes) - len(shown)} classes with no larger share"


def _class_line(row: ClassScore) -> str:
    name = terminal_text(row.name)[:24]
    numbers = f"{row.accounts:>9,} {row.listed:>10,} {row.watched:>9,}"
    return f"{name:<24} {numbers}  {row.share:<7.4f}  {row.upper:.4f}"


def _group_lines(title: str, grouping: Grouping) -> Iterator[str]:
    pair = grouping.b_cubed
    yield (
        f"{title}  {grouping.hits} of {grouping.true_groups} hit; {grouping.listed_groups} listed, "
        f"{grouping.merges} merged, {grouping.splits} split, {grouping.false_groups} false"
    )
    yield (
        f"           B-cubed precision {pair.precision:.3f}, recall {pair.recall:.3f}, "
        f"F {pair.f_score:.3f}; adjusted Rand index {grouping.adjusted_rand_index:.3f}"
    )


def _calibration_lines(board: Scoreboard) -> Iterator[str]:
    result = board.calibration
    yield (
        f"calibration  Brier score {result.brier_score:.4f}, "
        f"expected error {result.expected_error:.4f}"
    )
    yield "chance           accounts  mean chance  attackers"
    for row in result.bins:
        if row.count:
            span = f"{row.low:g} to {row.high:g}"
            numbers = f"{row.count:>8,}  {row.mean_probability:>11.3f}  {row.observed_share:>9.3f}"
            yield f"{span:<16} {numbers}"


def _latency_lines(latency: Sequence[CampaignLatency]) -> Iterator[str]:
    yield "campaign                 days to first alert  served before it  harvest  by account"
    for row in latency:
        days = "never" if row.days_to_alert is None else f"{row.days_to_alert:.1f}"
        shares = f"{row.served_share:>16.1%} {row.served_harvest_share:>8.1%}"
        name = terminal_text(row.campaign_id)[:24]
        yield f"{name:<24} {days:>20} {shares} {row.served_harvest_share_by_account:>11.1%}"
