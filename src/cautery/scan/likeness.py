"""Likeness: how far an account uses its group's templates the way the linked members do.

Members of a pool work through the same stock of templates and do little else. A stranger who has
a common phrase, or one published template, in common with them uses few of the templates for the
volume that he asks, or mixes them with much else. So each account is compared with the linked
members at its own volume.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.scan.groups import Groups

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FEWEST_CORE: Final = 3
"""Linked members that a group needs before others are held against them."""
FULL_DEVIATIONS: Final = -1.0
"""Robust deviations from the linked members' median from which an account is like them."""
NO_DEVIATIONS: Final = -2.5
"""Robust deviations at which it is not like them at all."""
LEAST_VARIETY_SCALE: Final = 0.5
"""Smallest deviation of variety, in powers of two: templates are sampled."""
LEAST_SHARE_SCALE: Final = 0.1
"""Smallest deviation of the share of traffic on the templates."""
MEDIAN_TO_DEVIATION: Final = 1.4826
"""Standard deviations in a median absolute deviation of normal values."""


def template_likeness(
    groups: Groups, linked: NDArray[np.bool_], harvest: Integers, exchanges: Integers
) -> Floats:
    """Compare every account with the linked members of its group.

    Args:
        groups: Candidate groups with their own templates.
        linked: Accounts that share infrastructure with another of their group.
        harvest: Exchanges of each account that carry its group's templates.
        exchanges: All exchanges of each account.

    Returns:
        From 0 (a stranger) to 1 (like the linked members), by account; 0 outside groups.
    """
    variety = own_variety(groups)
    share = harvest / np.maximum(exchanges, 1)
    likeness = np.zeros(groups.group_of.size)
    for group in range(groups.count):
        members = groups.members(group)
        uses = members[harvest[members] > 0]
        core = uses[linked[uses]]
        core = core if core.size >= FEWEST_CORE else uses
        if core.size == 0:
            continue
        volume = np.log2(1.0 + harvest)
        known = np.log2(1.0 + variety)
        residual = known - _trend(volume[core], known[core], volume)
        likeness[members] = _ramp(residual, core, LEAST_VARIETY_SCALE)[members]
        likeness[members] *= _ramp(share, core, LEAST_SHARE_SCALE)[members]
    return likeness


def _trend(volume: Floats, known: Floats, at: Floats) -> Floats:
    """The usual variety at a volume, both in powers of two: a line of slope 0 to 1."""
    centred = volume - volume.mean()
    slope = float(np.clip((centred * known).sum() / max((centred**2).sum(), 1e-9), 0.0, 1.0))
    return np.asarray(known.mean() + slope * (at - volume.mean()), dtype=np.float64)


def _ramp(values: Floats, core: Integers, least_scale: float) -> Floats:
    """1 near and above the core's median, falling to 0 far below it."""
    middle = float(np.median(values[core]))
    scale = max(MEDIAN_TO_DEVIATION * float(np.median(np.abs(values[core] - middle))), least_scale)
    deviations = (values - middle) / scale
    width = FULL_DEVIATIONS - NO_DEVIATIONS
    return np.asarray(np.clip((deviations - NO_DEVIATIONS) / width, 0.0, 1.0), dtype=np.float64)


def own_variety(groups: Groups) -> Floats:
    """Count the different shingles of its group's own templates that each account repeats.

    Args:
        groups: Candidate groups with their own templates.

    Returns:
        Number of shingles by account.
    """
    variety = np.zeros(groups.group_of.size)
    if "template" not in groups.incidences or groups.template_group.size == 0:
        return variety
    pairs = groups.incidences["template"]
    names = np.asarray(pairs.names, dtype=np.int64)
    own = groups.template_group * pairs.token_count + np.searchsorted(names, groups.template_token)
    group = groups.group_of[pairs.account]
    hit = (group >= 0) & np.isin(group * pairs.token_count + pairs.token, own)
    return np.bincount(pairs.account[hit], minlength=variety.size).astype(np.float64)
