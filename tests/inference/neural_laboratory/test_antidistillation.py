"""Antidistillation sampling: the derivative is the exact one, and it points where it should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.inference.neural_laboratory.antidistillation import ANTIDISTILLATION
from cautery.inference.neural_laboratory.sequences import Sequences, SoftLabels
from cautery.ports import ChangesSampling, Defence

torch = pytest.importorskip("torch", reason="wants pip install torch==2.13.0")

from cautery.inference.neural_laboratory.networks import Feed, Network  # noqa: E402
from cautery.inference.neural_laboratory.proxies import (  # noqa: E402
    DirectionalProxy,
    LikelihoodProxy,
    gradient_of,
    moved,
)
from cautery.inference.neural_laboratory.transformer import Shape  # noqa: E402

TINY = Shape(width=16, layers=2, heads=2, vocabulary=12, longest=16)
LOGITS = arrays.arrays(np.float64, (3, 5), elements=st.floats(-50.0, 50.0))
NONE = np.empty(0, np.int64)


def some_texts(seed: int) -> Sequences:
    """Random texts."""
    tokens = np.random.default_rng(seed).integers(1, 12, (4, 8))
    return Sequences(
        tokens=tokens,
        learnt=np.ones(tokens.shape, dtype=np.bool_),
        weights=np.ones(4),
        soft=SoftLabels(text=NONE, place=NONE, token=NONE, share=np.empty(0)),
    )


def known_network() -> Network:
    """A network with weights large enough to prefer some tokens."""
    network = Network(TINY, 1)
    torch.manual_seed(2)
    with torch.no_grad():
        for weights in network.model.parameters():
            weights.add_(0.2 * torch.randn_like(weights))
    return network


def exact_derivatives(
    network: Network, task: Sequences, rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Multiply the gradient of each token's log-probability with the loss's, of length 1."""
    gradient, weights = gradient_of(network, task), list(network.model.parameters())
    length = torch.sqrt(sum((part**2).sum() for part in gradient))
    logs = torch.log_softmax(network.model(torch.from_numpy(rows))[:, -1], dim=-1)
    found = np.empty(tuple(logs.shape))
    for place in np.ndindex(*found.shape):
        own = torch.autograd.grad(logs[place], weights, retain_graph=True)
        products = [(one * two).sum() for one, two in zip(own, gradient, strict=True)]
        found[place] = float(sum(products) / length)
    return found


def test_the_finite_difference_is_autograds_derivative() -> None:
    """Token by token, behind several prefixes, within a hundredth of the largest."""
    network, task = known_network(), some_texts(3)
    rows = np.random.default_rng(4).integers(0, 12, (5, 6))
    following = DirectionalProxy(network, task).begin()
    following.read(rows[:, :3])
    following.read(rows[:, 3:4])
    following.read(rows[:, 4:5])
    found, exact = following.read(rows[:, 5:]), exact_derivatives(network, task, rows)
    assert np.abs(exact).max() > 0.1
    assert np.allclose(found, exact, atol=0.01 * np.abs(exact).max())


def test_learning_a_favoured_token_raises_the_loss() -> None:
    """A small step along a token's own gradient moves the task's loss as the derivative says."""
    network, task = known_network(), some_texts(3)
    rows = np.array([[1, 2, 3, 4]])
    slopes = DirectionalProxy(network, task).begin().read(rows)[0]
    length = torch.sqrt(sum((part**2).sum() for part in gradient_of(network, task)))
    changes = []
    for token in (int(slopes.argmax()), int(slopes.argmin())):
        log = torch.log_softmax(network.model(torch.from_numpy(rows))[0, -1], dim=-1)[token]
        step = list(torch.autograd.grad(log, list(network.model.parameters())))
        taught, everything = moved(network.model, step, 1e-3), np.arange(4)
        feed = Feed(task, TINY.vocabulary)
        with torch.no_grad():
            change = feed.loss(taught, everything) - feed.loss(network.model, everything)
        changes.append(float(change) / 1e-3)
    expected = [float(length * slopes.max()), float(length * slopes.min())]
    assert changes[0] > 0.0 > changes[1]
    assert changes == pytest.approx(expected, rel=0.1)


def test_a_proxy_leaves_its_network_alone() -> None:
    """Weights are moved in copies, and likelihoods are the network's own."""
    network = known_network()
    before = network.pack()
    DirectionalProxy(network, some_texts(3))
    assert network.pack() == before
    rows = np.array([[1, 2, 3]])
    with torch.inference_mode():
        logits = network.model(torch.from_numpy(rows))[:, -1].double().numpy()
    assert np.allclose(LikelihoodProxy(network).begin().read(rows), logits)


def log_softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Normalise logits in the plainest way."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    normalised: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normalised


@given(teacher=LOGITS, slopes=LOGITS, strength=st.floats(0.0, 10.0), most=st.floats(0.0, 5.0))
def test_distortion_is_bounded_as_stated(
    teacher: NDArray[np.float64], slopes: NDArray[np.float64], strength: float, most: float
) -> None:
    """Whatever the derivatives: probabilities, and no odds moved further than the bound."""
    parameters = ANTIDISTILLATION.parameters({"strength": strength, "most_tilt": most})
    logs = ANTIDISTILLATION.reweighted(teacher, slopes, parameters)
    moved_by = logs - log_softmax(teacher)
    assert np.allclose(np.exp(logs).sum(axis=-1), 1.0)
    assert (np.ptp(moved_by, axis=-1) <= most + 1e-9).all()
    assert ANTIDISTILLATION.bound(parameters).most_tilt == most


def test_what_the_teacher_rules_out_stays_out() -> None:
    """However steep its derivative."""
    logs = ANTIDISTILLATION.reweighted(
        np.array([0.0, -np.inf]), np.array([0.0, 9.0]), ANTIDISTILLATION.parameters({})
    )
    assert logs.tolist() == [0.0, -np.inf]


def test_it_is_a_defence() -> None:
    """It keeps the ports' promises and refuses what makes no sense."""
    assert isinstance(ANTIDISTILLATION, Defence)
    assert isinstance(ANTIDISTILLATION, ChangesSampling)
    with pytest.raises(ConfigurationError, match="strenght"):
        ANTIDISTILLATION.parameters({"strenght": 1})
    for slopes in (np.zeros(3), np.array([np.nan, 0.0])):
        with pytest.raises(ConfigurationError, match="derivative"):
            ANTIDISTILLATION.reweighted(np.zeros(2), slopes, ANTIDISTILLATION.parameters({}))
