"""Networks learn what they are shown, read as they were trained, and survive their file."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from cautery.errors import MalformedFileError

torch = pytest.importorskip("torch", reason="wants pip install torch==2.13.0")

from cautery.inference.neural_laboratory.networks import (  # noqa: E402
    Network,
    Reader,
    Schooling,
    likeliest,
    unpack,
    write,
)
from cautery.inference.neural_laboratory.sequences import (  # noqa: E402
    END,
    Sequences,
    SoftLabels,
)
from cautery.inference.neural_laboratory.transformer import Shape  # noqa: E402

TINY = Shape(width=16, layers=2, heads=2, vocabulary=12, longest=16)
QUICK = Schooling(steps=60, batch=8, learning_rate=1e-2)
NONE = SoftLabels(
    text=np.empty(0, np.int64),
    place=np.empty(0, np.int64),
    token=np.empty(0, np.int64),
    share=np.empty(0),
)


def texts(rows: list[list[int]], weights: list[float] | None = None) -> Sequences:
    """Texts of which all but the first token is learnt."""
    tokens = np.array(rows)
    learnt = np.ones(tokens.shape, dtype=np.bool_)
    learnt[:, 0] = False
    return Sequences(
        tokens=tokens, learnt=learnt, weights=np.array(weights or [1.0] * len(rows)), soft=NONE
    )


def answers(network: Network, first: list[int]) -> list[list[int]]:
    """What it writes behind first tokens."""
    rows: list[list[int]] = write(network, np.array(first)[:, None], likeliest, 10).tolist()
    return rows


def test_it_learns_what_it_is_shown() -> None:
    """Two texts, told apart by their first token; the end of a text ends it."""
    network = Network(TINY, 1)
    network.learn(texts([[3, 5, 6, END], [4, 7, 8, END]]), QUICK, 1)
    assert answers(network, [3, 4]) == [[5, 6, END], [7, 8, END]]
    assert network.surprises(texts([[3, 5, 6, END], [3, 8, 8, 8]])).round().tolist()[0] == 0.0


def test_what_weighs_nothing_teaches_nothing() -> None:
    """Of two contradicting texts the one without weight is not learnt."""
    network = Network(TINY, 1)
    network.learn(texts([[3, 5, END], [3, 6, END]], [0.0, 1.0]), QUICK, 1)
    assert answers(network, [3]) == [[6, END]]


def test_soft_labels_are_learnt_instead_of_the_token() -> None:
    """The shares that came with a text, not what happened to be written."""
    given = texts([[3, 5, END]])
    labels = SoftLabels(
        text=np.array([0, 0]),
        place=np.array([1, 1]),
        token=np.array([5, 6]),
        share=np.array([0.2, 0.8]),
    )
    network = Network(TINY, 1)
    network.learn(
        Sequences(tokens=given.tokens, learnt=given.learnt, weights=given.weights, soft=labels),
        QUICK,
        1,
    )
    logits = Reader(network.model).read(np.array([[3]]))[0]
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    assert shares[[5, 6]] == pytest.approx([0.2, 0.8], abs=0.05)


def test_same_seed_same_network() -> None:
    """First weights and order come from seeds and from nothing else."""
    given = texts([[3, 5, 6, END], [4, 7, 8, END]])
    packed = []
    for noise in (1, 2):
        torch.manual_seed(noise)
        network = Network(TINY, 7)
        network.learn(given, Schooling(steps=5, batch=1), 8)
        packed.append(network.pack())
    assert packed[0] == packed[1]
    assert Network(TINY, 8).pack() != Network(TINY, 7).pack()


def test_reading_token_by_token_is_reading_at_once() -> None:
    """What it remembers is what it would read again."""
    network = Network(Shape(width=16, vocabulary=12, longest=16), 3)
    rows = np.random.default_rng(1).integers(0, 12, (3, 9))
    reader, found = Reader(network.model), []
    found.append(reader.read(rows[:, :4]))
    for place in range(4, 9):
        found.append(reader.read(rows[:, place : place + 1]))
    with torch.inference_mode():
        whole = network.model(torch.from_numpy(rows)).double().numpy()
    assert np.allclose(np.stack(found, axis=1), whole[:, 3:], atol=1e-5)


def test_a_file_of_weights() -> None:
    """There and back, up to the rounding of 16 bits; and small."""
    network = Network(TINY, 5)
    again = unpack(network.pack(), "x.npz")
    assert again.shape == TINY
    assert again.pack() == network.pack()
    tokens = np.array([[1, 2, 3]])
    first, second = (Reader(one.model).read(tokens) for one in (network, again))
    assert np.allclose(first, second, atol=1e-2)


def bomb() -> bytes:
    """A small file that unpacks to a large one."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("shape.npy", bytes(20 * 2**20))
    return file.getvalue()


def pickled() -> bytes:
    """A file of objects, which would run code."""
    file = io.BytesIO()
    np.savez(file, shape=np.array([{"width": 1}], dtype=object))
    return file.getvalue()


@pytest.mark.parametrize(
    "packed", [b"", b"PK", bomb(), pickled()], ids=["empty", "cut", "bomb", "pickled"]
)
def test_another_file_is_refused(packed: bytes) -> None:
    """Empty, cut, too large, or with objects in it; the file is named."""
    with pytest.raises(MalformedFileError, match=r"x\.npz"):
        unpack(packed, "x.npz")
