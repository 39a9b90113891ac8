"""What a log tells of two accounts: one score a pair for every kind of information it holds.

Every function takes a log and gives a matrix, accounts by accounts, larger for more alike. They
read what any log of that kind has, never the truth.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from benchmarks.reworded_logs import DAY, HOUR, PARAMETERS, Floats, Log
from numpy.typing import NDArray
from scipy import sparse

from cautery.simulate.text.vocabulary import load_vocabulary

Pairs = NDArray[np.float32]

NEVER: Final = 99.0
"""Days that stand for a succession in the wrong order."""
RARE_RUN_ACCOUNTS: Final = 5
"""Accounts in which a run of words may stand and still be rare."""


def overlap(counts: sparse.csr_matrix, weights: Floats | None = None) -> Pairs:
    """Bhattacharyya coefficient of the accounts' shares, values weighed if asked."""
    total = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1e-9)
    shares = sparse.diags(1.0 / total) @ counts
    root = shares.sqrt() if weights is None else shares.sqrt() @ sparse.diags(np.sqrt(weights))
    return np.asarray((root @ root.T).todense(), dtype=np.float32)


def nearness(values: Floats) -> Pairs:
    """Minus the distance of two values; far away where one is missing."""
    gap = np.abs(values[:, None] - values[None, :])
    return np.asarray(-np.nan_to_num(gap, nan=NEVER), dtype=np.float32)


def signed_up(log: Log) -> Pairs:
    """Nearness of sign-ups, on a logarithmic scale from a minute up."""
    gap = np.abs(log.created[:, None] - log.created[None, :]) / (HOUR / 60)
    return np.asarray(-np.log1p(gap), dtype=np.float32)


def same_minutes(log: Log) -> Pairs:
    """Ten minutes in common beyond what two-hour rhythms give, in standard deviations."""
    window = np.unique(np.column_stack([log.account, log.time // (HOUR // 6)]), axis=0)
    one = np.ones(len(window))
    seen = sparse.coo_matrix((one, (window[:, 0], window[:, 1] - window[:, 1].min()))).tocsr()
    block = window[:, 1] // 12
    rhythm = sparse.coo_matrix((one, (window[:, 0], block - block.min()))).tocsr()
    expected = np.asarray((rhythm @ rhythm.T).todense()) / 12.0
    found = np.asarray((seen @ seen.T).todense())
    return np.asarray((found - expected) / np.sqrt(expected + 0.5), dtype=np.float32)


def succession(log: Log) -> Pairs:
    """How soon one account's first exchange follows the other's end."""
    first = np.full(log.count, np.inf)
    last = np.full(log.count, -np.inf)
    np.minimum.at(first, log.account, log.time / DAY)
    np.maximum.at(last, log.account, log.time / DAY)
    end = np.where(np.isnan(log.closed), last, log.closed / DAY)
    gap = first[None, :] - end[:, None]
    gap = np.where(gap < 0, NEVER, gap)
    return np.asarray(-np.minimum(gap, gap.T), dtype=np.float32)


def pivot(log: Log) -> Pairs:
    """Share of the first two days after a release that asks the new model."""
    after = (log.time >= log.released) & (log.time < log.released + 2 * DAY)
    new = np.asarray(pc.equal(log.exchanges["request_model"], log.model).to_numpy())
    asked = np.bincount(log.account[after], minlength=log.count).astype(np.float64)
    moved = np.bincount(log.account[after & new], minlength=log.count)
    return nearness(np.where(asked > 0, moved / np.maximum(asked, 1), np.nan))


def lengths(log: Log, column: str, chosen: NDArray[np.bool_] | None = None) -> Pairs:
    """Overlap of the distributions of lengths, two or three steps a doubling."""
    tokens = log.exchanges[column].to_numpy()
    return overlap(log.counted(np.floor(np.log2(tokens + 1.0) * 2.5).astype(np.int64), chosen))


def parameters(log: Log) -> Pairs:
    """Overlap of combinations of request parameters, rare ones weighing more."""
    counts = log.counted(log.coded(*PARAMETERS))
    holders = np.bincount(counts.indices, minlength=counts.shape[1])
    return overlap(counts, np.log2(log.count / np.maximum(holders, 1)))


def word_counts(
    log: Log, chosen: NDArray[np.bool_], run: int = 1, without: frozenset[str] = frozenset()
) -> sparse.csr_matrix:
    """Count the prompts of each account that hold a word, or a run of words."""
    numbers: dict[str, int] = {}
    found, sizes = array("q"), array("q")
    for text in log.exchanges["input_text"].filter(pa.array(chosen)):
        every = re.findall(r"[\w']+", (text.as_py() or "").lower())
        words = [word for word in every if word not in without]
        found.extend(numbers.setdefault(word, len(numbers)) for word in words)
        sizes.append(len(words))
    word = np.array(found, np.int64)
    prompt = np.repeat(np.arange(len(sizes)), np.array(sizes, np.int64))
    last = max(word.size - run + 1, 0)
    # Runs as numbers to the base of the vocabulary: 50,000 words and four places fit 64 bits.
    runs = np.zeros(last, np.int64)
    for place in range(run):
        runs = runs * len(numbers) + word[place : place + last]
    whole = prompt[:last] == prompt[run - 1 : run - 1 + last]
    names, code = np.unique(runs[whole], return_inverse=True)
    pairs = np.unique(prompt[:last][whole] * names.size + code)
    held = (np.ones(pairs.size), (log.account[chosen][pairs // names.size], pairs % names.size))
    return sparse.coo_matrix(held, shape=(log.count, max(names.size, 1))).tocsr()


def word_vectors(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Vectors of unit length, words weighed by rarity (tf-idf with logarithmic counts)."""
    holders = np.bincount(counts.indices, minlength=counts.shape[1])
    weighed = counts.log1p() @ sparse.diags(np.log(counts.shape[0] / np.maximum(holders, 1)))
    size = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1.0 / np.maximum(size, 1e-9)) @ weighed)


def cosine(vectors: sparse.csr_matrix) -> Pairs:
    """Cosine of two accounts' vectors."""
    return np.asarray((vectors @ vectors.T).todense(), dtype=np.float32)


def rewording_words() -> frozenset[str]:
    """Words of the lists that our simulator rewords with: nobody else uses them so together."""
    words = load_vocabulary()
    spans = [span for name, span in words.phrases.items() if name.startswith("paraphrase.")]
    texts = [
        text for span in spans for text in words.bank.pieces[span.start : span.start + span.size]
    ]
    return frozenset(word for text in texts for word in re.findall(r"[\w']+", text.lower()))


def in_common(counts: sparse.csr_matrix, most: int) -> Pairs:
    """Number of things in common that two to ``most`` accounts have."""
    holders = np.bincount(counts.indices, minlength=counts.shape[1])
    held = counts[:, np.flatnonzero((holders >= 2) & (holders <= most))].copy()
    held.data[:] = 1.0
    return np.asarray((held @ held.T).todense(), dtype=np.float32)


def repeats(log: Log) -> Pairs:
    """Prompts that these two accounts sent, word for word, and nobody else."""
    return in_common(log.counted(log.coded("input_text")), 2)


CHANNELS: Final[dict[str, Callable[[Log], Pairs]]] = {
    "hour of the week": lambda log: overlap(log.counted(log.time // HOUR % 168)),
    "volume by day": lambda log: overlap(log.counted(log.time // DAY)),
    "same ten minutes": same_minutes,
    "time of sign-up": signed_up,
    "first use after another's end": succession,
    "client and TLS": lambda log: overlap(log.counted(log.coded("user_agent", "tls_ja4"))),
    "request parameters": parameters,
    "models": lambda log: overlap(log.counted(log.coded("request_model"))),
    "move to the new model": pivot,
    "lengths of answers": lambda log: lengths(log, "output_tokens"),
    "lengths of plain prompts": lambda log: lengths(log, "input_tokens", log.plain),
    "words of plain prompts": lambda log: cosine(
        word_vectors(word_counts(log, log.plain, without=rewording_words()))
    ),
    "the same with the simulator's rewording": lambda log: cosine(
        word_vectors(word_counts(log, log.plain))
    ),
    "rare runs of four words": lambda log: in_common(
        word_counts(log, np.ones(log.account.size, dtype=np.bool_), run=4), RARE_RUN_ACCOUNTS
    ),
    "whole prompts of two accounts only": repeats,
}
"""Kinds of information by name."""
