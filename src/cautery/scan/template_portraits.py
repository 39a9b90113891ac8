"""The templates of listed groups, redacted: one pass over the log for all groups together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cautery.records.campaign import Template
from cautery.records.exchange import FULL_TEXT_ROWS, KEPT_TEXT_HASH
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.portrait import iso_time
from cautery.scan.redaction import redact

Integers = NDArray[np.int64]

MOST_TEMPLATES: Final = 8
EXAMPLES: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class _Uses:
    """Exchanges that carry a shingle of their group's own, one entry an exchange and shingle."""

    exchange: Integers
    """Number of the exchange: a place in the arrays below."""
    place: Integers
    """Place of the shingle among all pairs of a group and its own shingles."""
    account: Integers
    second: Integers
    input_hash: Integers
    text: Any
    """Arrow array of prompts, null where the log or the scan keeps none."""


def template_portraits(
    facts: Facts, groups: Groups, chosen: Sequence[int]
) -> dict[int, tuple[Template, ...]]:
    """Describe the templates of some groups, most used first.

    Shingles that the same exchanges carry are one template: an exchange counts for the most
    common of its group's shingles.

    Args:
        facts: What the log says.
        groups: Judged groups.
        chosen: Numbers of the groups.

    Returns:
        At most ``MOST_TEMPLATES`` templates by group, redacted.
    """
    of_chosen = np.isin(groups.template_group, np.array(chosen, dtype=np.int64))
    group, token = groups.template_group[of_chosen], groups.template_token[of_chosen]
    order = np.lexsort((token, group))
    group, token = group[order], token[order]
    if group.size == 0:
        return dict.fromkeys(chosen, ())
    uses = _uses(facts, groups, _keys(group, token))
    everything = groups.sum_by_group(facts.totals["exchanges"])
    bounds = np.searchsorted(group, np.array([[one, one + 1] for one in chosen]))
    return {
        one: _records(uses, token, (int(first), int(last)), float(everything[one]))
        for one, (first, last) in zip(chosen, bounds, strict=True)
    }


def _keys(group: Integers, token: Integers) -> NDArray[np.uint64]:
    low = token.astype(np.int32).view(np.uint32)
    return np.asarray((group.astype(np.uint64) << np.uint64(32)) | low, dtype=np.uint64)


def _uses(facts: Facts, groups: Groups, keys: NDArray[np.uint64]) -> _Uses:
    """Collect the exchanges that carry one of the keys."""
    own, rank = np.sort(keys), np.argsort(keys, kind="stable")
    chosen = np.isin(groups.group_of, np.unique(keys >> np.uint64(32)).astype(np.int64))
    sampled = int(facts.totals["exchanges"].sum()) > FULL_TEXT_ROWS
    nothing = np.zeros(0, dtype=np.int64)
    found: list[tuple[Any, ...]] = [(*(nothing,) * 5, pa.nulls(0, pa.large_string()))]
    base = 0
    for account, whole in facts.batches(
        ["time_start", "input_hash", "input_shingles", "input_text"]
    ):
        inside = np.flatnonzero(chosen[account])
        batch = whole.take(pa.array(inside))
        group = groups.group_of[account[inside]]
        row, hit, place = _hits(batch.column("input_shingles"), group, own)
        rows, number = np.unique(row[hit], return_inverse=True)
        kept = batch.take(pa.array(rows))
        hashes = kept.column("input_hash").to_numpy(zero_copy_only=False).astype(np.int64)
        seconds = kept.column("time_start").cast(pa.int64()).to_numpy() // 1_000_000
        found.append(
            (
                base + number,
                rank[place[hit]],
                account[inside][rows],
                seconds,
                hashes,
                _texts(kept, hashes, sampled),
            )
        )
        base += rows.size
    parts = list(zip(*found, strict=True))
    numbers = [np.concatenate(arrays).astype(np.int64) for arrays in parts[:5]]
    return _Uses(
        exchange=numbers[0],
        place=numbers[1],
        account=numbers[2],
        second=numbers[3],
        input_hash=numbers[4],
        text=pa.concat_arrays(parts[5]),
    )


def _hits(
    shingles: Any, group: Integers, own: NDArray[np.uint64]
) -> tuple[Integers, Integers, Integers]:
    """Row of every shingle, which of them are their group's own, and the place of each in own."""
    lengths = pc.fill_null(pc.list_value_length(shingles), 0).to_numpy(zero_copy_only=False)
    row = np.repeat(np.arange(group.size), lengths)
    values = shingles.flatten().to_numpy(zero_copy_only=False).astype(np.int64)
    asked = _keys(group[row], values)
    place = np.minimum(np.searchsorted(own, asked), own.size - 1)
    return row, np.flatnonzero(own[place] == asked), place


def _texts(batch: Any, hashes: Integers, sampled: bool) -> Any:
    """Prompts that may be shown: in a long log a fixed eighth, whichever are stored."""
    if "input_text" not in batch.schema.names:
        return pa.nulls(len(hashes), pa.large_string())
    texts = batch.column("input_text").cast(pa.large_string())
    if not sampled:
        return texts
    return pc.if_else(pa.array(hashes < KEPT_TEXT_HASH), texts, pa.scalar(None, texts.type))


def _records(
    uses: _Uses, token: Integers, bounds: tuple[int, int], everything: float
) -> tuple[Template, ...]:
    """Describe the templates of one group, whose shingles stand between two places."""
    first, last = bounds
    own = np.flatnonzero((uses.place >= first) & (uses.place < last))
    if own.size == 0:
        return ()
    exchange, place = uses.exchange[own], uses.place[own] - first
    common = np.bincount(place, minlength=last - first)
    # The most common shingle of each exchange names its template; ties go to the smaller hash.
    order = np.lexsort((place, -common[place], exchange))
    one = np.unique(exchange[order], return_index=True)[1]
    exchange, template = exchange[order][one], place[order][one]
    names, counts = np.unique(template, return_counts=True)
    records = []
    for name in names[np.lexsort((names, -counts))][:MOST_TEMPLATES].tolist():
        chosen = exchange[template == name]
        records.append(
            Template(
                template_id=f"T-{int(token[first + name]) & 0xFFFFFFFF:08x}",
                text=redact(_examples(uses, chosen)),
                accounts=int(np.unique(uses.account[chosen]).size),
                exchanges=int(chosen.size),
                share=round(float(chosen.size / max(everything, 1.0)), 4),
                first_seen=iso_time(int(uses.second[chosen].min()) * 1_000_000),
            )
        )
    return tuple(records)


def _examples(uses: _Uses, chosen: Integers) -> list[str]:
    """Texts with the smallest hashes; prompts of one hash go by their text, not by their row."""
    hashes = uses.input_hash[chosen]
    order = np.argsort(hashes, kind="stable")
    last = hashes[order[min(EXAMPLES, chosen.size) - 1]]
    near = chosen[order[: int(np.searchsorted(hashes[order], last, side="right"))]]
    texts = uses.text.take(pa.array(near)).to_pylist()
    found = zip(uses.input_hash[near].tolist(), texts, strict=True)
    pairs = sorted((hashed, text) for hashed, text in found if text is not None)
    return sorted(text for _hash, text in pairs[:EXAMPLES])
