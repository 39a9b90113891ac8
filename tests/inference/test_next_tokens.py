"""Next tokens of a local model are those of its own logits, window by window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.inference.tiny_models import tiny_llama

from cautery.errors import ConfigurationError

torch = pytest.importorskip("torch", reason="wants pip install torch==2.13.0")
engine = pytest.importorskip("transformers", reason="wants pip install transformers")

VOCABULARY = 40
WINDOW = 8


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model of random weights, which reads eight tokens at once."""
    tiny_llama(VOCABULARY, max_position_embeddings=WINDOW).save_pretrained(tmp_path / "model")
    return tmp_path / "model"


def loaded(folder: Path) -> Any:
    """Load it as a suspect."""
    from cautery.inference.next_tokens import LocalNextTokens

    return LocalNextTokens(folder)


def test_predictions_are_the_likeliest_tokens(folder: Path) -> None:
    """Each from the tokens before it, in windows that begin anew."""
    tokens = np.arange(11, dtype=np.int64)
    found = loaded(folder).predict(tokens, 3)
    model = engine.AutoModelForCausalLM.from_pretrained(folder).eval()
    for place in range(11):
        start = place - place % WINDOW
        if place == start:
            assert found[place].tolist() == [-1, -1, -1]
            continue
        with torch.inference_mode():
            logits = model(input_ids=torch.from_numpy(tokens[None, start:place])).logits[0, -1]
        assert found[place].tolist() == logits.topk(3).indices.tolist()


def test_what_is_no_model_or_token_is_told(folder: Path, tmp_path: Path) -> None:
    """A folder without a model, and tokens of another vocabulary."""
    with pytest.raises(ConfigurationError, match="no model"):
        loaded(tmp_path)
    with pytest.raises(ConfigurationError, match="vocabulary of 40"):
        loaded(folder).predict(np.array([VOCABULARY]), 1)
    assert loaded(folder).predict(np.empty(0, np.int64), 2).shape == (0, 2)
