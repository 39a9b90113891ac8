"""The marking side of the two-layer scheme: choose a token so that its mark can be verified.

For each candidate the position's layer draws u from context and token; the candidate with the
smallest -ln(u)/p is chosen. Over random keys its law is p itself (Gumbel-max: Aaronson 2022), so
quality is kept, as long as no context of a layer is used twice in one response: a repeated
context is left unmarked and sampled afresh.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.records.key import Key, Layer
from cautery.watermark.siphash import SipHashPrefix, siphash_of_one
from cautery.watermark.special_functions import digamma
from cautery.watermark.two_layer_split import (
    PADDING,
    Parameters,
    is_account_position,
    prf_key,
    split_key,
    token_uniforms,
    uniforms,
)


def choose(
    probabilities: NDArray[np.float64],
    context: Sequence[int],
    keys: Iterable[Key],
    parameters: Parameters,
    candidates: NDArray[np.int64] | None = None,
) -> int:
    """Choose the next token, marked by the layer that its context belongs to.

    Args:
        probabilities: Of each candidate, after temperature and truncation; need not add up to 1.
        context: Prompt and response so far; only its last tokens are read.
        keys: One of each layer, with the same split key.
        parameters: Of the scheme.
        candidates: Tokens that the probabilities belong to; all of the vocabulary if not given.

    Returns:
        A candidate with a probability above zero; the first of equals.

    Raises:
        ConfigurationError: The keys are not one of each layer with the same split key.
        ValueError: No probability is above zero, or one is negative or not finite.
    """
    weights, tokens = _possible(probabilities, candidates)
    contexts = np.array([_long(context, parameters)])
    return int(choose_rows(weights[None], contexts, keys, parameters, tokens[None])[0])


def choose_rows(
    probabilities: NDArray[np.float64],
    contexts: NDArray[np.int64],
    keys: Iterable[Key],
    parameters: Parameters,
    candidates: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Choose the next token of many responses; row by row what ``choose`` gives.

    Args:
        probabilities: Of each candidate, finite and none negative, shape (rows, candidates).
        contexts: Last tokens of each, shape (rows, account_context_width); -1 where there is none.
        keys: One of each layer, with the same split key.
        parameters: Of the scheme.
        candidates: Their tokens, shape (rows, candidates).

    Returns:
        Shape (rows,).

    Raises:
        ConfigurationError: The keys are not one of each layer with the same split key.
    """
    marker = _Marker(keys, parameters)
    return marker.choose(probabilities, candidates, contexts, marker.layers(contexts))


class TwoLayerMarking:
    """One response: each token is marked but those in a context that came before.

    Args:
        keys: One of each layer, with the same split key.
        parameters: Of the scheme.
        prompt: Tokens before the response.

    Raises:
        ConfigurationError: The keys are not one of each layer with the same split key.
    """

    def __init__(self, keys: Iterable[Key], parameters: Parameters, prompt: Sequence[int]) -> None:
        self._marker = _Marker(keys, parameters)
        self._parameters = parameters
        self._context = _long(prompt, parameters)
        self._seen: set[tuple[int, ...]] = set()

    def reweighted(
        self, probabilities: NDArray[np.float64], candidates: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Give a single 1 at the chosen token, or leave all as it is in a repeated context.

        Raises:
            ValueError: No probability is above zero, or one is negative or not finite.
        """
        layer = self._marker.layer(self._context)
        # Contexts of different layers have different widths, or the layer is a function of them.
        read = self._context[-self._parameters.width(layer) :]
        repeated = read in self._seen
        self._seen.add(read)
        if repeated:
            return probabilities
        possible, tokens = _possible(probabilities, candidates)
        chosen = self._marker.choose_one(possible, tokens, read, layer)
        return np.asarray(candidates == chosen, dtype=np.float64)

    def accept(self, token: int) -> None:
        """Take a token into the context."""
        self._context = (*self._context[1:], token)

    def ahead(self) -> TwoLayerMarking:
        """Give an independent copy."""
        other = copy(self)
        other._seen = set(self._seen)  # noqa: SLF001
        return other


class Embedding:
    """Writes one response by itself, where no engine samples.

    Args:
        keys: One of each layer, with the same split key.
        parameters: Of the scheme.
        prompt: Tokens before the response.
        generator: Samples what is left unmarked; seed it from the system, not from the key.

    Raises:
        ConfigurationError: The keys are not one of each layer with the same split key.

    Example:
        >>> from cautery.records.key import Secret
        >>> keys = [
        ...     Key(key_id=layer, value=Secret(bytes(16) + layer.encode().ljust(16)), layer=layer)
        ...     for layer in Layer
        ... ]
        >>> parameters = Parameters(
        ...     shared_context_width=2, account_context_width=4, account_share=0.25
        ... )
        >>> response = Embedding(keys, parameters, [1, 2, 3], np.random.default_rng())
        >>> [response.choose(np.array([0.0, 0.5, 0.5])) for _ in range(3)]
        [1, 2, 2]
    """

    def __init__(
        self,
        keys: Iterable[Key],
        parameters: Parameters,
        prompt: Sequence[int],
        generator: np.random.Generator,
    ) -> None:
        self._marking = TwoLayerMarking(keys, parameters, prompt)
        self._generator = generator

    def choose(
        self, probabilities: NDArray[np.float64], candidates: NDArray[np.int64] | None = None
    ) -> int:
        """Choose the next token and take it into the context.

        Args:
            probabilities: Of each candidate, after temperature and truncation.
            candidates: Their tokens; all of the vocabulary if not given.

        Returns:
            A candidate with a probability above zero.

        Raises:
            ValueError: No probability is above zero, or one is negative or not finite.
        """
        possible, tokens = _possible(probabilities, candidates)
        shares = self._marking.reweighted(possible, tokens)
        token = int(self._generator.choice(tokens, p=shares / shares.sum()))
        self.accept(token)
        return token

    def accept(self, token: int) -> None:
        """Take a token into the context that was not chosen here, such as a forced one."""
        self._marking.accept(token)


class _Marker:
    def __init__(self, keys: Iterable[Key], parameters: Parameters) -> None:
        found = sorted(keys, key=lambda key: key.layer)
        if [key.layer for key in found] != sorted(Layer) or len(set(map(split_key, found))) != 1:
            raise ConfigurationError(
                "marking takes one key of each layer, with the same split key",
                where=f"keys {', '.join(key.key_id for key in found)}",
                hint="Derive both from one epoch.",
            )
        self._split = split_key(found[0])
        self._keys: Final = {key.layer: prf_key(key) for key in found}
        self._parameters = parameters

    def layers(self, contexts: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say which rows belong to the account layer."""
        return is_account_position(contexts, self._split, self._parameters)

    def layer(self, context: Sequence[int]) -> Layer:
        """Say which layer one long context belongs to."""
        hashed = siphash_of_one(self._split, context) >> 32
        return Layer.ACCOUNT if hashed < int(self._parameters.threshold) else Layer.SHARED

    def choose_one(
        self,
        probabilities: NDArray[np.float64],
        candidates: NDArray[np.int64],
        read: Sequence[int],
        layer: Layer,
    ) -> int:
        """Choose one response's next token, given what its layer reads."""
        drawn = uniforms(SipHashPrefix.of_one(self._keys[layer], read).hashes(candidates))
        with np.errstate(divide="ignore", over="ignore"):
            return int(candidates[np.argmin(-np.log(drawn) / probabilities)])

    def choose(
        self,
        probabilities: NDArray[np.float64],
        candidates: NDArray[np.int64],
        contexts: NDArray[np.int64],
        is_account: NDArray[np.bool_],
    ) -> NDArray[np.int64]:
        chosen = np.empty(len(contexts), dtype=np.int64)
        for layer in Layer:
            rows = np.flatnonzero(is_account == (layer is Layer.ACCOUNT))
            if not len(rows):
                continue
            tokens = candidates[rows]
            read = contexts[rows, -self._parameters.width(layer) :].repeat(tokens.shape[1], axis=0)
            drawn = token_uniforms(read, tokens.ravel(), [self._keys[layer]]).reshape(tokens.shape)
            with np.errstate(divide="ignore", over="ignore"):
                best = np.argmin(-np.log(drawn) / probabilities[rows], axis=1)
            chosen[rows] = tokens[np.arange(len(rows)), best]
        return chosen


def expected_value(probabilities: NDArray[np.float64]) -> float:
    """Mean of a marked position's value -ln(1 - u), for the power of a test.

    The chosen token of probability p has a u with the law Beta(1/p, 1), whose -ln(1 - u) has the
    harmonic number of 1/p as its mean. A token that is sure gives 1, as unmarked text does.

    Args:
        probabilities: Of the next token, summing to 1.

    Returns:
        1 or more.

    Example:
        >>> expected_value(np.array([0.5, 0.5]))
        1.5
    """
    shares = probabilities[probabilities > 0.0]
    return float((shares * (digamma(1.0 / shares + 1.0) + np.euler_gamma)).sum())


def _long(context: Sequence[int], parameters: Parameters) -> tuple[int, ...]:
    width = parameters.account_context_width
    last = tuple(int(token) for token in context[-width:])
    return (PADDING,) * (width - len(last)) + last


def _possible(
    probabilities: NDArray[np.float64], candidates: NDArray[np.int64] | None
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    weights = np.asarray(probabilities, dtype=np.float64)
    above = np.flatnonzero(weights > 0.0)
    if not len(above) or not np.isfinite(weights).all() or weights.min() < 0.0:
        raise ValueError("probabilities must be finite, none negative and one above zero")
    # With 1 as the largest, no quotient of the best candidates overflows.
    weights = weights / weights.max()
    return weights[above], above if candidates is None else np.asarray(candidates)[above]
