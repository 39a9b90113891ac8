"""Templates count as far as free accounts do not use them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import bare_groups, hashes

from cautery.scan.template_rarity import (
    FULL_RARITY_BITS,
    LEAST_RARITY_BITS,
    rarity_outside,
    template_worth,
)

COUNT = 600
GROUP = range(20)


def rarity(outside: int, *, other_group: bool = False, templates: int = 1) -> float:
    """How rare templates of the group are if so many others use them too."""
    holders = [*GROUP, *range(100, 100 + outside)]
    uses = [(account, token, 4) for token in range(templates) for account in holders]
    members = [GROUP, range(100, 100 + outside)] if other_group else [GROUP]
    own = [range(templates)] + [()] * other_group
    groups = bare_groups(COUNT, members, {"template": hashes(uses)}, own=own)
    return float(rarity_outside(groups)[0])


def test_rarity_falls_with_use_outside() -> None:
    """The more strangers use a template, the less rare it is; everybody's is not rare at all."""
    found = [rarity(outside) for outside in (0, 1, 10, 100, 480)]
    assert found == sorted(found, reverse=True)
    assert found[0] > FULL_RARITY_BITS
    assert found[-1] < LEAST_RARITY_BITS


def test_other_groups_do_not_count() -> None:
    """Several campaigns of one operator may share their templates without clearing each other."""
    assert rarity(100, other_group=True) > FULL_RARITY_BITS > rarity(100)


def test_the_median_counts() -> None:
    """One shingle that strangers know does not make a group's templates common, nor one rare."""
    uses = [(account, token, 4) for token in range(3) for account in GROUP]
    uses += [(account, 0, 4) for account in range(100, 400)]
    groups = bare_groups(COUNT, [GROUP], {"template": hashes(uses)}, own=[range(3)])
    assert rarity_outside(groups)[0] == pytest.approx(rarity(0))


def test_no_templates() -> None:
    """A group without own templates has none that are rare."""
    uses = [(account, 7, 4) for account in GROUP]
    members = [range(30, 40), GROUP]
    groups = bare_groups(COUNT, members, {"template": hashes(uses)}, own=[(), (7,)])
    assert rarity_outside(groups)[0] == 0.0
    assert rarity_outside(groups)[1] > FULL_RARITY_BITS
    empty = bare_groups(COUNT, [GROUP], {"template": hashes([])})
    assert rarity_outside(empty).tolist() == [0.0]


@given(st.lists(st.floats(-20.0, 20.0), min_size=2))
def test_worth(values: list[float]) -> None:
    """The worth goes from 0 to 1 and rises with the rarity."""
    found = template_worth(np.array(sorted(values)))
    assert np.all(np.diff(found) >= 0)
    assert np.all((found >= 0) & (found <= 1))
    ends = template_worth(np.array([LEAST_RARITY_BITS, FULL_RARITY_BITS]))
    assert ends.tolist() == [0.0, 1.0]
