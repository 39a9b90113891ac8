"""Networks: trained on texts, read token by token, kept in a file."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from cautery.errors import MalformedFileError
from cautery.inference.neural_laboratory.sequences import END, PADDING, Sequences
from cautery.inference.neural_laboratory.transformer import Memory, Shape, Transformer

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_FILE_BYTES: Final = 16 * 2**20
"""Of a file of weights when it is unpacked."""
MOST_GRADIENT: Final = 1.0
"""Norm to which a step's gradient is cut."""
_SHAPE: Final = "shape"
"""Name of the network's shape in its file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schooling:
    """How a network is trained: AdamW (arXiv 1711.05101), learning rate up and down again."""

    steps: int = 500
    batch: int = 32
    """Texts of a step."""
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    warm_up: float = 0.1
    """Share of the steps in which the learning rate rises; then it falls along a cosine."""

    def learning_rate_at(self, step: int) -> float:
        """Give the learning rate of a step.

        Example:
            >>> schooling = Schooling(steps=100, learning_rate=1.0, warm_up=0.1)
            >>> [round(schooling.learning_rate_at(step), 2) for step in (0, 9, 54, 99)]
            [0.1, 1.0, 0.51, 0.0]
        """
        rising = max(1.0, self.warm_up * self.steps)
        if step < rising:
            return self.learning_rate * min(1.0, (step + 1) / rising)
        fallen = (step - rising) / max(1.0, self.steps - rising)
        return self.learning_rate * 0.5 * (1.0 + math.cos(math.pi * fallen))


class Network:
    """A transformer with its weights.

    Args:
        shape: How large.
        seed: Of its first weights.
    """

    def __init__(self, shape: Shape, seed: int) -> None:
        self.shape = shape
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.model: Any = Transformer(shape)

    def learn(self, given: Sequences, schooling: Schooling, seed: int) -> None:
        """Train on texts.

        Args:
            given: The texts.
            schooling: How.
            seed: Of the order in which they are read.
        """
        feed = Feed(given, self.shape.vocabulary)
        optimiser = torch.optim.AdamW(
            self.model.parameters(),
            lr=schooling.learning_rate,
            weight_decay=schooling.weight_decay,
            betas=(0.9, 0.98),
        )
        batches = _batches(len(given.tokens), schooling, np.random.default_rng(seed))
        for step, rows in enumerate(batches):
            for group in optimiser.param_groups:
                group["lr"] = schooling.learning_rate_at(step)
            optimiser.zero_grad(set_to_none=True)
            feed.loss(self.model, rows).backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), MOST_GRADIENT)
            optimiser.step()

    def surprises(self, given: Sequences) -> NDArray[np.float64]:
        """Give the mean of minus the logarithm of the chance of each learnt token, a text each."""
        feed = Feed(given, self.shape.vocabulary)
        with torch.inference_mode():
            losses = feed.losses(self.model, np.arange(len(given.tokens)))
        found: NDArray[np.float64] = losses.double().numpy()
        return found

    def pack(self) -> bytes:
        """Write shape and weights (16-bit floats) as numpy's ``.npz``, which runs no code."""
        arrays = {
            name: tensor.detach().half().numpy() for name, tensor in self.model.named_parameters()
        }
        shape = np.frombuffer(json.dumps(asdict(self.shape)).encode(), dtype=np.uint8)
        file = io.BytesIO()
        np.savez_compressed(file, allow_pickle=False, **{_SHAPE: shape}, **arrays)
        return file.getvalue()


class Feed:
    """Texts as tensors.

    Args:
        given: The texts.
        vocabulary: Of the network that reads them.
    """

    def __init__(self, given: Sequences, vocabulary: int) -> None:
        self._tokens = torch.from_numpy(given.tokens)
        self._learnt = torch.from_numpy(given.learnt)
        self._lengths = (given.tokens != PADDING).sum(axis=1)
        self._weights = torch.from_numpy(given.weights).float()
        self._soft, self._vocabulary = given.soft, vocabulary

    def losses(self, model: Any, rows: NDArray[np.int64]) -> Any:
        """Give the mean loss of each of these texts, shape (rows,)."""
        longest = int(self._lengths[rows].max())
        tokens, learnt = self._tokens[rows, :longest], self._learnt[rows, 1:longest]
        logs = torch.log_softmax(model(tokens[:, :-1]), dim=-1)
        found = -logs.gather(2, tokens[:, 1:, None]).squeeze(2)
        if len(self._soft.text):
            soft = self._soft_labels(rows, longest)[:, 1:]
            found = torch.where(soft.sum(dim=2) > 0.0, -(soft * logs).sum(dim=2), found)
        return (found * learnt).sum(dim=1) / learnt.sum(dim=1).clamp(min=1)

    def _soft_labels(self, rows: NDArray[np.int64], places: int) -> Any:
        """Lay out the soft labels of some texts, shape (rows, places, vocabulary)."""
        labels = torch.zeros((len(rows), places, self._vocabulary))
        starts, ends = np.searchsorted(self._soft.text, [rows, rows + 1])
        for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
            some = slice(int(start), int(end))
            labels[row, self._soft.place[some], self._soft.token[some]] = torch.from_numpy(
                self._soft.share[some]
            ).float()
        return labels

    def loss(self, model: Any, rows: NDArray[np.int64]) -> Any:
        """Give the weighted mean of their losses."""
        weights = self._weights[rows]
        return (self.losses(model, rows) * weights).sum() / weights.sum().clamp(min=1e-9)


def _batches(
    texts: int, schooling: Schooling, order: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Go through the texts again and again, each time in another order."""
    size = min(schooling.batch, texts)
    left: NDArray[np.int64] = np.empty(0, dtype=np.int64)
    for _ in range(schooling.steps):
        if len(left) < size:
            left = np.concatenate([left, order.permutation(texts)])
        yield left[:size]
        left = left[size:]


class Reader:
    """Reads texts token by token, all rows at once, and remembers what it has read.

    Args:
        model: The transformer.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._memory = Memory()

    def read(self, tokens: NDArray[np.int64]) -> NDArray[np.float64]:
        """Read on.

        Args:
            tokens: The next of each row, shape (rows, tokens).

        Returns:
            Logits of the token behind them, shape (rows, vocabulary).
        """
        with torch.inference_mode():
            found = self._model(torch.from_numpy(np.ascontiguousarray(tokens)), self._memory)
        logits: NDArray[np.float64] = found[:, -1].double().numpy()
        return logits


Choose = Callable[["NDArray[np.float64]", "NDArray[np.int64]", int], "NDArray[np.int64]"]
"""Logits (rows, vocabulary), what was read since the last call, number of the step: next tokens."""


def write(
    network: Network, prompts: NDArray[np.int64], choose: Choose, most: int
) -> NDArray[np.int64]:
    """Let a network write behind prompts.

    Args:
        network: Which.
        prompts: Shape (rows, tokens), a row at least.
        choose: Chooses among the next tokens.
        most: Tokens at most.

    Returns:
        What it wrote, shape (rows, tokens), padded behind the token that ends a text.
    """
    reader, read = Reader(network.model), prompts
    ended = np.zeros(len(prompts), dtype=np.bool_)
    written = []
    for step in range(min(most, network.shape.longest - prompts.shape[1])):
        chosen = np.where(ended, PADDING, choose(reader.read(read), read, step))
        written.append(chosen)
        ended |= chosen == END
        if ended.all():
            break
        read = chosen[:, None]
    return np.stack(written, axis=1)


def likeliest(logits: NDArray[np.float64], read: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """Choose the likeliest token of each row."""
    best: NDArray[np.int64] = logits.argmax(axis=1)
    return best


def unpack(packed: bytes, where: str) -> Network:
    """Read a network.

    Args:
        packed: What ``Network.pack`` wrote.
        where: The file, for errors.

    Returns:
        The network.

    Raises:
        MalformedFileError: It is no such file.
    """
    try:
        return _unpacked(packed)
    except (ValueError, KeyError, TypeError, OSError, zipfile.BadZipFile, RuntimeError) as error:
        raise MalformedFileError(f"not a network's weights: {error}", where=where) from None


def _unpacked(packed: bytes) -> Network:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        if sum(one.file_size for one in archive.infolist()) > MOST_FILE_BYTES:
            raise ValueError(f"more than {MOST_FILE_BYTES:,} bytes")
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        network = Network(Shape(**json.loads(arrays[_SHAPE].tobytes())), 0)
        with torch.no_grad():
            for name, tensor in network.model.named_parameters():
                tensor.copy_(torch.from_numpy(arrays[name].astype(np.float32)))
    return network
