"""One method on one log, scored like a scan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cautery.simulate.score import Scoreboard, score_accounts
from cautery.simulate.score_tables import ScannedAccount, TrueAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One method on one log."""

    precision: float | None = None
    recall: float | None = None
    false_positive_rate: float | None = None
    worst_class: str = ""
    worst_share: float = 0.0
    b_cubed: float | None = None
    """F score of the groups; None for a method that names accounts and no groups."""
    adjusted_rand_index: float | None = None
    """The same."""
    problem: str = ""
    """Why it did not run; empty if it did."""


def measured(true: Mapping[str, TrueAccount], named: Iterable[str]) -> Measured:
    """Score a method that names accounts.

    Args:
        true: The true accounts.
        named: The accounts that the method names.

    Returns:
        Its figures, without those of groups.
    """
    return of_board(_board(true, dict.fromkeys(named, "named")), groups=False)


def measured_groups(true: Mapping[str, TrueAccount], group_of: Mapping[str, str]) -> Measured:
    """Score a method that names groups.

    Args:
        true: The true accounts.
        group_of: The group of each account that the method names.

    Returns:
        Its figures.
    """
    return of_board(_board(true, group_of), groups=True)


def _board(true: Mapping[str, TrueAccount], group_of: Mapping[str, str]) -> Scoreboard:
    scanned = {
        name: ScannedAccount(
            account_id=name,
            campaign_id=group_of.get(name, ""),
            operator_id="",
            probability=float(name in group_of),
            band="likely" if name in group_of else "",
        )
        for name in true
    }
    return score_accounts(true, scanned)


def of_board(board: Scoreboard, *, groups: bool) -> Measured:
    """Take a method's figures from its scoreboard.

    Args:
        board: The scoreboard.
        groups: Whether the method names groups.

    Returns:
        The figures at ``likely``.
    """
    likely = next(band for band in board.bands if band.band == "likely")
    worst = board.negative_classes[0] if board.worst_class else None
    grouped = groups and board.attackers > 0
    return Measured(
        precision=likely.precision,
        recall=likely.recall,
        false_positive_rate=likely.false_positive_rate,
        worst_class=f"{worst.name} {worst.listed}/{worst.accounts}" if worst else "",
        worst_share=worst.share if worst else 0.0,
        b_cubed=board.campaigns.b_cubed.f_score if grouped else None,
        adjusted_rand_index=board.campaigns.adjusted_rand_index if grouped else None,
    )
