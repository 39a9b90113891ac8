"""The rows of one step of an engine that are marked, worked out together.

What leaves the device leaves it once for all rows, and what is written is written once: on a
graphics processor each transfer waits for all that was begun before it. Per row it remains to
truncate some hundred candidates and to ask the scheme.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cautery.inference.response import Response
from cautery.inference.truncation import Sampling, final_distribution

Row = tuple[NDArray[np.float64], NDArray[np.int64]]
"""Scores and tokens, ascending."""

ROWS_AT_ONCE: Final = 64
"""Rows whose logits are copied together; bounds memory where a batch is large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One row whose next token is to be chosen."""

    row: int
    """Its place among the logits."""
    response: Response
    sampling: Sampling
    drafted: tuple[int, ...] = ()
    """Tokens that the response takes before, since the turn before."""


def mark_rows(logits: Any, turns: Sequence[Turn], order: Sequence[str]) -> None:
    """Choose a token for each row, and leave nothing else: it outlives all that the engine does.

    A row from which nothing can be chosen stays as it is.

    Args:
        logits: A tensor of shape (rows, vocabulary); changed in place.
        turns: Rows to mark, each once; those of one response in the order of its tokens.
        order: Names of the truncating steps that are still to be done, first to last.
    """
    for start in range(0, len(turns), ROWS_AT_ONCE):
        some = turns[start : start + ROWS_AT_ONCE]
        rows, tokens = [], []
        for turn, (scores, candidates) in zip(some, _candidates(logits, some), strict=True):
            for token in turn.drafted:
                turn.response.accept(token)
            if not (scores > -np.inf).any():
                continue
            shares, places = final_distribution(scores, turn.sampling, order)
            rows.append(turn.row)
            tokens.append(turn.response.choose(shares, candidates[places]))
        if rows:
            logits[rows] = -np.inf
            logits[rows, tokens] = 0.0


def _candidates(logits: Any, turns: Sequence[Turn]) -> list[Row]:
    """Give scores and tokens of each row, of what top-k keeps; those as likely as its last too."""
    same = defaultdict(list)
    for place, turn in enumerate(turns):
        top_k = turn.sampling.top_k
        same[top_k if 0 < top_k < logits.shape[1] else 0].append(place)
    found: dict[int, Row] = {}
    for top_k, places in same.items():
        rows = [turns[place].row for place in places]
        # Rows of a batch that is marked throughout need no copy.
        block = logits if rows == list(range(len(logits))) else logits[rows]
        found.update(zip(places, _likeliest(block, top_k), strict=True))
    return [found[place] for place in range(len(turns))]


def _likeliest(block: Any, top_k: int) -> Iterator[Row]:
    if not top_k:
        every = np.arange(block.shape[1])
        for row in block:
            yield row.double().cpu().numpy(), every
        return
    # One more shows whether others are as likely as the last.
    best = block.topk(top_k + 1)
    values, tokens = best.values.double().cpu().numpy(), best.indices.cpu().numpy()
    order = np.argsort(tokens[:, :-1], axis=1)
    for place, (row, own) in enumerate(zip(values, tokens, strict=True)):
        if row[-2] > row[-1]:
            yield row[order[place]], own[order[place]]
        else:
            least = best.values[place, -2]
            kept = (block[place] >= least).nonzero().flatten()
            yield block[place][kept].double().cpu().numpy(), kept.cpu().numpy()
