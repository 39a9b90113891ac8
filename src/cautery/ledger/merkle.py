"""The Merkle tree of RFC 6962, section 2.1: its hashes, and what proves things about it.

A tree of n leaves splits at the largest power of two below n. Leaves and inner nodes are hashed
with different prefixes, so that no node passes for a leaf.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

HASH_BYTES: Final = 32
"""SHA-256."""
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""Root of the tree without leaves."""
MOST_PATH_HASHES: Final = 64
"""A tree of 2^64 leaves has no longer proof."""


class HashSource(Protocol):
    """Where the hashes of complete subtrees are found."""

    def hash_at(self, height: int, index: int) -> bytes:
        """Give the hash of leaves ``index * 2^height`` to ``(index + 1) * 2^height``."""
        ...


def leaf_hash(entry: bytes) -> bytes:
    """Hash a leaf.

    Args:
        entry: What the log holds.

    Returns:
        32 bytes.
    """
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children into their parent."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold_peaks(peaks: Sequence[bytes]) -> bytes:
    """Join complete subtrees, the largest first, into one root.

    Args:
        peaks: Their hashes from left to right.

    Returns:
        The root; of an empty tree if there is none.
    """
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """Hash a complete subtree from its lowest row.

    Args:
        hashes: A power of two of them.

    Returns:
        Its root.
    """
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


class CompactRange:
    """A growing tree of which only the peaks are kept: at most one hash for each bit of its size.

    Example:
        >>> tree = CompactRange()
        >>> tree.append(leaf_hash(b""))
        >>> tree.root().hex()[:16], tree.size
        ('6e340b9cffb37a98', 1)
    """

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add the hash of a leaf."""
        bits = self.size
        while bits & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            bits >>= 1
        self._peaks.append(leaf)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add the hashes of leaves."""
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        """Give the root of what was added."""
        return fold_peaks(self._peaks)


def range_root(source: HashSource, start: int, stop: int) -> bytes:
    """Hash a range of leaves that a split of the tree gives.

    Args:
        source: Hashes of complete subtrees.
        start: First leaf; a multiple of the largest power of two in the range.
        stop: The leaf after the last.

    Returns:
        Root of the range.
    """
    peaks = []
    while start < stop:
        height = (stop - start).bit_length() - 1
        peaks.append(source.hash_at(height, start >> height))
        start += 1 << height
    return fold_peaks(peaks)


def inclusion_path(source: HashSource, index: int, size: int) -> list[bytes]:
    """Prove that a leaf is in a tree (RFC 6962, section 2.1.1).

    Args:
        source: Hashes of complete subtrees.
        index: The leaf, from 0.
        size: Leaves of the tree, more than index.

    Returns:
        The path, from the leaf's sibling up.
    """
    path = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(range_root(source, middle, stop))
            stop = middle
        else:
            path.append(range_root(source, start, middle))
            start = middle
    return path[::-1]


def consistency_path(source: HashSource, old_size: int, size: int) -> list[bytes]:
    """Prove that a tree only grew (RFC 6962, section 2.1.2).

    Args:
        source: Hashes of complete subtrees.
        old_size: Leaves of the earlier tree.
        size: Leaves of the later tree, at least as many.

    Returns:
        The path; empty for an empty earlier tree and for equal ones.
    """
    if old_size in {0, size}:
        return []
    path = []
    start, stop, whole = 0, size, True
    while old_size != stop:
        middle = start + _split(stop - start)
        if old_size <= middle:
            path.append(range_root(source, middle, stop))
            stop = middle
        else:
            path.append(range_root(source, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(range_root(source, start, stop))
    return path[::-1]


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Check that a leaf is in a tree (RFC 9162, section 2.1.3.2).

    Args:
        leaf: Hash of the leaf.
        index: Its place, from 0.
        size: Leaves of the tree, from a checkpoint whose signature was checked.
        path: The proof.
        root: Root of that checkpoint.

    Returns:
        Whether the proof holds.
    """
    if not 0 <= index < size or not _are_hashes(path):
        return False
    node, last, result = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            result = node_hash(sibling, result)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and result == root


def is_consistent(
    old_size: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]
) -> bool:
    """Check that a tree only grew (RFC 9162, section 2.1.4.2).

    Args:
        old_size: Leaves of the earlier tree.
        old_root: Its root.
        size: Leaves of the later tree.
        root: Its root.
        path: The proof.

    Returns:
        Whether the later tree begins with the earlier one.
    """
    if not 0 <= old_size <= size or not _are_hashes(path):
        return False
    if old_size in {0, size}:
        expected = EMPTY_ROOT if old_size == 0 else root
        return not path and old_root == expected and (size > 0 or root == EMPTY_ROOT)
    hashes = list(path) if old_size & (old_size - 1) else [old_root, *path]
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    if not hashes:
        return False
    old_result = result = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_result, result = node_hash(sibling, old_result), node_hash(sibling, result)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old_result == old_root and result == root


def _split(leaves: int) -> int:
    """Give the largest power of two that is smaller."""
    return 1 << ((leaves - 1).bit_length() - 1)


def _are_hashes(path: Sequence[bytes]) -> bool:
    return len(path) <= MOST_PATH_HASHES and all(len(each) == HASH_BYTES for each in path)
