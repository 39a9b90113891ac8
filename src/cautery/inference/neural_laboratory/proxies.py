"""Proxy students that a teacher asks while it samples: what they would write, or would unlearn."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import torch

from cautery.inference.neural_laboratory.networks import Feed, Network, Reader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cautery.inference.neural_laboratory.sequences import Sequences

STEP: Final = 0.001
"""Length by which weights are moved each way for a finite difference. Ten times as far, kinks of
the network (ReLU) add errors of a few hundredths; a third as far, the rounding of 32-bit floats
shows. Here the error is some thousandths of the largest derivative."""


class Following(Protocol):
    """Reads along with a teacher, all rows at once."""

    def read(self, tokens: NDArray[np.int64]) -> NDArray[np.float64]:
        """Read the next tokens, shape (rows, tokens); give a number for each next token."""
        ...


class Proxy(Protocol):
    """A proxy student."""

    def begin(self) -> Following:
        """Begin texts."""
        ...


class LikelihoodProxy:
    """Says what it would write.

    Args:
        network: The proxy student.
    """

    def __init__(self, network: Network) -> None:
        self._network = network

    def begin(self) -> Reader:
        """Begin texts; what is read gives logits."""
        return Reader(self._network.model)


class DirectionalProxy:
    """Says how fast each token would become likelier along the gradient of its loss.

    Args:
        network: The proxy student.
        task: Texts whose loss is to rise: what the teacher writes undefended.
        step: Length by which the weights are moved each way.
    """

    def __init__(self, network: Network, task: Sequences, step: float = STEP) -> None:
        self._step = step
        gradient = gradient_of(network, task)
        length = torch.sqrt(sum((part**2).sum() for part in gradient)).clamp(min=1e-12)
        direction = [part / length for part in gradient]
        self._further = moved(network.model, direction, step)
        self._nearer = moved(network.model, direction, -step)

    def begin(self) -> _Difference:
        """Begin texts; what is read gives derivatives."""
        return _Difference(Reader(self._further), Reader(self._nearer), 2.0 * self._step)


class _Difference:
    """Two readings of one text, and what lies between them."""

    def __init__(self, further: Reader, nearer: Reader, distance: float) -> None:
        self._further, self._nearer, self._distance = further, nearer, distance

    def read(self, tokens: NDArray[np.int64]) -> NDArray[np.float64]:
        """Read on, and give the finite difference of each token's log-probability."""
        further, nearer = _logs(self._further.read(tokens)), _logs(self._nearer.read(tokens))
        found: NDArray[np.float64] = (further - nearer) / self._distance
        return found


def _logs(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    found: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return found


def gradient_of(network: Network, task: Sequences) -> list[torch.Tensor]:
    """Give the gradient of the mean loss on texts, a tensor for each of the weights."""
    feed = Feed(task, network.shape.vocabulary)
    loss = feed.loss(network.model, np.arange(len(task.tokens)))
    return list(torch.autograd.grad(loss, list(network.model.parameters())))


def moved(model: Any, direction: list[torch.Tensor], by: float) -> Any:
    """Copy a model, and move the copy's weights along a direction."""
    found = copy.deepcopy(model)
    with torch.no_grad():
        for weights, part in zip(found.parameters(), direction, strict=True):
            weights.add_(part, alpha=by)
    return found
