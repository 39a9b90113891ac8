"""Score groups: did the campaigns come out whole, apart from each other and free of others?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cautery.simulate.score_metrics import BCubed, adjusted_rand_index, b_cubed

HIT_SHARE: Final = 0.5
"""Part of a campaign's accounts that one listed group must hold (detection.md, section 8)."""

HIT_PURITY: Final = 0.9
"""Part of that group that must belong to the campaign (detection.md, section 8)."""

PIECE_SHARE: Final = 0.1
"""A part smaller than this is neither a merge nor a split, only a stray account or two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignOutcome:
    """What became of one true campaign."""

    campaign_id: str
    accounts: int
    listed: int
    """Its accounts that are listed in any group."""
    best_group: str
    """The listed group that holds most of them; empty if none does."""
    best_share: float
    """Part of the campaign's accounts in that group."""
    best_purity: float
    """Part of that group that belongs to the campaign."""
    hit: bool
    """Whether share and purity both suffice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """How well listed groups match true ones, over accounts that are in either."""

    true_groups: int
    listed_groups: int
    hits: int
    merges: int
    """Listed groups that hold sizeable parts of two or more true ones."""
    splits: int
    """True groups that are spread in sizeable parts over two or more listed ones."""
    false_groups: int
    """Listed groups in which no account belongs to a true one."""
    b_cubed: BCubed
    adjusted_rand_index: float
    outcomes: tuple[CampaignOutcome, ...]


def compare_groups(true: Mapping[str, str], listed: Mapping[str, str]) -> Grouping:
    """Compare true and listed groups of accounts.

    An account without a group stands alone. Accounts that neither side groups are left out:
    with thousands of honest accounts alone on both sides, every score would look good.

    Args:
        true: True group of an account; accounts in none are absent.
        listed: Listed group of an account; accounts in none are absent.

    Returns:
        Hits, merges, splits, B-cubed and adjusted Rand index.

    Example:
        >>> grouping = compare_groups({"a": "T", "b": "T"}, {"a": "G", "b": "G", "c": "G"})
        >>> grouping.hits, round(grouping.b_cubed.precision, 2), grouping.b_cubed.recall
        (0, 0.56, 1.0)
    """
    items = sorted(set(true) | set(listed))
    true_labels = [(True, true[item]) if item in true else (False, item) for item in items]
    listed_labels = [(True, listed[item]) if item in listed else (False, item) for item in items]
    cells = Counter((true[item], listed[item]) for item in items if item in true and item in listed)
    true_sizes, listed_sizes = Counter(true.values()), Counter(listed.values())
    outcomes = tuple(
        _outcome(group, size, cells, listed_sizes) for group, size in sorted(true_sizes.items())
    )
    per_listed = Counter(g for (t, g), n in cells.items() if n >= PIECE_SHARE * true_sizes[t])
    per_true = Counter(t for (t, _), n in cells.items() if n >= PIECE_SHARE * true_sizes[t])
    return Grouping(
        true_groups=len(true_sizes),
        listed_groups=len(listed_sizes),
        hits=sum(outcome.hit for outcome in outcomes),
        merges=sum(1 for pieces in per_listed.values() if pieces > 1),
        splits=sum(1 for pieces in per_true.values() if pieces > 1),
        false_groups=len(set(listed_sizes) - {group for _, group in cells}),
        b_cubed=b_cubed(true_labels, listed_labels),
        adjusted_rand_index=adjusted_rand_index(true_labels, listed_labels),
        outcomes=outcomes,
    )


def _outcome(
    group: str, size: int, cells: Counter[tuple[str, str]], listed_sizes: Counter[str]
) -> CampaignOutcome:
    found = {other: n for (own, other), n in cells.items() if own == group}
    best = min(found, key=lambda other: (-found[other], other), default="")
    share = found[best] / size if best else 0.0
    purity = found[best] / listed_sizes[best] if best else 0.0
    return CampaignOutcome(
        campaign_id=group,
        accounts=size,
        listed=sum(found.values()),
        best_group=best,
        best_share=share,
        best_purity=purity,
        hit=share >= HIT_SHARE and purity >= HIT_PURITY,
    )
