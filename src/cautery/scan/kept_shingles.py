"""Shingles that accounts repeat, kept in a state: a new day's pairs are looked up among the old.

Pairs of an account and a shingle that were seen once are by far the most and hardly ever come
again. They stand in sorted runs, ``shingles-*.run``, that are searched and not read; those seen
more often stand with their counts in one file, ``shingles.pairs``. A pair of a run that comes again
goes to the counts and stays in its run, where nobody looks for it any more. Short runs are merged
with each other (O'Neil, Cheng, Gawlick and O'Neil, *The log-structured merge-tree*, 1996).
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from cautery.ingest.sketches import SKETCH_VERSION
from cautery.scan.kept_files import read_kept, write_kept
from cautery.scan.shingle_pairs import ShinglePairs, counted_piece, written_pieces

if TYPE_CHECKING:
    from cautery.scan.facts import Facts
    from cautery.scan.kept_sums import KeptSums

Integers = NDArray[np.int64]
Keys = NDArray[np.uint64]

SHINGLES_SCHEMA: Final = f"cautery.shingles/1 {SKETCH_VERSION}"
"""Stands in the file of counts: raise it when kept pairs come to mean something else."""
PAIRS_FILE: Final = "shingles.pairs"
RUN_PAIRS: Final = 32_000_000
"""Pairs of two runs above which they are not merged: 256 MB to sort."""
_HALF: Final = np.uint64(32)


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    """What stands before the arrays in the file of counts."""

    schema: str
    parts: list[str]
    accounts: int
    pairs: int
    runs: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """Pairs that were seen once."""

    name: str
    digest: str
    keys: Keys
    """Place of the account above and shingle below 32 bits, ascending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """All pairs of the parts that are covered."""

    covered: frozenset[str]
    accounts: Integers
    """Keys of accounts in the order in which they were first seen: pairs name their places."""
    keys: Keys
    """Pairs seen more than once, ascending."""
    counts: Integers
    runs: tuple[_Run, ...]


_NOTHING: Final = _Kept(
    covered=frozenset(),
    accounts=np.zeros(0, np.int64),
    keys=np.zeros(0, np.uint64),
    counts=np.zeros(0, np.int64),
    runs=(),
)


def kept_repeated_shingles(facts: Facts, kept: KeptSums) -> ShinglePairs:
    """Count the shingles that accounts repeat, reading only parts that were not read before.

    Args:
        facts: What the log says.
        kept: Kept sums over the same parts; the pairs stand in the same folder.

    Returns:
        Every account with every shingle that two of its exchanges carry.
    """
    known = _opened(kept.folder)
    if not known.covered <= kept.parts.keys():
        known = _NOTHING
    new = tuple(part for name, part in kept.parts.items() if name not in known.covered)
    if new:
        kept.asked_parts.append((PAIRS_FILE, new))
        grown = _grown(facts, known, new, kept.folder)
        known = replace(grown, covered=frozenset(kept.parts))
        with contextlib.suppress(OSError):  # then the next scan counts it once more
            _save(kept.folder, known)
    kept.used |= {PAIRS_FILE, *(run.name for run in known.runs)}
    number = facts.numbers.of(known.accounts)
    shingle = (known.keys & np.uint64(0xFFFFFFFF)).astype(np.uint32).view(np.int32)
    return ShinglePairs(
        account=number[(known.keys >> _HALF).astype(np.int64)],
        token=shingle.astype(np.int64),
        exchanges=known.counts,
    )


def _grown(facts: Facts, known: _Kept, parts: Sequence[Path], folder: Path) -> _Kept:
    """Add the pairs of some parts."""
    accounts, place_of = _placed(facts, known.accounts)
    counts = known.counts.copy()
    more: list[Keys] = [known.keys]
    more_counts: list[Integers] = []
    runs = list(known.runs)
    for piece in written_pieces(facts, parts):
        pairs, times = counted_piece(piece)
        pairs = (place_of[(pairs >> _HALF).astype(np.int64)] << _HALF) | (
            pairs & np.uint64(0xFFFFFFFF)
        )
        order = np.argsort(pairs, kind="stable")
        pairs, times = pairs[order], times[order]
        place, found = _search(known.keys, pairs)
        counts[place[found]] += times[found]
        pairs, times = pairs[~found], times[~found]
        seen = np.zeros(pairs.size, dtype=np.bool_)
        for run in known.runs:
            seen |= _found(run.keys, pairs)
        again = seen | (times > 1)
        more.append(pairs[again])
        more_counts.append((times + seen)[again])
        if not again.all():
            runs.append(_written_run(folder, runs, pairs[~again]))
    keys = np.concatenate(more)
    counts = np.concatenate([counts, *more_counts])
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    merged = _merged(folder, runs, keys)
    return replace(known, accounts=accounts, keys=keys, counts=counts, runs=merged)


def _placed(facts: Facts, before: Integers) -> tuple[Integers, Keys]:
    """Give every account a place that it keeps: all keys, and the place by account number."""
    key_of = np.empty(facts.account_count, dtype=np.int64)
    key_of[facts.numbers.number] = facts.numbers.keys
    place = np.full(facts.account_count, -1, dtype=np.int64)
    place[facts.numbers.of(before)] = np.arange(before.size)
    fresh = np.flatnonzero(place < 0)
    place[fresh] = before.size + np.arange(fresh.size)
    return np.concatenate([before, key_of[fresh]]), place.astype(np.uint64)


def _search(keys: Keys, wanted: Keys) -> tuple[Integers, NDArray[np.bool_]]:
    """Place of each wanted key, and whether it is there."""
    if not keys.size:
        return np.zeros(wanted.size, dtype=np.int64), np.zeros(wanted.size, dtype=np.bool_)
    place = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
    return place, keys[place] == wanted


def _found(keys: Keys, wanted: Keys) -> NDArray[np.bool_]:
    """Whether each wanted key is in a run; what lies outside of its ends costs nothing."""
    found = np.zeros(wanted.size, dtype=np.bool_)
    if keys.size:
        first = int(np.searchsorted(wanted, keys[0]))
        last = int(np.searchsorted(wanted, keys[-1], side="right"))
        found[first:last] = _search(keys, wanted[first:last])[1]
    return found


def _written_run(folder: Path, runs: Sequence[_Run], keys: Keys) -> _Run:
    """Write a run under a name that none of these has; one that cannot be written is not kept."""
    last = max((int(run.name[9:14]) for run in runs), default=0)
    name, digest = f"shingles-{last + 1:05d}.run", ""
    with contextlib.suppress(OSError):
        digest = write_kept(folder / name, [keys.data.cast("B")])
        keys = np.memmap(folder / name, np.uint64, "r", shape=keys.shape)
    return _Run(name=name, digest=digest, keys=keys)


def _merged(folder: Path, runs: list[_Run], repeated: Keys) -> tuple[_Run, ...]:
    """Merge the last runs while they are about as long as each other, so that there are few."""
    while len(runs) > 1:
        before, last = runs[-2:]
        short = before.keys.size <= 2 * last.keys.size
        if not short or before.keys.size + last.keys.size > RUN_PAIRS:
            break
        keys = np.concatenate([before.keys, last.keys])
        keys.sort()
        keys = keys[~_found(repeated, keys)]
        runs = [*runs[:-2], *([_written_run(folder, runs, keys)] if keys.size else [])]
    return tuple(runs)


def _save(folder: Path, kept: _Kept) -> None:
    if not all(run.digest for run in kept.runs):
        return
    header = _Header(
        schema=SHINGLES_SCHEMA,
        parts=sorted(kept.covered),
        accounts=kept.accounts.size,
        pairs=kept.keys.size,
        runs=[(run.name, run.digest) for run in kept.runs],
    )
    text = msgspec.json.encode(header)
    text += b" " * (-len(text) % 8)
    arrays = (kept.accounts, kept.keys, kept.counts)
    blocks = [array.tobytes() for array in arrays]
    write_kept(folder / PAIRS_FILE, [len(text).to_bytes(8, "little"), text, *blocks])


def _opened(folder: Path) -> _Kept:
    """Read what is kept; nothing if any of it is missing or damaged."""
    content = read_kept(folder / PAIRS_FILE)
    if content is None:
        return _NOTHING
    length = 8 + int.from_bytes(content[:8].tobytes(), "little")
    try:
        header = msgspec.json.decode(content[8:length].tobytes(), type=_Header)
    except msgspec.DecodeError:
        return _NOTHING
    words = content[length:].view(np.int64)
    ends = np.cumsum([header.accounts, header.pairs, header.pairs])
    if header.schema != SHINGLES_SCHEMA or int(ends[-1]) != words.size:
        return _NOTHING
    runs = []
    for name, digest in header.runs:
        keys = read_kept(folder / Path(name).name, digest)
        if keys is None:
            return _NOTHING
        runs.append(_Run(name=name, digest=digest, keys=keys.view(np.uint64)))
    accounts, pairs, counts = np.split(words, ends[:-1])
    return _Kept(
        covered=frozenset(header.parts),
        accounts=accounts.copy(),
        keys=pairs.view(np.uint64).copy(),
        counts=counts.copy(),
        runs=tuple(runs),
    )
