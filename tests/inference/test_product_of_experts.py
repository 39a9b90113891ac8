"""The product of experts inside Hugging Face transformers, beside the defence's own arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.inference.tiny_models import SPECIAL_TOKENS, tiny_llama

from cautery.errors import ConfigurationError
from cautery.resist.defences.product_of_experts import MEMBER

torch = pytest.importorskip("torch", reason="wants pip install torch==2.13.0")
engine = pytest.importorskip("transformers", reason="wants pip install transformers")

from cautery.inference.product_of_experts import (  # noqa: E402
    CachedReader,
    ProductOfExpertsProcessor,
)

VOCABULARY = 60
PAD = 0
PROMPTS = [[PAD, PAD, 5, 9], [7, 8, 9, 10], [PAD, 3, 3, 3]]
STRONG = MEMBER.parameters({"strength": 2.0, "most_tilt": 3.0})


def tiny(seed: int, vocabulary: int = VOCABULARY) -> Any:
    """A model with random weights, large enough that it prefers some tokens to others."""
    return tiny_llama(vocabulary, seed=seed, layers=2, initializer_range=0.3, **SPECIAL_TOKENS)


def logits_at_once(model: Any, row: list[int]) -> Any:
    """Logits behind a row without its padding, read in one go."""
    tokens = [token for place, token in enumerate(row) if any(row[: place + 1])]
    with torch.inference_mode():
        return model(input_ids=torch.tensor([tokens])).logits[0, -1].double().numpy()


@pytest.mark.parametrize("temperature", [1.0, 0.6])
def test_token_by_token_it_is_the_defence(temperature: float) -> None:
    """Behind every prefix, in padded rows, what is sampled from is what the defence gives."""
    teacher, proxy = tiny(1), tiny(2)
    processor = ProductOfExpertsProcessor(proxy, STRONG, temperature=temperature, pad_token_id=PAD)
    rows = torch.tensor(PROMPTS)
    generator = torch.Generator().manual_seed(3)
    for _ in range(8):
        scores = np.stack([logits_at_once(teacher, row) for row in rows.tolist()])
        expected = MEMBER.reweighted(
            scores / temperature,
            np.stack([logits_at_once(proxy, row) for row in rows.tolist()]),
            STRONG,
        )
        found = processor(rows, torch.from_numpy(scores)) / temperature
        assert np.allclose(torch.log_softmax(found, dim=-1).numpy(), expected, atol=1e-4)
        chosen = torch.multinomial(found.exp(), 1, generator=generator)
        rows = torch.cat([rows, chosen.clamp(min=3)], dim=1)


def test_it_runs_inside_generate() -> None:
    """The engine calls it each step; against itself as proxy the likeliest tokens are held down."""
    teacher = tiny(1)
    given = {
        "input_ids": torch.tensor(PROMPTS),
        "attention_mask": torch.tensor(PROMPTS).ne(PAD).long(),
        "do_sample": True,
        "top_k": 0,
        "max_new_tokens": 20,
        "pad_token_id": PAD,
    }
    torch.manual_seed(4)
    plain = teacher.generate(**given)
    torch.manual_seed(4)
    processor = ProductOfExpertsProcessor(teacher, STRONG, pad_token_id=PAD)
    defended = teacher.generate(**given, logits_processor=[processor])
    assert plain.shape[1] > 4
    assert not torch.equal(plain[:, : defended.shape[1]], defended[:, : plain.shape[1]])


def test_strength_nought_changes_nothing() -> None:
    """The served model's own distribution comes back."""
    teacher = tiny(1)
    row = torch.tensor([[5, 6, 7]])
    scores = torch.from_numpy(logits_at_once(teacher, [5, 6, 7]))[None]
    processor = ProductOfExpertsProcessor(tiny(2), MEMBER.parameters({"strength": 0.0}))
    assert torch.allclose(processor(row, scores), torch.log_softmax(scores, dim=-1))


def test_beams_are_refused() -> None:
    """Rows that grow by two tokens, or change in number, cannot be followed."""
    for later in (torch.tensor([[5, 6, 7, 8, 9]]), torch.tensor([[5, 6, 7, 8]] * 2)):
        reader = CachedReader(tiny(2))
        reader.read(torch.tensor([[5, 6, 7]]))
        with pytest.raises(ConfigurationError, match="token by token"):
            reader.read(later)


def test_what_cannot_be_multiplied_is_refused() -> None:
    """A proxy with fewer tokens, and a temperature of nought."""
    processor = ProductOfExpertsProcessor(tiny(2, vocabulary=40), STRONG)
    with pytest.raises(ConfigurationError, match="shape"):
        processor(torch.tensor([[5]]), torch.zeros(1, VOCABULARY))
    with pytest.raises(ConfigurationError, match="above 0"):
        ProductOfExpertsProcessor(tiny(2), STRONG, temperature=0.0)
