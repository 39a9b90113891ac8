"""The tree of RFC 6962: known roots, proofs against the definition, and forged proofs."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.ledgers import (
    RowSource,
    oracle_consistency,
    oracle_path,
    oracle_root,
)

from cautery.ledger.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_path,
    inclusion_path,
    is_consistent,
    is_included,
    leaf_hash,
)

# Leaves and roots that Certificate Transparency's own implementations test with.
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATH_OF_0_IN_8 = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
PATH_FROM_6_TO_8 = (
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
)
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
MANY = [leaf_hash(bytes([number % 256, number // 256])) for number in range(300)]


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size: int) -> None:
    """The growing tree has the roots that other implementations publish."""
    tree = CompactRange()
    tree.extend(LEAVES[:size])
    assert (tree.root().hex(), tree.size) == (ROOTS[size], size)


def test_known_proofs() -> None:
    """Proofs are those that other implementations publish."""
    source = RowSource(LEAVES)
    assert [each.hex() for each in inclusion_path(source, 0, 8)] == list(PATH_OF_0_IN_8)
    assert [each.hex() for each in consistency_path(source, 6, 8)] == list(PATH_FROM_6_TO_8)


@given(st.data())
def test_inclusion_is_what_the_definition_says(data: st.DataObject) -> None:
    """Paths are those of the recursive definition, and verify."""
    size = data.draw(st.integers(1, len(MANY)))
    index = data.draw(st.integers(0, size - 1))
    leaves = MANY[:size]
    path = inclusion_path(RowSource(leaves), index, size)
    assert path == oracle_path(index, leaves)
    assert is_included(leaves[index], index, size, path, oracle_root(leaves))


@given(st.data())
def test_consistency_is_what_the_definition_says(data: st.DataObject) -> None:
    """Paths are those of the recursive definition, and verify."""
    size = data.draw(st.integers(1, len(MANY)))
    old_size = data.draw(st.integers(1, size))
    leaves = MANY[:size]
    path = consistency_path(RowSource(leaves), old_size, size)
    assert path == oracle_consistency(old_size, leaves)
    old_root, root = oracle_root(leaves[:old_size]), oracle_root(leaves)
    assert is_consistent(old_size, old_root, size, root, path)


def test_compact_range_is_what_the_definition_says() -> None:
    """At every size the growing tree has the root of the recursive definition."""
    tree = CompactRange()
    for size, leaf in enumerate(MANY, start=1):
        tree.append(leaf)
        assert tree.root() == oracle_root(MANY[:size])


def test_every_small_forgery_of_inclusion_is_refused() -> None:
    """In trees of up to 17 leaves no path proves a leaf at a place where it is not."""
    for size in range(1, 18):
        leaves, root = MANY[:size], oracle_root(MANY[:size])
        paths = [oracle_path(index, leaves) for index in range(size)]
        for index in range(-1, size + 2):
            for other in range(size):
                proved = is_included(leaves[other], index, size, paths[other], root)
                assert proved == (index == other)


def test_every_small_forgery_of_consistency_is_refused() -> None:
    """In trees of up to 17 leaves no path proves growth from a tree that was not there."""
    for size in range(1, 18):
        root = oracle_root(MANY[:size])
        for old_size in range(1, size + 1):
            path = oracle_consistency(old_size, MANY[:size])
            for other in range(size + 1):
                old_root = oracle_root(MANY[:other])
                proved = is_consistent(other, old_root, size, root, path)
                assert proved == (other == old_size or (other == 0 and not path))


def test_mutated_paths_are_refused() -> None:
    """Paths with a flipped bit, or with a hash too many, too few or exchanged, prove nothing."""
    draw = random.Random(5)
    for _ in range(2_000):
        size = draw.randrange(2, len(MANY))
        index = draw.randrange(size)
        leaves, root = MANY[:size], oracle_root(MANY[:size])
        path = oracle_path(index, leaves)
        forged = list(path)
        match draw.randrange(4):
            case 0:
                place, bit = draw.randrange(len(path)), draw.randrange(256)
                number = int.from_bytes(path[place], "big") ^ (1 << bit)
                forged[place] = number.to_bytes(32, "big")
            case 1:
                forged.insert(draw.randrange(len(path) + 1), draw.randbytes(32))
            case 2:
                del forged[draw.randrange(len(path))]
            case _:
                forged = forged[::-1] if len(path) > 1 else [*forged, *forged]
        assert not is_included(leaves[index], index, size, forged, root)


def test_edges_of_consistency() -> None:
    """The empty tree is the beginning of every tree; a smaller tree grows from no greater one."""
    root = oracle_root(MANY[:5])
    assert is_consistent(0, EMPTY_ROOT, 5, root, [])
    assert is_consistent(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    assert is_consistent(5, root, 5, root, [])
    assert not is_consistent(0, root, 5, root, [])
    assert not is_consistent(0, EMPTY_ROOT, 0, root, [])
    assert not is_consistent(5, root, 5, EMPTY_ROOT, [])
    assert not is_consistent(6, root, 5, root, [])
    assert not is_consistent(3, root, 5, root, [])
    assert not is_consistent(4, oracle_root(MANY[:4]), 5, root, [b"short"])
    assert not is_included(MANY[0], 0, 1, [bytes(32)] * 65, MANY[0])
