"""Vouching: which of a group's templates its linked members use."""

from __future__ import annotations

import numpy as np
from tests.scan.arrays import Use, bare_groups, hashes

from cautery.scan.known_templates import known_shingles
from cautery.scan.vouching import Vouched, vouched

COUNT = 400
GROUP = range(20)
LINKED = np.arange(COUNT) < 10
NOTHING = np.zeros(0, dtype=np.int64)


def of(uses: list[Use], own: list[int], private: list[int] | None = None) -> Vouched:
    """Measure one group of twenty, of which ten are linked."""
    groups = bare_groups(COUNT, [GROUP], {"template": hashes(uses)}, own=[own])
    known = NOTHING if private is None else np.array(sorted(private), dtype=np.int64)
    return vouched(groups, LINKED, known)


def test_templates_of_linked_members() -> None:
    """What the linked use counts, what only the others brought along does not."""
    uses: list[Use] = [(account, 1_000, 4) for account in range(15)]
    uses += [(account, 2_000, 6) for account in range(14, 20)]
    found = of(uses, [1_000, 2_000])
    assert found.share[[0, 14, 19]].tolist() == [1.0, 0.4, 0.0]
    assert found.private[[0, 14, 19]].tolist() == [4, 4, 0]
    assert found.top[[0, 14, 19]].tolist() == [4, 6, 6]


def test_a_template_of_everybody() -> None:
    """Linked members do not vouch for what strangers use as often."""
    uses: list[Use] = [(account, 1_000, 4) for account in range(COUNT)]
    assert of(uses, [1_000]).share[5] == 0.0


def test_one_linked_user_is_no_voucher() -> None:
    """A template of one linked member may be there by chance."""
    uses: list[Use] = [(account, 1_000, 4) for account in range(9, 20)]
    assert of(uses, [1_000]).share[15] == 0.0


def test_pieces_of_a_stock_prompt_are_not_private() -> None:
    """In a group with a public prompt only what is known to be no piece of it is private."""
    stock = int(known_shingles()[0])
    uses: list[Use] = [(account, token, 4) for account in GROUP for token in (stock, 1_000, 2_000)]
    assert of(uses, [stock, 1_000, 2_000]).private[15] == 0
    assert of(uses, [stock, 1_000, 2_000], [2_000]).private[15] == 4
    assert of(uses[1:], [1_000, 2_000]).private[15] == 4


def test_too_few_linked_to_tell() -> None:
    """With two linked members nobody is measured, and nobody has private templates."""
    uses: list[Use] = [(account, 1_000, 4) for account in GROUP]
    groups = bare_groups(COUNT, [GROUP], {"template": hashes(uses)}, own=[[1_000]])
    found = vouched(groups, np.arange(COUNT) < 2, NOTHING)
    assert found.share.tolist() == [1.0] * COUNT
    assert found.private.tolist() == [0] * COUNT


def test_without_templates() -> None:
    """A log without text measures nobody."""
    found = vouched(bare_groups(COUNT, [GROUP]), LINKED, NOTHING)
    assert found.share.tolist() == [1.0] * COUNT
