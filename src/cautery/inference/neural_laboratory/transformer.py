"""A small decoder-only transformer, no more than the laboratory needs.

Pre-normalisation, learned positions, one matrix for reading and writing tokens (Radford and others,
*Language models are unsupervised multitask learners*, 2019), with ReLU. The engine's own GPT-2 of
the same size takes twice as long a step on one thread, and its caches change with its version.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import nn
from torch.nn import functional

from cautery.inference.neural_laboratory.sequences import LONGEST, TOKENS

FIRST_SPREAD: Final = 0.08
"""Standard deviation of first weights. GPT-2's 0.02 suits wide networks: with it ours needed half
as many steps again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How large a network is."""

    width: int = 64
    layers: int = 2
    heads: int = 2
    vocabulary: int = len(TOKENS)
    longest: int = LONGEST
    """Most tokens of a text."""


class Memory:
    """Keys and values of what was read, a pair a layer."""

    def __init__(self) -> None:
        self.length = 0
        self._kept: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}

    def grow(
        self, layer: int, keys: torch.Tensor, values: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Put keys and values behind the earlier ones of a layer, and give them all."""
        if layer in self._kept:
            before = self._kept[layer]
            keys, values = torch.cat([before[0], keys], 2), torch.cat([before[1], values], 2)
        self._kept[layer] = keys, values
        return keys, values


class _Block(nn.Module):  # type: ignore[misc]
    """Attention, then two layers with ReLU between."""

    def __init__(self, shape: Shape, layer: int) -> None:
        super().__init__()
        self._layer, self._heads = layer, shape.heads
        self.before_attention = nn.LayerNorm(shape.width)
        self.attend = nn.Linear(shape.width, 3 * shape.width)
        self.attended = nn.Linear(shape.width, shape.width)
        self.before_thought = nn.LayerNorm(shape.width)
        self.widen = nn.Linear(shape.width, 4 * shape.width)
        self.narrow = nn.Linear(4 * shape.width, shape.width)

    def forward(self, states: torch.Tensor, memory: Memory | None) -> torch.Tensor:
        rows, places, width = states.shape
        joined = self.attend(self.before_attention(states))
        parts = joined.view(rows, places, 3, self._heads, width // self._heads)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        if memory is not None:
            keys, values = memory.grow(self._layer, keys, values)
        # A single token looks back at everything; several at once are the beginning of a text.
        read = functional.scaled_dot_product_attention(queries, keys, values, is_causal=places > 1)
        states = states + self.attended(read.transpose(1, 2).reshape(rows, places, width))
        return states + self.narrow(functional.relu(self.widen(self.before_thought(states))))


class Transformer(nn.Module):  # type: ignore[misc]
    """The network.

    Args:
        shape: How large.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.places = nn.Embedding(shape.longest, shape.width)
        self.blocks = nn.ModuleList(_Block(shape, layer) for layer in range(shape.layers))
        self.before_writing = nn.LayerNorm(shape.width)
        self.apply(_begin)

    def forward(self, tokens: torch.Tensor, memory: Memory | None = None) -> torch.Tensor:
        """Read tokens.

        Args:
            tokens: Shape (rows, places); with a memory that holds something, one place.
            memory: Grows by what is read; None to read whole texts.

        Returns:
            Logits of the token behind each place, shape (rows, places, vocabulary).
        """
        start = memory.length if memory is not None else 0
        end = start + tokens.shape[1]
        states = self.tokens(tokens) + self.places.weight[start:end]
        for block in self.blocks:
            states = block(states, memory)
        if memory is not None:
            memory.length = end
        return self.before_writing(states) @ self.tokens.weight.T


def _begin(part: Any) -> None:
    """Draw first weights."""
    if isinstance(part, nn.Linear | nn.Embedding):
        nn.init.normal_(part.weight, std=FIRST_SPREAD)
    if isinstance(part, nn.Linear):
        nn.init.zeros_(part.bias)
