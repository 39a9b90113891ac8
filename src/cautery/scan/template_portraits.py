"""The templates of listed groups, redacted: one pass over the log for all groups together.

What comes to this machine is bounded by templates and accounts, not by exchanges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _
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
CARRIER_SCHEMA: Final = pa.schema(
    [
        ("account", pa.int32()),
        ("second", pa.int64()),
        ("input_hash", pa.int64()),
        ("places", pa.list_(pa.int32())),
        ("text", pa.string()),
    ]
)
"""Exchanges that carry shingles of their group's own, with the places of those shingles among all
pairs of a group and its shingles; the text is null where the log or the scan keeps none."""
USE_SCHEMA: Final = pa.schema(
    [
        ("template", pa.int32()),
        *(CARRIER_SCHEMA.field(name) for name in ("account", "second")),
        *(CARRIER_SCHEMA.field(name) for name in ("input_hash", "text")),
    ]
)
"""The same exchanges, each under one template: the place of its most common shingle."""
_READ: Final = ("time_start", "input_hash", "input_shingles", "input_text")


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
    carriers = _carriers(facts, groups, _keys(group, token))
    common = _common(carriers, group.size)
    uses = facts.engine.over(facts, carriers).write(
        partial(_of_most_common, common=common), USE_SCHEMA, "template-uses"
    )
    everything = groups.sum_by_group(facts.totals["exchanges"])
    counted = _counted(uses, group.size)
    shown = {one: _most_used(counted, np.flatnonzero(group == one)) for one in chosen}
    texts = _examples(uses, np.concatenate([*shown.values(), group[:0]]))
    return {
        one: tuple(
            Template(
                template_id=f"T-{int(token[template]) & 0xFFFFFFFF:08x}",
                text=redact(texts.get(template, [])),
                accounts=int(counted.accounts[template]),
                exchanges=int(counted.exchanges[template]),
                share=round(float(counted.exchanges[template] / max(everything[one], 1.0)), 4),
                first_seen=iso_time(int(counted.first[template]) * 1_000_000),
            )
            for template in shown[one].tolist()
        )
        for one in chosen
    }


def _keys(group: Integers, token: Integers) -> NDArray[np.uint64]:
    low = token.astype(np.int32).view(np.uint32)
    return np.asarray((group.astype(np.uint64) << np.uint64(32)) | low, dtype=np.uint64)


def _carriers(facts: Facts, groups: Groups, keys: NDArray[np.uint64]) -> Any:
    """Write down the exchanges that carry one of the keys, and which ones each carries."""
    chosen = np.isin(groups.group_of, np.unique(keys >> np.uint64(32)).astype(np.int64))
    kernel = partial(
        _carrying,
        group_of=np.where(chosen, groups.group_of, -1),
        own=np.sort(keys),
        rank=np.argsort(keys, kind="stable"),
        sampled=int(facts.totals["exchanges"].sum()) > FULL_TEXT_ROWS,
    )
    return facts.engine.over_log(facts, _READ).write(kernel, CARRIER_SCHEMA, "template-carriers")


def _carrying(
    account: Integers,
    whole: Any,
    *,
    group_of: Integers,
    own: NDArray[np.uint64],
    rank: Integers,
    sampled: bool,
) -> Any:
    """Kernel: the exchanges that carry shingles of their group's own."""
    inside = np.flatnonzero(group_of[account] >= 0)
    batch = whole.take(pa.array(inside))
    row, hit, place = _hits(batch.column("input_shingles"), group_of[account[inside]], own)
    rows, starts = np.unique(row[hit], return_index=True)
    kept = batch.take(pa.array(rows))
    hashes = kept.column("input_hash").to_numpy(zero_copy_only=False).astype(np.int64)
    offsets = pa.array(np.append(starts, hit.size).astype(np.int32))
    places = pa.array(rank[place[hit]].astype(np.int32))
    columns = [
        pa.array(account[inside][rows].astype(np.int32)),
        pa.array(kept.column("time_start").cast(pa.int64()).to_numpy() // 1_000_000),
        pa.array(hashes),
        pa.ListArray.from_arrays(offsets, places),
        _texts(kept, hashes, sampled),
    ]
    return pa.RecordBatch.from_arrays(columns, names=CARRIER_SCHEMA.names)


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
        return pa.nulls(len(hashes), pa.string())
    texts = batch.column("input_text").cast(pa.string())
    if not sampled:
        return texts
    return pc.if_else(pa.array(hashes < KEPT_TEXT_HASH), texts, pa.scalar(None, texts.type))


def _common(carriers: Any, count: int) -> Integers:
    """Exchanges that carry each shingle, by its place."""
    found = (
        carriers.select(place=carriers.places.unnest())
        .group_by("place")
        .aggregate(exchanges=_.count())
        .to_pyarrow()
    )
    common = np.zeros(count, dtype=np.int64)
    common[found["place"].to_numpy()] = found["exchanges"].to_numpy()
    return common


def _of_most_common(account: Integers, batch: Any, *, common: Integers) -> Any:
    """Kernel: the most common shingle of an exchange names its template; ties: the smaller."""
    places = batch.column("places")
    place = places.flatten().to_numpy(zero_copy_only=False).astype(np.int64)
    lengths = pc.list_value_length(places).to_numpy(zero_copy_only=False)
    row = np.repeat(np.arange(batch.num_rows), lengths)
    order = np.lexsort((place, -common[place], row))
    template = place[order][np.unique(row[order], return_index=True)[1]]
    columns = [
        pa.array(template.astype(np.int32)),
        *(batch.column(n) for n in USE_SCHEMA.names[1:]),
    ]
    return pa.RecordBatch.from_arrays(columns, names=USE_SCHEMA.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """One entry a template."""

    exchanges: Integers
    accounts: Integers
    first: Integers
    """Second of the first exchange."""


def _counted(uses: Any, count: int) -> _Counted:
    found = (
        uses.group_by(["template", "account"])
        .aggregate(exchanges=_.count(), first=_.second.min())
        .to_pyarrow()
    )
    template = found["template"].to_numpy()
    first = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(first, template, found["first"].to_numpy())
    exchanges = np.bincount(template, found["exchanges"].to_numpy(), count)
    return _Counted(
        exchanges=exchanges.astype(np.int64),
        accounts=np.bincount(template, minlength=count).astype(np.int64),
        first=first,
    )


def _most_used(counted: _Counted, templates: Integers) -> Integers:
    used = templates[counted.exchanges[templates] > 0]
    return used[np.lexsort((used, -counted.exchanges[used]))][:MOST_TEMPLATES]


def _examples(uses: Any, templates: Integers) -> dict[int, list[str]]:
    """By template, the texts with the smallest hashes; those of one hash go by their text."""
    wanted = ibis.memtable(pa.table({"template": pa.array(templates.astype(np.int32))}))
    rank = ibis.row_number().over(group_by="template", order_by=["input_hash", "text"])
    found = (
        uses.filter(_.text.notnull())
        .semi_join(wanted, "template")
        .mutate(rank=rank)
        .filter(_.rank < EXAMPLES)
        .select("template", "text")
        .to_pyarrow()
    )
    texts: dict[int, list[str]] = {}
    for template, text in zip(
        found["template"].to_pylist(), found["text"].to_pylist(), strict=True
    ):
        texts.setdefault(template, []).append(text)
    return {template: sorted(some) for template, some in texts.items()}
