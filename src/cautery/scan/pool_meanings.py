"""What sampled pools ask for, by an embedding of their prompts: means and cells by account.

The prompts are those of ``pool_samples``, chosen by their hash; of a long log only those that every
scan keeps. Sums are of whole numbers, so that neither the order of rows nor of batches shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from ibis import _
from numpy.typing import NDArray
from scipy import sparse

from cautery.records.case import EmbeddingUse
from cautery.records.exchange import FULL_TEXT_ROWS, KEPT_TEXT_HASH
from cautery.scan.pool_samples import PoolSamples, highest_hash, pool_samples
from cautery.scan.static_embedding import TEXT_CHARACTERS, UNIT, StaticEmbedding

if TYPE_CHECKING:
    from cautery.scan.facts import Facts
    from cautery.scan.groups import Groups

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

BATCH_ROWS: Final = 8_192
PLANES: Final = 12
"""Planes through the middle of all prompts; the sides of a prompt are its cell, one of 4,096."""
SEED: Final = 20_261_129


@dataclass(frozen=True, kw_only=True)
class PoolMeanings:
    """Meanings of the sampled accounts."""

    accounts: Integers
    """Sampled accounts, ascending."""
    exchanges: Integers
    """Embedded exchanges of each."""
    means: Floats
    """Mean vector of each account's prompts, shape (accounts, dimensions); zero without any."""
    cells: Any
    """Embedded exchanges by account (of the whole log) and cell of meaning, SciPy CSR."""

    def known(self, accounts: Integers) -> Integers:
        """Those of some sampled accounts of which a prompt was embedded."""
        return accounts[self.exchanges[np.searchsorted(self.accounts, accounts)] > 0]

    def of(self, accounts: Integers) -> Floats:
        """Mean vectors of some of the sampled accounts."""
        return self.means[np.searchsorted(self.accounts, accounts)]


def pool_meanings(facts: Facts, groups: Groups) -> PoolMeanings | None:
    """Embed the sampled prompts of pools and cohorts; done once and kept with the groups.

    Args:
        facts: What the log says; it must have prompts.
        groups: Candidate groups.

    Returns:
        The meanings; None without an embedding, or if the log keeps none of the sampled prompts.
    """
    if facts.embedding is None or "input_text" not in facts.rows.columns:
        return None
    if "pool_meanings" not in groups.measured:
        samples = pool_samples(facts, groups)
        groups.measured["pool_meanings"] = _embedded(facts, samples, facts.embedding)
    found: PoolMeanings = groups.measured["pool_meanings"]
    return found if found.exchanges.any() else None


def embedding_note(use: EmbeddingUse) -> str:
    """Say for people what an embedding was used for.

    Args:
        use: What the case records.

    Returns:
        One sentence.
    """
    if not use.exchanges:
        return "the embedding was not used: the log keeps no prompts of groups large enough"
    return (
        f"prompts of {use.exchanges:,} exchanges were compared by meaning too "
        f"(embedding {use.sha256[:12]}), which is shown and weighs nothing"
    )


def embedding_use(facts: Facts, groups: Groups) -> EmbeddingUse | None:
    """Say which embedding a scan used and for how much, so that it can be repeated.

    Args:
        facts: What the log says.
        groups: Judged groups.

    Returns:
        What the case records; None without an embedding.
    """
    if facts.embedding is None:
        return None
    measured: PoolMeanings | None = groups.measured.get("pool_meanings")
    return EmbeddingUse(
        sha256=facts.embedding.sha256,
        tokens=facts.embedding.tokens,
        dimensions=facts.embedding.dimensions,
        exchanges=0 if measured is None else int(measured.exchanges.sum()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prompts:
    """Some of the sampled prompts, each once an account."""

    account: Integers
    exchanges: Integers
    """Exchanges of the account with this prompt."""
    vectors: NDArray[np.int16]

    def wide(self) -> Integers:
        """Vectors as 64-bit numbers, which sums do not overflow; only of some at a time."""
        return self.vectors.astype(np.int64)


def _embedded(facts: Facts, samples: PoolSamples, embedding: StaticEmbedding) -> PoolMeanings:
    none = np.zeros(0, dtype=np.int64)
    accounts = np.unique(
        np.concatenate([none, *samples.members.values(), *samples.cohort.values()])
    )
    parts = list(_read(facts, accounts, samples.share, embedding))
    sums = np.zeros((accounts.size, embedding.dimensions), dtype=np.int64)
    counts = np.zeros(accounts.size, dtype=np.int64)
    for part in parts:
        place = np.searchsorted(accounts, part.account)
        np.add.at(sums, place, part.wide() * part.exchanges[:, None])
        np.add.at(counts, place, part.exchanges)
    centre = sums.sum(axis=0) // max(int(counts.sum()), 1)
    account = np.concatenate([none, *(part.account for part in parts)])
    cell = np.concatenate([none, *(_cells(part.wide() - centre) for part in parts)])
    exchanges = np.concatenate([none, *(part.exchanges for part in parts)])
    return PoolMeanings(
        accounts=accounts,
        exchanges=counts,
        means=sums / (UNIT * np.maximum(counts, 1)[:, None]),
        cells=sparse.csr_matrix(
            (exchanges, (account, cell)), shape=(facts.account_count, 2**PLANES)
        ),
    )


def _read(
    facts: Facts, accounts: Integers, share: float, embedding: StaticEmbedding
) -> Iterator[_Prompts]:
    """Read the sampled prompts and embed them, batch by batch."""
    highest = highest_hash(share)
    if int(facts.totals["exchanges"].sum()) > FULL_TEXT_ROWS:
        highest = min(highest, KEPT_TEXT_HASH - 1)
    rows = (
        facts.rows_of(accounts)
        .filter(_.input_hash.notnull() & (_.input_hash <= highest) & _.input_text.notnull())
        .mutate(text=_.input_text.left(TEXT_CHARACTERS))
        .group_by(["account", "text"])
        .aggregate(exchanges=_.count())
    )
    for batch in rows.to_pyarrow_batches(chunk_size=BATCH_ROWS):
        texts = batch.column("text").dictionary_encode()
        vectors = embedding.embed(texts.dictionary.to_pylist())
        yield _Prompts(
            account=batch.column("account").to_numpy().astype(np.int64),
            exchanges=batch.column("exchanges").to_numpy().astype(np.int64),
            vectors=vectors[texts.indices.to_numpy()],
        )


def _cells(centred: Integers) -> Integers:
    """Cell of each vector: on which sides of the planes it lies (Charikar, STOC 2002)."""
    signs = np.random.default_rng(SEED).integers(0, 2, (centred.shape[1], PLANES)) * 2 - 1
    return np.asarray((centred @ signs > 0) @ (1 << np.arange(PLANES)), dtype=np.int64)
