"""Likeness: how far an account uses its group's templates the way the linked members do.

Members of a pool work through the same stock of templates and do little else. A stranger who has
a common phrase, or one published template, in common with them uses few of the templates for the
volume that he asks, or mixes them with much else. So each account is compared with the linked
members at its own volume, and its mixture of templates with the mixtures that they have.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import bdtr

from cautery.scan.groups import Groups
from cautery.scan.template_users import own_pairs

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

FEWEST_MIXED: Final = 5
"""Exchanges on the group's templates from which an account has a mixture; of fewer, each account
shows a template or two and the mixture is chance."""
NEAREST: Final = 10
"""Accounts of the nearest mixtures that are counted. With 15, people of a red team of 14 had
members among theirs: 5 instead of 3 were accused (hydra, seed 32)."""
STRANGERS_LEVEL: Final = 0.05
"""p-value of the number of linked accounts nearby under which those nearby are another sort of
people; above it the group's own numbers are the better estimate."""
MOST_COMPARED: Final = 2_000
"""Accounts of a group that others are compared with, at even distances; bounds time and memory."""
BLOCK_MEMBERS: Final = 2_048


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
    volume, known = np.log2(1.0 + harvest), np.log2(1.0 + variety)
    for group in range(groups.count):
        members = groups.members(group)
        uses = members[harvest[members] > 0]
        core = uses[linked[uses]]
        core = core if core.size >= FEWEST_CORE else uses
        if core.size == 0:
            continue
        at = np.concatenate([members, core])
        residual = known[at] - _trend(volume[core], known[core], volume[at])
        own, of_core = residual[: members.size], residual[members.size :]
        likeness[members] = _ramp(own, of_core, LEAST_VARIETY_SCALE)
        likeness[members] *= _ramp(share[members], share[core], LEAST_SHARE_SCALE)
    return likeness


def linked_nearby(groups: Groups, linked: NDArray[np.bool_], harvest: Integers) -> Floats:
    """Count the linked accounts among those that mix their group's templates alike.

    A published template may be one of the many that a pool works through. Strangers who ask it are
    near each other, as members are, and of them only a few share a card.

    Args:
        groups: Candidate groups with their own templates.
        linked: Accounts that share infrastructure with another of their group.
        harvest: Exchanges of each account that carry its group's templates.

    Returns:
        By account: linked ones for each that is not, among the ``NEAREST`` by cosine and the
        account itself, where they are fewer than chance lets be; infinite elsewhere. Null: who is
        linked does not depend on the mixture, so that those nearby are linked as often as all with
        a mixture (binomial, no smaller than the tail of drawing without replacement).
    """
    found = np.full(groups.group_of.size, np.inf)
    if "template" not in groups.incidences or groups.template_group.size == 0:
        return found
    pairs = groups.incidences["template"]
    names = np.asarray(pairs.names, dtype=np.int64)
    uses = sparse.csr_matrix(
        (pairs.exchanges.astype(np.float64), (pairs.account, pairs.token)),
        shape=(found.size, pairs.token_count),
    )
    for group in np.unique(groups.template_group).tolist():
        members = groups.members(group)
        members = members[harvest[members] >= FEWEST_MIXED]
        if members.size <= NEAREST:
            continue
        own = np.searchsorted(names, groups.template_token[groups.template_group == group])
        near = _nearest_linked(uses[members][:, own], linked[members])
        p_value = bdtr(np.ceil(near), NEAREST, float(np.mean(linked[members])))
        few = p_value < STRANGERS_LEVEL
        found[members[few]] = near[few] / (NEAREST - near[few] + ~linked[members[few]])
    return found


def _nearest_linked(mixtures: sparse.csr_matrix, linked: NDArray[np.bool_]) -> Floats:
    """Count the linked among the nearest others of each row; those at equal distance in shares."""
    count = linked.size
    chosen = np.unique(np.linspace(0, count - 1, MOST_COMPARED).astype(np.int64))
    length = np.sqrt(np.asarray(mixtures.multiply(mixtures).sum(axis=1)).ravel())
    unit = sparse.csr_matrix(sparse.diags(1.0 / np.maximum(length, 1e-12)) @ mixtures)
    others = sparse.csc_matrix(unit[chosen].T)
    found = np.empty(count)
    for start in range(0, count, BLOCK_MEMBERS):
        # The same digits whatever the order of sums, so that a tie is one.
        cosines = np.round((unit[start : start + BLOCK_MEMBERS] @ others).toarray(), 9)
        here = np.flatnonzero((chosen >= start) & (chosen < start + BLOCK_MEMBERS))
        cosines[chosen[here] - start, here] = -1.0
        edge = np.partition(cosines, -NEAREST, axis=1)[:, [-NEAREST]]
        above, level = cosines > edge, cosines == edge
        share = (NEAREST - above.sum(axis=1)) / level.sum(axis=1)
        speaks = linked[chosen].astype(np.float64)
        found[start : start + BLOCK_MEMBERS] = above @ speaks + share * (level @ speaks)
    return np.round(found, 6)


def _trend(volume: Floats, known: Floats, at: Floats) -> Floats:
    """The usual variety at a volume, both in powers of two: a line of slope 0 to 1."""
    centred = volume - volume.mean()
    slope = float(np.clip((centred * known).sum() / max((centred**2).sum(), 1e-9), 0.0, 1.0))
    return np.asarray(known.mean() + slope * (at - volume.mean()), dtype=np.float64)


def _ramp(values: Floats, core: Floats, least_scale: float) -> Floats:
    """1 near and above the median of the core's values, falling to 0 far below it."""
    middle = float(np.median(core))
    scale = max(MEDIAN_TO_DEVIATION * float(np.median(np.abs(core - middle))), least_scale)
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
    own = own_pairs(groups, groups.incidences["template"])
    return np.bincount(own.account, minlength=variety.size).astype(np.float64)
