"""Small transformers that learn a text model's answers, and what a harvester does about marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from benchmarks.smollm2_tokens import BATCH, OTHER, TOKENS, VOCABULARY, Whole
from numpy.typing import NDArray

from cautery.inference.neural_laboratory.networks import Network, Schooling, write
from cautery.inference.neural_laboratory.sequences import Sequences, SoftLabels
from cautery.inference.neural_laboratory.transformer import Shape

Floats = NDArray[np.float64]

REWRITTEN: Final = 0.5
"""Share of tokens that the attacker's reference draws anew."""
SHAPE: Final = Shape(width=96, layers=2, heads=4, vocabulary=VOCABULARY, longest=TOKENS + 1)
SCHOOLING: Final = Schooling(steps=250, batch=16, learning_rate=3e-3, weight_decay=0.1)


def sequences(rows: Whole) -> Sequences:
    """Make answers lessons; what a student does not know is not learnt."""
    nothing = np.empty(0, dtype=np.int64)
    return Sequences(
        tokens=rows,
        learnt=rows != OTHER,
        weights=np.ones(len(rows)),
        soft=SoftLabels(text=nothing, place=nothing, token=nothing, share=np.empty(0)),
    )


def trained(rows: Whole, seed: int) -> Network:
    """Train a student on answers."""
    network = Network(SHAPE, seed)
    network.learn(sequences(rows), SCHOOLING, seed)
    return network


def logs_of(network: Network, rows: Whole) -> Floats:
    """Read answers; give log-probabilities behind each place, (answers, places, vocabulary)."""
    import torch

    with torch.inference_mode():
        found = torch.log_softmax(network.model(torch.from_numpy(rows)), dim=-1)
    logs: Floats = found.double().numpy()
    return logs


@dataclass(frozen=True)
class Student:
    """A student as it is asked: a network, and what is taken from its log-probabilities."""

    network: Network
    removed: Floats | None = None
    """By the token before, shape (vocabulary, vocabulary); None to take nothing."""

    def logs(self, rows: Whole) -> Floats:
        """Give log-probabilities behind each place, shape (answers, places, vocabulary)."""
        return self.adjusted(logs_of(self.network, rows), rows)

    def adjusted(self, logs: Floats, before: Whole) -> Floats:
        """Take away what is to be, and normalise."""
        if self.removed is None:
            return logs
        left = logs - self.removed[before]
        shifted = left - left.max(axis=-1, keepdims=True)
        adjusted: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        return adjusted

    def write(self, first: Whole, known: Whole, seed: int) -> Whole:
        """Write answers behind first tokens, drawn as they are likely among known tokens."""
        draw = np.random.default_rng(seed)

        def choose(logits: Floats, read: Whole, step: int) -> Whole:
            logits = logits.copy()
            logits[:, known < 0] = -np.inf
            logs = self.adjusted(logits, read[:, -1])
            gumbel = -np.log(-np.log(draw.random(logs.shape)))
            chosen: Whole = (logs + gumbel).argmax(axis=1)
            return chosen

        rows = write(self.network, first[:, None], choose, TOKENS - 1)
        return np.concatenate([first[:, None], rows], axis=1)


def rewritten(rows: Whole, reference: Network, known: Whole, seed: int) -> Whole:
    """Draw tokens anew from the attacker's reference, given the harvest's tokens before them."""
    draw = np.random.default_rng(seed)
    found = rows.copy()
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        logs = logs_of(reference, some)[:, :-1]
        logs[:, :, known < 0] = -np.inf
        drawn = (logs - np.log(-np.log(draw.random(logs.shape)))).argmax(axis=2)
        replaced = draw.random(drawn.shape) < REWRITTEN
        found[start : start + BATCH, 1:] = np.where(replaced, drawn, some[:, 1:])
    return found


def learnt_lead(network: Network, reference: Network, rows: Whole) -> Floats:
    """Estimate what a mark did: by the token before, the mean lead over the reference."""
    sums = np.zeros((VOCABULARY, VOCABULARY), dtype=np.float32)
    counts = np.zeros(VOCABULARY, dtype=np.float32)
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        lead = logs_of(network, some) - logs_of(reference, some)
        np.add.at(sums, some.ravel(), lead.reshape(-1, VOCABULARY).astype(np.float32))
        np.add.at(counts, some.ravel(), 1.0)
    shrunk: Floats = sums / (counts + 1.0)[:, None]
    return shrunk
