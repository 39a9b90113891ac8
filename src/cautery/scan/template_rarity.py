"""How much rarer the templates of a group are outside, and what that makes them worth."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.scan.groups import Groups
from cautery.scan.template_users import own_holders

FULL_RARITY_BITS: Final = 6.0
"""log2 of how much rarer templates are outside at which they count in full."""
LEAST_RARITY_BITS: Final = 3.0
"""The same at which they count for nothing."""


def template_worth(rarity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn the rarity of templates into a factor from 0 (everybody's) to 1 (nobody else's)."""
    return np.clip((rarity - LEAST_RARITY_BITS) / (FULL_RARITY_BITS - LEAST_RARITY_BITS), 0.0, 1.0)


def rarity_outside(groups: Groups) -> NDArray[np.float64]:
    """How much rarer a group's own templates are among free accounts, as a median in bits.

    Other groups do not count: several campaigns of one operator may share their templates.

    Args:
        groups: Candidate groups with their own templates.

    Returns:
        log2 of the share of holders inside over the share outside, 0 for groups without any.
    """
    templates = groups.incidences["template"]
    token, held = own_holders(groups, templates)
    group = groups.group_of[templates.account]
    free = np.bincount(templates.token[group < 0], minlength=templates.token_count)[token]
    sizes = groups.sizes[groups.template_group]
    outside = (free + 0.5) / (int(np.sum(groups.group_of < 0)) + 1.0)
    bits = np.log2(np.maximum(held / np.maximum(sizes, 1), 1e-9) / outside)
    rarity = np.zeros(groups.count)
    for number in np.unique(groups.template_group).tolist():
        rarity[number] = float(np.median(bits[groups.template_group == number]))
    return rarity
