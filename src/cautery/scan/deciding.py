"""Deciding: the templates by which accounts may be brought into a group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cautery.scan.candidates import Candidates
from cautery.scan.distinct import distinct
from cautery.scan.facts import Facts
from cautery.scan.harvest import own_templates
from cautery.scan.incidences import Incidences
from cautery.scan.known_templates import known_shingles

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

PUBLIC_SHARE: Final = 0.05
"""Part of a shingle's exchanges that carry a stock shingle too from which it is taken for another
piece of the public pipeline's prompt; two prompts of one campaign have nothing in common."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """The templates by which accounts may be brought into a group."""

    tokens: Integers
    """Stored shingles, sorted."""
    owner: Integers
    """Group of each."""
    private: Integers
    """Own shingles of groups with a stock prompt that are no piece of it, sorted."""


def deciding_templates(
    facts: Facts, candidates: Candidates, templates: Incidences | None
) -> Deciding:
    """Choose the templates by which accounts may be brought into a group.

    They are the own ones of one group of both families, and most of their holders share
    infrastructure. What public pipelines ask decides only in a group that has nothing else.

    Args:
        facts: What the log says.
        candidates: Disjoint candidate groups.
        templates: Account-token pairs of the template link, None if the log has no text.

    Returns:
        The shingles.
    """
    groups, tokens = own_templates(templates, candidates.group_of, candidates.basis)
    speaks = np.array([kind == "both" for kind in candidates.basis], dtype=np.bool_)
    in_both = speaks[groups] if groups.size else np.zeros(0, dtype=np.bool_)
    kept = np.isin(tokens, candidates.speaking) & in_both
    public = np.isin(tokens, known_shingles())
    mixed = in_both & ~public & np.isin(groups, groups[public])
    if np.any(mixed):
        public |= mixed & np.isin(tokens, _pieces_of_stock(facts, np.unique(tokens[mixed])))
    private = np.unique(tokens[mixed & ~public])
    has_private = np.isin(groups, groups[kept & ~public])
    kept &= ~public | ~has_private
    # A shingle of several groups says nothing of which one.
    tokens, first, uses = np.unique(tokens[kept], return_index=True, return_counts=True)
    return Deciding(tokens[uses == 1], groups[kept][first][uses == 1], private)


def _pieces_of_stock(facts: Facts, tokens: Integers) -> Integers:
    """Choose the shingles that often stand in one prompt with a stock shingle."""
    found = facts.engine.over_log(facts, ["input_shingles"]).tally(
        partial(_beside_stock, tokens=tokens, stock=known_shingles()), ("seen", "shared")
    )
    seen, shared = (np.zeros(tokens.size, dtype=np.int64) for _ in range(2))
    seen[found["key"].to_numpy()] = found["seen"].to_numpy()
    shared[found["key"].to_numpy()] = found["shared"].to_numpy()
    return np.asarray(tokens[shared >= np.maximum(PUBLIC_SHARE * seen, 1)], dtype=np.int64)


def _beside_stock(account: Integers, batch: Any, *, tokens: Integers, stock: Integers) -> Any:
    """Kernel: by place of a shingle, the exchanges with it, and those with a stock one too."""
    found = carrying(account, batch, tokens)
    rows, inverse = np.unique(found.row, return_inverse=True)
    with_stock = found.any_of(rows, stock)[inverse]
    seen = np.bincount(found.place, minlength=tokens.size)
    shared = np.bincount(found.place[with_stock], minlength=tokens.size)
    met = np.flatnonzero(seen)
    return pa.RecordBatch.from_pydict({"key": met, "seen": seen[met], "shared": shared[met]})


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


def carrying(account: Integers, batch: Any, tokens: Integers) -> Carrying:
    """Find shingles in the prompts of one batch of exchanges.

    Most shingles of a log are none of those: a table of their lowest 16 bits passes over them.

    Args:
        account: Account of each exchange.
        batch: Arrow batch with ``input_shingles``.
        tokens: Stored shingles to find, sorted, at least one.

    Returns:
        Where they stand.
    """
    maybe = np.zeros(1 << 16, dtype=np.bool_)
    maybe[tokens.astype(np.uint16)] = True
    shingles = batch.column("input_shingles")
    offsets = shingles.offsets.to_numpy().astype(np.int64)
    values = shingles.values.to_numpy(zero_copy_only=False)[offsets[0] : offsets[-1]]
    near = np.flatnonzero(maybe[values.astype(np.uint16)])
    place = np.minimum(np.searchsorted(tokens, values[near]), tokens.size - 1)
    hit = tokens[place] == values[near]
    offsets -= offsets[0]
    row = np.searchsorted(offsets, near[hit], side="right") - 1
    return Carrying(account, row.astype(np.int64), place[hit], offsets, values)


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
    found = facts.engine.over_log(facts, ["input_shingles"]).tally(
        partial(_carried, tokens=tokens, owner=owner, group_count=group_count), ("exchanges",)
    )
    keys = found["key"].to_numpy()
    return keys // group_count, keys % group_count, found["exchanges"].to_numpy()


def _carried(
    account: Integers, batch: Any, *, tokens: Integers, owner: Integers, group_count: int
) -> Any:
    """Kernel: by account and group, the exchanges that carry a shingle of the group."""
    found = carrying(account, batch, tokens)
    pairs = distinct(found.row * group_count + owner[found.place])
    keys = found.account[pairs // group_count] * group_count + pairs % group_count
    key, exchanges = np.unique(keys, return_counts=True)
    return pa.RecordBatch.from_pydict({"key": key, "exchanges": exchanges})
