"""Account-token pairs have an order of their own, whatever kind of name the tokens bear."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from cautery.scan.incidences import make_incidences

NONE = np.zeros(0, dtype=np.int64)
Named = tuple[int, str, int]
"""Account, token and exchanges."""


def test_texts_and_arrow_texts() -> None:
    """Names from an object array and from Arrow give the same pairs, sorted by name and account."""
    account, exchanges = np.array([2, 0, 1]), np.array([7, 8, 9])
    names = ["b", "b", "a"]
    for token in (np.array(names, dtype=object), pa.array(names), pa.chunked_array([names])):
        found = make_incidences(account, token, exchanges)
        assert found.names == ("a", "b")
        assert found.token.tolist() == [0, 1, 1]
        assert found.account.tolist() == [1, 0, 2]
        assert found.exchanges.tolist() == [9, 8, 7]


def test_no_pairs() -> None:
    """A link that nobody shows has no tokens."""
    for token in (np.array([], dtype=object), pa.array([], pa.string()), pa.array([], pa.int64())):
        found = make_incidences(NONE, token, NONE)
        assert found.token_count == found.account.size == found.token.size == 0


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-(2**31), 2**31 - 1)), unique=True))
def test_hashes_in_any_order(pairs: list[tuple[int, int]]) -> None:
    """Numbers keep their value as their name and are sorted by it, in chunks or not."""
    account = np.array([pair[0] for pair in pairs], dtype=np.int64)
    token = pa.array([pair[1] for pair in pairs], pa.int32())
    found = make_incidences(account, pa.chunked_array([token]), np.ones(len(pairs), dtype=np.int64))
    names = np.asarray(found.names)[found.token].tolist()
    by_name = sorted((name, account) for account, name in pairs)
    assert list(zip(names, found.account.tolist(), strict=True)) == by_name
    assert found.token_count == len({name for _account, name in pairs})


@st.composite
def shuffled_pairs(draw: st.DrawFn) -> tuple[list[Named], list[Named]]:
    """Draw pairs of account, token and exchanges, and the same pairs in another order."""
    pair = st.tuples(st.integers(0, 5), st.text(max_size=4), st.integers(1, 9))
    pairs = draw(st.lists(pair, unique_by=lambda drawn: drawn[:2]))
    return pairs, draw(st.permutations(pairs))


@given(shuffled_pairs())
def test_incidences_do_not_depend_on_order(orders: tuple[list[Named], list[Named]]) -> None:
    """Pairs in any order give the same tokens with the same numbers, sorted by token."""
    plain, turned = (
        make_incidences(
            np.array([account for account, _name, _count in pairs], dtype=np.int64),
            np.array([name for _account, name, _count in pairs], dtype=object),
            np.array([count for _account, _name, count in pairs], dtype=np.int64),
        )
        for pairs in orders
    )
    names = tuple(sorted({name for _account, name, _count in orders[0]}))
    assert plain.names == turned.names == names
    assert plain.token_count == len(names)
    for column in ("account", "token", "exchanges"):
        assert getattr(plain, column).tolist() == getattr(turned, column).tolist()
    assert plain.token.tolist() == sorted(plain.token.tolist())


def test_incidences_of_hashes() -> None:
    """Tokens that are numbers keep their value as their name."""
    found = make_incidences(np.array([1, 0]), pa.array([7, -3], pa.int64()), np.array([2, 4]))
    assert np.asarray(found.names).tolist() == [-3, 7]
    assert (found.account.tolist(), found.token.tolist()) == ([0, 1], [0, 1])
