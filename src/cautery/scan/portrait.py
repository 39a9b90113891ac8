"""Portraits: what a listed group asked for, when, with which templates and from where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import ibis
import numpy as np
import pyarrow as pa
from ibis import _
from numpy.typing import NDArray

from cautery.ingest.intents import SYSTEM_SHIFT, Intent
from cautery.records.campaign import SharedThing, Template
from cautery.records.exchange import FULL_TEXT_ROWS, KEPT_TEXT_HASH
from cautery.scan.facts import MICROSECONDS_A_DAY, Facts, whole_seconds
from cautery.scan.groups import Groups
from cautery.scan.redaction import redact
from cautery.scan.sharing import measure_sharing

Integers = NDArray[np.int64]

CAPABILITIES: Final = (
    ("reasoning traces", Intent.REASONING_TRACE),
    ("graded answers", Intent.GRADING),
    ("training material", Intent.DATA_MAKING),
    ("sensitive rewrites", Intent.SENSITIVE_REWRITE),
    ("agentic work", Intent.AGENTIC),
    ("code", Intent.CODING),
    ("mathematics", Intent.MATHEMATICS),
    ("translation", Intent.TRANSLATION),
    ("extraction", Intent.EXTRACTION),
)
"""Capabilities by precedence: an exchange counts for the first that it asks for."""
OTHER: Final = "other answers"
UNKNOWN: Final = "not told by this log"
MOST_TEMPLATES: Final = 8
EXAMPLES: Final = 24
SHARED_KINDS: Final = (
    ("payment", "payment instrument"),
    ("address", "client address"),
    ("network", "network"),
    ("sign_up_cohort", "hour of sign-up"),
    ("device", "TLS fingerprint"),
    ("email_domain", "e-mail domain"),
    ("referral", "referral code"),
)


def iso_time(microseconds: int) -> str:
    """Write a time in UTC.

    Example:
        >>> iso_time(1_759_276_800_000_000)
        '2025-10-01T00:00:00Z'
    """
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(microseconds))
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def capability_shares(groups: Groups, has_text: bool) -> list[tuple[tuple[str, float], ...]]:
    """Share of every group's harvest by capability, largest first.

    Args:
        groups: Judged groups.
        has_text: Whether the log carries prompts.

    Returns:
        Names and shares by group; a single unknown if there is no text.
    """
    if not has_text:
        return [((UNKNOWN, 1.0),)] * groups.count
    label: Any = ibis.literal(OTHER)
    for name, intent in reversed(CAPABILITIES):
        mask = int(intent) | (int(intent) << SYSTEM_SHIFT)
        label = ibis.ifelse((_.flags & mask) != 0, name, label)
    label = ibis.ifelse(_.flags.isnull(), UNKNOWN, label)
    found = (
        groups.exchanges.filter(_.harvest)
        .mutate(capability=label)
        .group_by(["group", "capability"])
        .aggregate(exchanges=_.count())
        .to_pyarrow()
    )
    counts: list[dict[str, int]] = [{} for _group in range(groups.count)]
    for group, name, exchanges in zip(
        *(found[column].to_pylist() for column in ("group", "capability", "exchanges")), strict=True
    ):
        counts[group][name] = exchanges
    return [
        tuple(
            (name, round(exchanges / max(sum(one.values()), 1), 4))
            for name, exchanges in sorted(one.items(), key=lambda item: (-item[1], item[0]))
        )
        for one in counts
    ]


def daily_exchanges(groups: Groups) -> list[tuple[tuple[str, int], ...]]:
    """Exchanges of every group by day, days without any included."""
    found = groups.exchanges.group_by(["group", "day"]).aggregate(exchanges=_.count()).to_pyarrow()
    days: list[dict[int, int]] = [{} for _group in range(groups.count)]
    for group, day, exchanges in zip(
        *(found[column].to_pylist() for column in ("group", "day", "exchanges")), strict=True
    ):
        days[group][day] = exchanges
    return [
        tuple(
            (iso_time(day * MICROSECONDS_A_DAY)[:10], one.get(day, 0))
            for day in range(min(one), max(one) + 1)
        )
        if one
        else ()
        for one in days
    ]


def shared_things(facts: Facts, groups: Groups) -> list[tuple[SharedThing, ...]]:
    """Infrastructure that every group shares, by kind."""
    rows: list[list[SharedThing]] = [[] for _group in range(groups.count)]
    for link, kind in SHARED_KINDS:
        if link not in groups.incidences:
            continue
        found = measure_sharing(groups, groups.incidences[link], facts.customers)
        for group in range(groups.count):
            if found.distinct[group]:
                rows[group].append(
                    SharedThing(
                        kind=kind,
                        distinct=int(found.distinct[group]),
                        accounts=int(found.sharing[group]),
                        largest=int(found.largest[group]),
                    )
                )
    return [tuple(row) for row in rows]


def own_template_records(facts: Facts, groups: Groups, group: int) -> tuple[Template, ...]:
    """Describe the templates of one group, most used first.

    Shingles that the same exchanges carry are one template: an exchange counts for the most
    common of its group's shingles.

    Args:
        facts: What the log says.
        groups: Judged groups.
        group: Number of the group.

    Returns:
        At most ``MOST_TEMPLATES`` templates, redacted.
    """
    own = groups.template_token[groups.template_group == group]
    if own.size == 0:
        return ()
    members = pa.table({"account": pa.array(groups.members(group).astype(np.int32))})
    has_text = "input_text" in facts.rows.columns
    rows = (
        facts.rows.semi_join(ibis.memtable(members), "account")
        .filter(_.input_shingles.notnull())
        .select(
            "account",
            "input_hash",
            "input_shingles",
            second=whole_seconds(_.time_start),
            **({"text": _shown_text(facts)} if has_text else {}),
        )
        .to_pyarrow()
    )
    shingles = rows["input_shingles"].combine_chunks()
    offsets = shingles.offsets.to_numpy().astype(np.int64)
    values = shingles.values.to_numpy(zero_copy_only=False)[offsets[0] : offsets[-1]]
    place = np.minimum(np.searchsorted(np.sort(own), values), own.size - 1)
    ordered = np.sort(own)
    hit = np.flatnonzero(ordered[place] == values)
    uses = np.bincount(place[hit], minlength=own.size)
    row_of = np.searchsorted(offsets - offsets[0], hit, side="right") - 1
    # The most common shingle of each row names its template; ties go to the smaller hash.
    order = np.lexsort((place[hit], -uses[place[hit]], row_of))
    first = np.unique(row_of[order], return_index=True)[1]
    row, template = row_of[order][first], place[hit][order][first]
    account, second = rows["account"].to_numpy(), rows["second"].to_numpy()
    names, counts = np.unique(template, return_counts=True)
    top = names[np.lexsort((names, -counts))][:MOST_TEMPLATES]
    everything = int(facts.totals["exchanges"][groups.members(group)].sum())
    records = []
    for name in top.tolist():
        chosen = row[template == name]
        texts = _examples(rows, chosen) if has_text else []
        records.append(
            Template(
                template_id=f"T-{int(ordered[name]) & 0xFFFFFFFF:08x}",
                text=redact(texts),
                accounts=int(np.unique(account[chosen]).size),
                exchanges=int(chosen.size),
                share=round(float(chosen.size / max(everything, 1)), 4),
                first_seen=iso_time(int(second[chosen].min()) * 1_000_000),
            )
        )
    return tuple(records)


def _shown_text(facts: Facts) -> Any:
    """Ibis expression of the prompts that may be shown: in a long log a fixed eighth."""
    if int(facts.totals["exchanges"].sum()) <= FULL_TEXT_ROWS:
        return _.input_text
    return ibis.ifelse(_.input_hash < KEPT_TEXT_HASH, _.input_text, ibis.null("string"))


def _examples(rows: Any, chosen: NDArray[np.int64]) -> list[str]:
    """Texts with the smallest hashes; prompts of one hash go by their text, not by their row."""
    hashes = rows["input_hash"].to_numpy()[chosen]
    order = np.argsort(hashes, kind="stable")
    last = hashes[order[min(EXAMPLES, chosen.size) - 1]]
    near = chosen[order[: int(np.searchsorted(hashes[order], last, side="right"))]]
    texts = rows["text"].take(near).to_pylist()
    found = zip(rows["input_hash"].to_numpy()[near].tolist(), texts, strict=True)
    pairs = sorted((hashed, text) for hashed, text in found if text is not None)
    return sorted(text for _hash, text in pairs[:EXAMPLES])
