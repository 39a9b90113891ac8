"""The likeliest next tokens of a local transformers model, along given texts; downloads nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from cautery.errors import ConfigurationError
from cautery.inference.local_models import load_model
from cautery.watermark.tokenizer import tokenizer_digest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cautery.watermark.profile import Profile

TOKENIZER_FILE: Final = "tokenizer.json"
MOST_WINDOW: Final = 4_096
"""Tokens that are read at once; a longer text is read in windows, each from its own beginning."""


class LocalNextTokens:
    """A suspect model of a folder; implements the port ``NextTokens``.

    Args:
        folder: As ``save_pretrained`` writes it, weights as safetensors: other files may run code.

    Raises:
        ConfigurationError: The folder is not there, or holds no such model.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._model: Any = load_model(folder)
        limit = int(getattr(self._model.config, "max_position_embeddings", 0) or MOST_WINDOW)
        self._window = max(2, min(limit, MOST_WINDOW))
        self._vocabulary = int(self._model.get_input_embeddings().num_embeddings)

    def check_tokenizer(self, profile: Profile) -> None:
        """Refuse a profile whose tokens are not the model's: its keys could not be tested so.

        Args:
            profile: One with a tokenizer, or without, which is taken at its word.

        Raises:
            ConfigurationError: The model's tokenizer is another file, or cannot be read.
        """
        if profile.tokenizer is None:
            return
        file = self._folder / TOKENIZER_FILE
        if tokenizer_digest(file) != profile.tokenizer.sha256:
            raise ConfigurationError(
                f"the suspect's tokens are not those of profile {profile.name}",
                where=str(file),
                hint="Test what it writes instead: --suspect FILE with texts.",
            )

    def predict(self, tokens: NDArray[np.int64], most: int) -> NDArray[np.int64]:
        """Give the likeliest tokens at every place, from the tokens before it.

        Args:
            tokens: Token ids of one text, shape (tokens,).
            most: Tokens to give for a place.

        Returns:
            Shape (tokens, most), the likeliest first; -1 at the first place of each window.

        Raises:
            ConfigurationError: A token is not in the model's vocabulary.
        """
        if len(tokens) and not 0 <= int(tokens.min()) <= int(tokens.max()) < self._vocabulary:
            raise ConfigurationError(
                f"a token is not in the suspect's vocabulary of {self._vocabulary:,}",
                where=str(self._folder),
                hint="Test what it writes instead: --suspect FILE with texts.",
            )
        found = np.full((len(tokens), most), -1, dtype=np.int64)
        kept = min(most, self._vocabulary)
        for start in range(0, len(tokens), self._window):
            window = torch.from_numpy(np.ascontiguousarray(tokens[start : start + self._window]))
            with torch.inference_mode():
                logits = self._model(input_ids=window[None].to(self._model.device)).logits[0]
            best = logits[:-1].topk(kept, dim=-1).indices.cpu().numpy()
            found[start + 1 : start + len(window), :kept] = best
        return found
