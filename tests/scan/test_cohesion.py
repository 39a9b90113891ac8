"""Payers of one group whose accounts use other templates are set apart, and only those."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from tests.scan.weighed import things_of

from cautery.scan.cohesion import split_unlike, tokens_of_parts

Integers = NDArray[np.int64]
TOKENS = 12
FIRST, SECOND, THIRD = (0, 4), (4, 8), (8, 12)
"""Templates of three campaigns."""


def uses(
    generator: np.random.Generator, span: tuple[int, int], public: float = 0.0
) -> NDArray[np.float64]:
    """Spread one account's exchanges over its campaign's templates and a public one."""
    shown = np.zeros(TOKENS + 1)
    width = span[1] - span[0]
    shown[span[0] : span[1]] = generator.multinomial(30, generator.dirichlet([4.0] * width))
    shown[TOKENS] = round(30 * public)
    return shown


def group_of_cards(
    spans: Sequence[tuple[int, int]], on_card: int = 6, public: float = 0.0, seed: int = 1
) -> tuple[sparse.csr_matrix, list[str | None]]:
    """Make one group: a card for each entry, whose accounts use these templates."""
    generator = np.random.default_rng(seed)
    rows = [uses(generator, span, public) for span in spans for _account in range(on_card)]
    cards: list[str | None] = [
        f"card-{card}" for card in range(len(spans)) for _account in range(on_card)
    ]
    return sparse.csr_matrix(np.array(rows).T), cards


def split(usage: sparse.csr_matrix, cards: Sequence[str | None]) -> list[int]:
    """Split one group of everybody."""
    labels = np.zeros(len(cards), dtype=np.int64)
    found = split_unlike(usage, np.full(usage.shape[0], 6.0), labels, things_of(cards))
    parts: list[int] = found.tolist()
    return parts


def test_one_campaign_stays_whole() -> None:
    """Cards of accounts with the same templates, in like proportions, are one group."""
    usage, cards = group_of_cards([FIRST] * 6)
    assert split(usage, cards) == [0] * 36


@pytest.mark.parametrize("public", [0.0, 0.3])
def test_two_campaigns_of_one_size(public: float) -> None:
    """Each of two campaigns is half of the other's rest, and so like it; they fall apart anyway."""
    usage, cards = group_of_cards([FIRST, SECOND] * 4, public=public)
    assert split(usage, cards) == ([0] * 6 + [1] * 6) * 4


def test_three_campaigns() -> None:
    """The largest keeps the number of the group."""
    usage, cards = group_of_cards([SECOND, FIRST, FIRST, THIRD, FIRST, SECOND])
    first, second, third = [0] * 6, [1] * 6, [2] * 6
    assert split(usage, cards) == second + first + first + third + first + second


@pytest.mark.parametrize(("cards", "parts"), [(10, 1), (40, 2)])
def test_half_of_the_templates_in_common(cards: int, parts: int) -> None:
    """Two campaigns that do half of the same work are told apart where many cards show both."""
    usage, names = group_of_cards([(0, 8)] * cards + [(4, 12)] * cards)
    found = split(usage, names)
    assert len(set(found)) == parts
    middle = len(found) // 2
    assert (len(set(found[:middle])), len(set(found[middle:]))) == (1, 1)


def test_many_cards_of_one_campaign_stay_together() -> None:
    """However many cards it has, accounts that prefer one template to another are no halves."""
    usage, names = group_of_cards([(0, 8)] * 80)
    assert set(split(usage, names)) == {0}


def test_a_red_team_among_a_campaign() -> None:
    """One card of strangers who share a public prompt with the campaign is set apart."""
    usage, cards = group_of_cards([FIRST, FIRST, FIRST, SECOND, FIRST], public=0.4)
    parts = split(usage, cards)
    assert parts[18:24] == [1] * 6
    assert parts.count(0) == 24


def test_single_payers_go_where_they_are_like() -> None:
    """An account with a card of its own is no unit: it follows its templates."""
    usage, cards = group_of_cards([FIRST, SECOND, FIRST, SECOND])
    cards[3], cards[4], cards[9], cards[10] = "own-1", None, "own-2", None
    assert split(usage, cards) == ([0] * 6 + [1] * 6) * 2


def test_one_payer_or_none() -> None:
    """Without two payers of several accounts there is nothing to compare."""
    usage, cards = group_of_cards([FIRST, SECOND])
    assert split(usage, ["one"] * 12) == [0] * 12
    assert split(usage, [None] * 12) == [0] * 12
    labels = np.zeros(12, dtype=np.int64)
    assert split_unlike(usage, np.ones(TOKENS + 1), labels, None) is labels
    nothing = sparse.csr_matrix((0, 12))
    assert split_unlike(nothing, np.ones(0), labels, things_of(cards)) is labels


def test_other_groups_are_left_alone() -> None:
    """New parts have numbers of their own, and accounts in no group stay there."""
    usage, cards = group_of_cards([FIRST, SECOND, FIRST, FIRST, SECOND, THIRD])
    labels = np.repeat(np.array([0, 0, 1, 1, -1, -1]), 6)
    found = split_unlike(usage, np.full(TOKENS + 1, 6.0), labels, things_of(cards))
    assert found.tolist() == [0] * 6 + [2] * 6 + [1] * 12 + [-1] * 12


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from([FIRST, SECOND, THIRD]), min_size=1, max_size=7),
    st.integers(0, 2**32 - 1),
)
def test_order_means_nothing(spans: list[tuple[int, int]], seed: int) -> None:
    """Accounts in another order fall into the same sets."""
    usage, cards = group_of_cards(spans, on_card=3, public=0.3)
    order = np.random.default_rng(seed).permutation(len(cards))
    plain = np.array(split(usage, cards))
    moved = np.array(split(usage[:, order], [cards[place] for place in order]))
    assert set(_sets(plain)) == {frozenset(order[list(one)].tolist()) for one in _sets(moved)}


def _sets(labels: Integers) -> list[frozenset[int]]:
    return [frozenset(np.flatnonzero(labels == one).tolist()) for one in np.unique(labels)]


def test_tokens_follow_their_users() -> None:
    """Accounts that are brought in by a template later come to the part that lives on it."""
    usage, cards = group_of_cards([FIRST, FIRST, SECOND], public=0.2)
    before = np.zeros(18, dtype=np.int64)
    after = np.array(split(usage, cards))
    of_token = np.append(np.zeros(TOKENS, dtype=np.int64), -1)
    moved = tokens_of_parts(usage, of_token, before, after)
    assert moved.tolist() == [0] * 4 + [1] * 4 + [0] * 4 + [-1]
    assert tokens_of_parts(usage, of_token, before, before).tolist() == of_token.tolist()
