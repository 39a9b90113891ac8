"""Models with random weights: their texts mean nothing, their code is the engine's."""

from __future__ import annotations

from typing import Any


def tiny_llama(vocabulary: int, *, seed: int = 5, layers: int = 1, **more: Any) -> Any:
    """Make a model.

    Args:
        vocabulary: Its tokens.
        seed: Of its weights.
        layers: Its depth.
        more: Of its configuration.
    """
    import torch
    import transformers

    torch.manual_seed(seed)
    config = transformers.LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=layers,
        num_attention_heads=2,
        **more,
    )
    return transformers.LlamaForCausalLM(config).eval()


SPECIAL_TOKENS = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
