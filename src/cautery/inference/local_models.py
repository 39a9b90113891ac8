"""Loads models of this machine: never downloaded, and never as files that may run code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import transformers

from cautery.errors import ConfigurationError

LOADING_ERRORS = (OSError, ValueError, KeyError, ImportError)
"""What transformers raises for a folder that holds no model it knows."""


def load_model(folder: Path) -> Any:
    """Load a causal model, to be asked and not to be trained.

    Args:
        folder: As ``save_pretrained`` writes it, weights as safetensors: other files may run code.

    Returns:
        The model.

    Raises:
        ConfigurationError: The folder is not there, or holds no such model.
    """
    try:
        return transformers.AutoModelForCausalLM.from_pretrained(
            str(folder), local_files_only=True, use_safetensors=True
        ).eval()
    except LOADING_ERRORS as error:
        raise ConfigurationError(f"no model can be loaded: {error}", where=str(folder)) from error
