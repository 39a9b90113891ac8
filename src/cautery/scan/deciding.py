"""Deciding: the templates by which accounts may be brought into a group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.scan.candidates import Candidates
from cautery.scan.facts import Facts
from cautery.scan.harvest import own_templates
from cautery.scan.incidences import Incidences
from cautery.scan.known_templates import known_shingles

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

PUBLIC_SHARE: Final = 0.05
"""Part of a shingle's exchanges that carry a stock shingle too from which it is taken for another
piece of the public pipeline's prompt; two prompts of one campaign have nothing in common."""


def deciding_templates(
    facts: Facts, candidates: Candidates, templates: Incidences | None
) -> tuple[Integers, Integers]:
    """Choose the templates by which accounts may be brought into a group.

    They are the own ones of one group of both families, and most of their holders share
    infrastructure. What public pipelines ask decides only in a group that has nothing else.

    Args:
        facts: What the log says.
        candidates: Disjoint candidate groups.
        templates: Account-token pairs of the template link, None if the log has no text.

    Returns:
        Stored shingles, sorted, and the group of each.
    """
    groups, tokens = own_templates(templates, candidates.group_of, candidates.basis)
    speaks = np.array([kind == "both" for kind in candidates.basis], dtype=np.bool_)
    kept = np.isin(tokens, candidates.speaking)
    kept &= speaks[groups] if groups.size else False
    public = np.isin(tokens, known_shingles())
    mixed = kept & ~public & np.isin(groups, groups[public])
    if np.any(mixed):
        public |= mixed & np.isin(tokens, _pieces_of_stock(facts, np.unique(tokens[mixed])))
    has_private = np.isin(groups, groups[kept & ~public])
    kept &= ~public | ~has_private
    # A shingle of several groups says nothing of which one.
    tokens, first, uses = np.unique(tokens[kept], return_index=True, return_counts=True)
    return tokens[uses == 1], groups[kept][first][uses == 1]


def _pieces_of_stock(facts: Facts, tokens: Integers) -> Integers:
    """Choose the shingles that often stand in one prompt with a stock shingle."""
    stock = known_shingles()
    seen, shared = (np.zeros(tokens.size, dtype=np.int64) for _ in range(2))
    for batch in carrying(facts, tokens):
        rows, inverse = np.unique(batch.row, return_inverse=True)
        with_stock = batch.any_of(rows, stock)[inverse]
        seen += np.bincount(batch.place, minlength=tokens.size)
        shared += np.bincount(batch.place[with_stock], minlength=tokens.size)
    return np.asarray(tokens[shared >= np.maximum(PUBLIC_SHARE * seen, 1)], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Carrying:
    """Where some shingles stand in the prompts of one batch of exchanges."""

    account: Integers
    """Account of each exchange."""
    row: Integers
    """Exchange of each shingle that was found, ascending."""
    place: Integers
    """Which of the shingles it is."""
    offsets: Integers
    """Where the shingles of each exchange begin in ``values``, and where the last ends."""
    values: NDArray[np.int32]
    """All shingles of all exchanges."""

    def any_of(self, rows: Integers, tokens: Integers) -> NDArray[np.bool_]:
        """Whether some exchanges carry any of other shingles.

        Args:
            rows: Exchanges, each once.
            tokens: Shingles, sorted.

        Returns:
            One truth a row.
        """
        lengths = self.offsets[rows + 1] - self.offsets[rows]
        starts = np.repeat(self.offsets[rows] - np.cumsum(lengths) + lengths, lengths)
        found = np.isin(self.values[starts + np.arange(starts.size)], tokens)
        return np.bincount(np.repeat(np.arange(rows.size), lengths)[found], minlength=rows.size) > 0


def carrying(facts: Facts, tokens: Integers) -> Iterator[Carrying]:
    """Find shingles in the prompts of all exchanges, batch by batch.

    Most shingles of a log are none of those: a table of their lowest 16 bits passes over them.

    Args:
        facts: What the log says.
        tokens: Stored shingles to find, sorted, at least one.

    Yields:
        Where they stand.
    """
    maybe = np.zeros(1 << 16, dtype=np.bool_)
    maybe[tokens.astype(np.uint16)] = True
    for account, batch in facts.batches(["input_shingles"]):
        shingles = batch.column("input_shingles")
        offsets = shingles.offsets.to_numpy().astype(np.int64)
        values = shingles.values.to_numpy(zero_copy_only=False)[offsets[0] : offsets[-1]]
        near = np.flatnonzero(maybe[values.astype(np.uint16)])
        place = np.minimum(np.searchsorted(tokens, values[near]), tokens.size - 1)
        hit = tokens[place] == values[near]
        offsets -= offsets[0]
        row = np.searchsorted(offsets, near[hit], side="right") - 1
        yield Carrying(account, row.astype(np.int64), place[hit], offsets, values)


def carried_exchanges(
    facts: Facts, tokens: Integers, owner: Integers, group_count: int
) -> tuple[Integers, Integers, Integers]:
    """Count how many exchanges of each account carry a shingle of each group.

    Args:
        facts: What the log says.
        tokens: Stored shingles, sorted.
        owner: Group of each shingle.
        group_count: Number of groups.

    Returns:
        Account, group and exchanges of each pair that occurs, in order.
    """
    found: list[tuple[Integers, Integers]] = [(tokens[:0], tokens[:0])]
    for batch in carrying(facts, tokens):
        pairs = np.unique(batch.row * group_count + owner[batch.place])
        keys = batch.account[pairs // group_count] * group_count + pairs % group_count
        found.append(np.unique(keys, return_counts=True))
    keys, place = np.unique(np.concatenate([key for key, _ in found]), return_inverse=True)
    carried = np.bincount(place, np.concatenate([count for _, count in found])).astype(np.int64)
    return keys // group_count, keys % group_count, carried
