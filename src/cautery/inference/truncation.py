"""What a request is to be sampled from: its logits after temperature, top-k, top-p and min-p.

A mark belongs behind them. Engines that call a logits processor before them leave it to the
adapter to do the same work first, in the engine's own order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

VLLM: Final = ("temperature", "min_p", "top_k", "top_p")
"""Order of vLLM, in both model runners."""
TRANSFORMERS: Final = ("temperature", "top_k", "top_p", "min_p")
"""Order of Hugging Face's ``generate``."""
LLAMA_CPP: Final = ("top_k", "top_p", "min_p", "temperature")
"""Order of llama-cpp-python: it truncates first, and divides by the temperature last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How a request asks to be sampled; the defaults change nothing."""

    temperature: float = 1.0
    """0 is greedy, which leaves nothing to sample."""
    top_k: int = 0
    """Most likely tokens to keep, and those as likely as the last of them; 0 or below: all."""
    top_p: float = 1.0
    """Keep the most likely tokens until their probabilities reach it."""
    min_p: float = 0.0
    """Keep tokens with at least this share of the most likely one's probability."""


def final_distribution(
    logits: NDArray[np.floating], sampling: Sampling, order: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Work out what a request's next token is to be sampled from.

    Args:
        logits: One row, shape (tokens,); what is not above -inf cannot be chosen.
        sampling: Of the request; its temperature above 0.
        order: Names of the steps, first to last.

    Returns:
        Probabilities that add up to 1, and their places in the row; both of shape (candidates,),
        places ascending.

    Raises:
        ValueError: No logit is above -inf.

    Example:
        >>> shares, places = final_distribution(
        ...     np.log([0.5, 0.1, 0.4]), Sampling(top_k=2), TRANSFORMERS
        ... )
        >>> shares.round(3).tolist(), places.tolist()
        ([0.556, 0.444], [0, 2])
    """
    places = np.flatnonzero(logits > -np.inf)
    if not len(places):
        raise ValueError("no token has a logit above -inf")
    scores = np.asarray(logits[places], dtype=np.float64)
    if np.isposinf(scores.max()):  # only such tokens can be chosen; their softmax is not a number
        places = places[np.isposinf(scores)]
        scores = np.zeros(len(places))
    for name in order:
        if name == "temperature":
            scores = scores / sampling.temperature
            continue
        keep = _STEPS[name](scores, sampling)
        scores, places = scores[keep], places[keep]
    return _softmax(scores), places


def _top_k(scores: NDArray[np.float64], sampling: Sampling) -> NDArray[np.bool_]:
    kept = min(sampling.top_k, len(scores))
    if kept <= 0:
        return np.ones(len(scores), dtype=np.bool_)
    least = np.partition(scores, -kept)[-kept]
    return np.asarray(scores >= least)


def _top_p(scores: NDArray[np.float64], sampling: Sampling) -> NDArray[np.bool_]:
    if sampling.top_p >= 1.0:
        return np.ones(len(scores), dtype=np.bool_)
    shares = _softmax(scores)
    # All that are less likely than this have too little together to be kept: they are not sorted.
    likely = np.flatnonzero(shares >= 0.5 * (1.0 - sampling.top_p) / len(shares))
    falling = likely[np.argsort(-scores[likely], kind="stable")]
    keep = np.zeros(len(scores), dtype=np.bool_)
    # A token goes if those before it have the mass already; the first stays in any case.
    keep[falling[0]] = True
    keep[falling[1:]] = np.cumsum(shares[falling])[:-1] < sampling.top_p
    return keep


def _min_p(scores: NDArray[np.float64], sampling: Sampling) -> NDArray[np.bool_]:
    with np.errstate(divide="ignore"):
        return np.asarray(scores >= scores.max() + np.log(sampling.min_p))


_STEPS: Final[Mapping[str, Callable[[NDArray[np.float64], Sampling], NDArray[np.bool_]]]] = {
    "top_k": _top_k,
    "top_p": _top_p,
    "min_p": _min_p,
}


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(scores - scores.max())
    return np.asarray(weights / weights.sum(), dtype=np.float64)
