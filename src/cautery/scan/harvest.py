"""Pools: the exchanges of each group, its own templates, and cover traffic told apart.

A relay mixes harvest with ordinary traffic inside each account, so a group is judged on the
exchanges that carry its own templates, if it has any, and on all of them if it has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import ibis
import numpy as np
import pyarrow as pa
from ibis import _
from numpy.typing import NDArray

from cautery.scan.candidates import Candidates
from cautery.scan.facts import Facts
from cautery.scan.groups import Basis, Groups
from cautery.scan.incidences import Incidences

Integers = NDArray[np.int64]

FEWEST_HOLDERS: Final = 3
LEAST_HOLDER_SHARE: Final = 0.05
"""Part of a group's accounts that must repeat a shingle before it is the group's own."""
LEAST_LIFT: Final = 8.0
"""How many times more common it must be in the group than outside."""
FILTER_BITS: Final = 18
"""Lowest bits of shingles by which most are passed over; a table of 256 KiB stays in the cache."""

_READ: Final = (
    "greedy",
    "images",
    "second",
    "day",
    "model",
    "style",
    "single_turn",
    "input_hash",
    "system_hash",
    "flags",
    "output_tokens",
    "reasoning_tokens",
    "tools",
)


def own_templates(
    templates: Incidences | None, group_of: Integers, basis: Sequence[Basis]
) -> tuple[Integers, Integers]:
    """Choose the shingles that are characteristic of each group.

    Strangers are the accounts in no group and those joined by infrastructure alone: campaigns of
    one operator, or the permitted part of a pool, must not make its templates look like
    everybody's.

    Args:
        templates: Account-token pairs of the template link, None if the log has no text.
        group_of: Group of each account.
        basis: Families of links that formed each group.

    Returns:
        Group and stored shingle of each characteristic pair, sorted.
    """
    empty = np.zeros(0, dtype=np.int64)
    if templates is None or not basis or not isinstance(templates.names, np.ndarray):
        return empty, empty
    group = group_of[templates.account]
    inside = group >= 0
    keys, held = np.unique(
        group[inside] * templates.token_count + templates.token[inside], return_counts=True
    )
    groups, tokens = keys // templates.token_count, keys % templates.token_count
    strange = np.append([kind == "infrastructure" for kind in basis], True)
    stranger = strange[group_of]
    everywhere = np.bincount(
        templates.token[stranger[templates.account]], minlength=templates.token_count
    )[tokens]
    sizes = np.bincount(group_of[group_of >= 0], minlength=len(basis))[groups]
    inside_too = strange[groups]
    outside = (everywhere - held * inside_too + 0.5) / (
        int(stranger.sum()) - sizes * inside_too + 1.0
    )
    own = (held >= np.maximum(FEWEST_HOLDERS, LEAST_HOLDER_SHARE * sizes)) & (
        held / sizes >= LEAST_LIFT * outside
    )
    return groups[own], templates.names[tokens[own]]


def _carries(shingles: Any, groups: Integers, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether each exchange carries one of its group's shingles."""
    offsets = shingles.offsets.to_numpy().astype(np.int64)
    values = shingles.values.to_numpy(zero_copy_only=False)[offsets[0] : offsets[-1]]
    values = values.astype(np.int32).view(np.uint32)
    ends = offsets - offsets[0]
    carries = np.zeros(groups.size, dtype=np.bool_)
    if keys.size == 0:
        return carries
    # Most shingles are nobody's own: a table of their lowest bits passes over them.
    maybe = np.zeros(1 << FILTER_BITS, dtype=np.bool_)
    mask = np.uint32((1 << FILTER_BITS) - 1)
    maybe[keys.astype(np.uint32) & mask] = True
    near = np.flatnonzero(maybe[values & mask])
    row = np.searchsorted(ends, near, side="right") - 1
    wanted = (groups[row].astype(np.uint64) << np.uint64(32)) | values[near]
    place = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
    carries[row[keys[place] == wanted]] = True
    return carries


def make_groups(
    facts: Facts,
    candidates: Candidates,
    incidences: dict[str, Incidences],
    *,
    counted_only: bool = False,
) -> Groups:
    """Collect the pools of all candidate groups.

    Args:
        facts: What the log says.
        candidates: Disjoint candidate groups.
        incidences: Account-token pairs of every link.
        counted_only: Whether of the exchanges only account, group and mark are kept: enough to
            measure membership, and most of what writing them costs.

    Returns:
        The groups with their own templates and their exchanges, cover traffic marked.
    """
    group_of = candidates.group_of
    groups, tokens = own_templates(incidences.get("template"), group_of, candidates.basis)
    keys = np.sort(
        (groups.astype(np.uint64) << np.uint64(32)) | tokens.astype(np.int32).view(np.uint32)
    )
    numbers = pa.table(
        {
            "account": pa.array(np.flatnonzero(group_of >= 0).astype(np.int32)),
            "group": pa.array(group_of[group_of >= 0].astype(np.int32)),
        }
    )
    members = facts.engine.small_table("group_members", numbers)
    read = () if counted_only else _READ
    exchanges = _written_exchanges(facts, members, keys, set(groups.tolist()), read)
    return Groups(
        group_of=group_of,
        basis=candidates.basis,
        incidences=incidences,
        template_group=groups,
        template_token=tokens,
        exchanges=exchanges,
    )


def _written_exchanges(
    facts: Facts,
    members: Any,
    keys: NDArray[np.uint64],
    with_templates: set[int],
    read: tuple[str, ...],
) -> Any:
    """Write the exchanges of all groups down, as those of a long log are millions."""
    has_text = "input_text" in facts.present
    source = facts.exchanges.join(members, "account").select(
        "account", "group", *read, *(("shingles",) if has_text else ())
    )
    templated = np.zeros(max(with_templates, default=-1) + 2, dtype=np.bool_)
    templated[list(with_templates)] = True
    kept = source.select("account", "group", *read).schema().to_pyarrow()
    return facts.engine.over(facts, source).write(
        partial(_harvest_marked, templated=templated, keys=keys, read=read),
        kept.append(pa.field("harvest", pa.bool_())),
        "group-exchanges",
    )


def _harvest_marked(
    _account: Integers,
    batch: Any,
    *,
    templated: NDArray[np.bool_],
    keys: NDArray[np.uint64],
    read: tuple[str, ...],
) -> Any:
    """Kernel: mark the exchanges that count for their group's harvest."""
    group = batch.column("group").to_numpy().astype(np.int64)
    harvest = ~templated[np.minimum(group, templated.size - 1)]
    if "shingles" in batch.schema.names:
        harvest |= _carries(batch.column("shingles"), group, keys)
    narrow = batch.select(["account", "group", *read])
    return narrow.append_column("harvest", pa.array(harvest))


def harvest_counts(groups: Groups, account_count: int) -> Integers:
    """Exchanges of each account that are thought to be harvest."""
    counts = np.zeros(account_count, dtype=np.int64)
    found = (
        groups.exchanges.group_by("account")
        .aggregate(harvest=_.harvest.sum().cast("int64"))
        .to_pyarrow()
    )
    counts[found["account"].to_numpy()] = found["harvest"].to_numpy()
    return counts


def count_where(table: Any, condition: Any, group_count: int) -> tuple[Integers, Integers]:
    """Count, by group, the harvest exchanges where a condition is known and where it holds."""
    found = (
        table.filter(_.harvest)
        .group_by("group")
        .aggregate(
            known=condition.notnull().sum().cast("int64"),
            held=ibis.coalesce(condition, False).sum().cast("int64"),
        )
        .to_pyarrow()
    )
    known, held = np.zeros(group_count, dtype=np.int64), np.zeros(group_count, dtype=np.int64)
    known[found["group"].to_numpy()] = found["known"].to_numpy()
    held[found["group"].to_numpy()] = found["held"].to_numpy()
    return known, held
