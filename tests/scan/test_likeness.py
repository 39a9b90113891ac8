"""Likeness compares an account with the linked members at its own volume."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.scan.arrays import Use, bare_groups, hashes

from cautery.scan.groups import Groups
from cautery.scan.likeness import (
    FEWEST_CORE,
    FEWEST_MIXED,
    NEAREST,
    STRANGERS_LEVEL,
    linked_nearby,
    own_variety,
    template_likeness,
)

COUNT = 40
CORE = range(12)
"""Linked members: 32 exchanges on 16 of the group's shingles each, and nothing else."""
TOKENS = range(100, 116)
OTHER = 20
"""The account that is compared with them."""


def grouped(variety: Mapping[int, int]) -> Groups:
    """Make one group whose accounts repeat so many of its shingles each."""
    uses: list[Use] = [
        (account, token, 2) for account, known in variety.items() for token in TOKENS[:known]
    ]
    uses += [(account, 7, 9) for account in range(COUNT)]
    return bare_groups(COUNT, [variety], {"template": hashes(uses)}, own=[TOKENS])


def likeness(
    *, variety: int, harvest: int, exchanges: int, core: int = len(CORE), account: int = OTHER
) -> float:
    """Compare one account with the linked members."""
    known = dict.fromkeys(range(core), len(TOKENS)) | {OTHER: variety}
    groups = grouped(known)
    on_templates, volume = np.zeros(COUNT, dtype=np.int64), np.full(COUNT, 32, dtype=np.int64)
    on_templates[:core] = 32
    on_templates[OTHER], volume[OTHER] = harvest, exchanges
    linked = np.arange(COUNT) < core
    return float(template_likeness(groups, linked, on_templates, volume)[account])


def test_a_member_like_the_others() -> None:
    """An account that does what the linked members do is wholly like them."""
    assert likeness(variety=16, harvest=32, exchanges=32) == 1.0


def test_a_stranger_with_one_template() -> None:
    """One common phrase at the members' volume, or templates amid much else, is not like them."""
    assert likeness(variety=1, harvest=32, exchanges=32) == 0.0
    assert likeness(variety=16, harvest=32, exchanges=320) == 0.0
    assert likeness(variety=1, harvest=16, exchanges=320) == 0.0


def test_a_member_of_lower_volume() -> None:
    """Variety grows with volume: a small member on the line is alike, a large one below not."""
    volumes = [4, 8, 16, 32, 64, 128] * 2
    variety = {
        account: int(2 * np.sqrt(volume)) for account, volume in zip(CORE, volumes, strict=True)
    }
    harvest = np.zeros(COUNT, dtype=np.int64)
    harvest[list(CORE)] = volumes
    harvest[[OTHER, OTHER + 1]] = [6, 64]
    groups = grouped(variety | {OTHER: 5, OTHER + 1: 5})
    found = template_likeness(groups, np.arange(COUNT) < len(CORE), harvest, np.maximum(harvest, 1))
    assert found[OTHER] == 1.0
    assert found[OTHER + 1] < 0.5


def test_few_linked_members_are_no_measure() -> None:
    """With hardly any linked member the group's users themselves are the measure."""
    alone = likeness(variety=1, harvest=32, exchanges=32, core=FEWEST_CORE - 1)
    measured = likeness(variety=1, harvest=32, exchanges=32, core=FEWEST_CORE + 4)
    assert alone >= measured == 0.0


def test_linked_members_are_the_measure() -> None:
    """A crowd of strangers with one template does not move what the linked members set."""
    strangers = range(14, 38)
    groups = grouped(dict.fromkeys(CORE, len(TOKENS)) | dict.fromkeys(strangers, 1))
    volume = np.full(COUNT, 32, dtype=np.int64)
    found = template_likeness(groups, np.arange(COUNT) < len(CORE), volume, volume)
    assert found[0] == 1.0
    assert found[list(strangers)].tolist() == [0.0] * len(strangers)


def test_who_uses_no_template() -> None:
    """An account without any exchange on the templates is not like those that have."""
    assert likeness(variety=0, harvest=0, exchanges=32) == 0.0


def test_outside_groups() -> None:
    """An account in no group is like nobody, and so is every account of a group without harvest."""
    assert likeness(variety=16, harvest=32, exchanges=32, account=OTHER + 1) == 0.0
    groups = bare_groups(6, [range(3)])
    found = template_likeness(
        groups, np.ones(6, dtype=np.bool_), np.zeros(6, dtype=np.int64), np.full(6, 8)
    )
    assert found.tolist() == [0.0] * 6


@given(st.integers(0, 16), st.integers(0, 64), st.integers(0, 640))
def test_bounds(variety: int, harvest: int, cover: int) -> None:
    """Likeness lies between 0 and 1, and more of other traffic never adds to it."""
    lean = likeness(variety=variety, harvest=harvest, exchanges=harvest + cover + 1)
    pure = likeness(variety=variety, harvest=harvest, exchanges=harvest + 1)
    assert 0.0 <= lean <= pure <= 1.0


@given(st.integers(0, 15), st.integers(1, 64))
def test_more_templates_are_more_alike(variety: int, harvest: int) -> None:
    """At the same volume, one template more never makes an account less like the members."""
    fewer = likeness(variety=variety, harvest=harvest, exchanges=64)
    assert fewer <= likeness(variety=variety + 1, harvest=harvest, exchanges=64)


def test_own_variety() -> None:
    """Only the own group's shingles count, each once, and only for its members."""
    uses = [(0, 100, 9), (0, 101, 2), (0, 7, 5), (1, 100, 2), (5, 100, 2), (5, 200, 2), (9, 101, 4)]
    groups = bare_groups(
        10, [(0, 1, 2), (5, 6)], {"template": hashes(uses)}, own=[(100, 101), (200,)]
    )
    assert own_variety(groups).tolist() == [2, 1, 0, 0, 0, 1, 0, 0, 0, 0]


@pytest.mark.parametrize("uses", [[], [(0, 7, 2)]])
def test_no_own_templates(uses: list[Use]) -> None:
    """Without text or without own templates the variety is zero throughout."""
    assert own_variety(bare_groups(3, [(0, 1, 2)])).tolist() == [0.0] * 3
    groups = bare_groups(3, [(0, 1, 2)], {"template": hashes(uses)})
    assert own_variety(groups).tolist() == [0.0] * 3


POOL, RED_TEAM = range(60), range(60, 80)
"""Members who work through all templates, and strangers who all ask one published one of them."""


def nearby_in(
    uses: list[Use], count: int, linked: NDArray[np.bool_], harvest: int = 40
) -> NDArray[np.float64]:
    """Look at the neighbours of all accounts of one group."""
    own = sorted({token for _account, token, _exchanges in uses})
    groups = bare_groups(count, [range(count)], {"template": hashes(uses)}, own=[own])
    return linked_nearby(groups, linked, np.full(count, harvest, dtype=np.int64))


def mixed_pool(generator: np.random.Generator) -> list[Use]:
    """Have each member ask templates at its own random rates, and the red team the first only."""
    rates = generator.integers(1, 9, size=(len(POOL), len(TOKENS)))
    uses = [
        (account, token, int(rates[account, token - 100])) for account in POOL for token in TOKENS
    ]
    return uses + [(account, TOKENS[0], 20 + account % 3) for account in RED_TEAM]


def test_strangers_with_one_of_many_templates() -> None:
    """Two of a red team share a card, half of the pool does: only the red team is set apart."""
    count = len(POOL) + len(RED_TEAM)
    linked = np.zeros(count, dtype=np.bool_)
    linked[:40] = True
    linked[[60, 61]] = True
    found = nearby_in(mixed_pool(np.random.default_rng(3)), count, linked)
    assert np.all(found[list(RED_TEAM)] <= 2 / (NEAREST - 2))
    assert np.mean(np.isinf(found[list(POOL)])) >= 1.0 - 2.0 * STRANGERS_LEVEL


def test_size_where_links_do_not_follow_mixtures() -> None:
    """Null: whoever is linked by chance, no more accounts than the level are set apart."""
    generator = np.random.default_rng(4)
    rates = generator.integers(1, 9, size=(200, len(TOKENS)))
    uses = [(a, t, int(rates[a, t - 100])) for a in range(200) for t in TOKENS]
    shares = [
        float(np.mean(np.isfinite(nearby_in(uses, 200, generator.random(200) < 0.6))))
        for _draw in range(20)
    ]
    assert 0.0 < np.mean(shares) <= STRANGERS_LEVEL


def test_too_little_to_compare() -> None:
    """Few accounts, or few exchanges of each, have no neighbours to speak of."""
    uses = [(account, TOKENS[account % 2], 9) for account in range(30)]
    linked = np.arange(30) % 2 == 0
    assert np.isfinite(nearby_in(uses, 30, linked)).any()
    assert np.isinf(nearby_in(uses, 30, linked, harvest=FEWEST_MIXED - 1)).all()
    assert np.isinf(nearby_in(uses[:NEAREST], NEAREST, linked[:NEAREST])).all()


def test_equal_mixtures_are_counted_in_shares() -> None:
    """Where all are equally near, each counts by the part of those at that distance."""
    uses = [(account, TOKENS[0], 9) for account in range(40)]
    uses += [(account, TOKENS[1], 9) for account in range(40, 80)]
    linked = np.arange(80) >= 36
    found = nearby_in(uses, 80, linked)
    near = NEAREST * 4 / 39
    assert found[:36] == pytest.approx(near / (NEAREST - near + 1.0))
    assert np.isinf(found[40:]).all()
