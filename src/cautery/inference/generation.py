"""Generates marked texts with a local transformers model; never downloads anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
import transformers

from cautery.errors import ConfigurationError
from cautery.inference.local_models import LOADING_ERRORS, load_model
from cautery.inference.transformers import Watermark
from cautery.watermark.tokenizer import tokenizer_digest

if TYPE_CHECKING:
    from cautery.inference.truncation import Sampling
    from cautery.records.key import Key
    from cautery.watermark.profile import Profile

TOKENIZER_FILE: Final = "tokenizer.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What one text is to be the answer to."""

    prompt_id: str | int
    text: str
    keys: tuple[Key, ...]
    """One for each layer of the scheme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedText:
    """An answer that carries a mark."""

    prompt_id: str | int
    token_ids: tuple[int, ...]
    """Of the answer alone, up to the token that ends it."""
    text: str
    key_ids: tuple[str, ...]


class LocalModel:
    """A model of a folder, with its tokenizer.

    Args:
        folder: As ``save_pretrained`` writes it, weights as safetensors: other files may run code.
        profile: Scheme and parameters; its tokenizer must be the folder's.

    Raises:
        ConfigurationError: The folder is not there, holds no such model, or another tokenizer.
    """

    def __init__(self, folder: Path, profile: Profile) -> None:
        if not folder.is_dir():
            raise ConfigurationError(
                "there is no such folder", where=str(folder), hint="Models are never downloaded."
            )
        _check_tokenizer(folder / TOKENIZER_FILE, profile)
        try:
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(
                str(folder), local_files_only=True, padding_side="left"
            )
        except LOADING_ERRORS as error:
            raise ConfigurationError(
                f"no model can be loaded: {error}", where=str(folder)
            ) from error
        self._model: Any = load_model(folder)
        if self._tokenizer.pad_token_id is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token or self._tokenizer.unk_token
        self._profile = profile

    def mark(
        self,
        prompts: Sequence[Prompt],
        sampling: Sampling,
        *,
        max_new_tokens: int,
        batch: int = 1,
        seed: int | None = None,
    ) -> Iterator[MarkedText]:
        """Answer each prompt under its keys.

        Args:
            prompts: Those with the same keys, one after another, share batches.
            sampling: Temperature above 0, and truncation; the mark goes behind them.
            max_new_tokens: Longest answer.
            batch: Answers that are written at once.
            seed: Same seed, same answers, on the same machine and with the same batch.

        Yields:
            An answer a prompt, in order.

        Raises:
            ConfigurationError: Keys do not go together, or a prompt has no token.
        """
        if seed is not None:
            torch.manual_seed(seed)
        for keys, same in groupby(prompts, key=lambda prompt: prompt.keys):
            mark = Watermark(self._profile.scheme, self._profile.parameters, keys)
            while rows := list(islice(same, batch)):
                yield from self._answers(rows, mark, sampling, max_new_tokens)

    def _answers(
        self, rows: list[Prompt], mark: Watermark, sampling: Sampling, max_new_tokens: int
    ) -> Iterator[MarkedText]:
        given = self._tokenizer(
            [row.text for row in rows],
            return_tensors="pt",
            padding=len(rows) > 1,
            return_token_type_ids=False,
        )
        if not given["input_ids"].shape[1] or not bool(given["attention_mask"].sum(dim=1).all()):
            raise ConfigurationError("a prompt has no token", where=f"prompt {rows[0].prompt_id}")
        with torch.inference_mode():
            tokens = self._model.generate(
                **given.to(self._model.device),
                watermarking_config=mark,
                do_sample=True,
                num_beams=1,
                temperature=sampling.temperature,
                top_k=max(sampling.top_k, 0),
                top_p=sampling.top_p,
                max_new_tokens=max_new_tokens,
                pad_token_id=self._tokenizer.pad_token_id,
            )
        answers = tokens[:, given["input_ids"].shape[1] :].tolist()
        for row, answer in zip(rows, answers, strict=True):
            whole = self._until_end(answer)
            yield MarkedText(
                prompt_id=row.prompt_id,
                token_ids=tuple(whole),
                text=self._tokenizer.decode(whole, clean_up_tokenization_spaces=False),
                key_ids=tuple(key.key_id for key in row.keys),
            )

    def _until_end(self, answer: list[int]) -> list[int]:
        """Leave out the token that ends an answer, and the padding behind it."""
        ends = self._model.generation_config.eos_token_id
        known = set(ends if isinstance(ends, list) else [ends])
        stop = next((place for place, token in enumerate(answer) if token in known), len(answer))
        return answer[:stop]


def _check_tokenizer(file: Path, profile: Profile) -> None:
    """Refuse a model whose tokens are not the profile's: nobody would find the mark in a text."""
    if profile.tokenizer is None:
        return
    digest = tokenizer_digest(file)
    if digest != profile.tokenizer.sha256:
        raise ConfigurationError(
            f"the model's tokenizer has sha256 {digest[:16]}..., the profile says "
            f"{profile.tokenizer.sha256[:16]}...",
            where=str(file),
            hint="Write the profile for this model: cautery watermark profile new --tokenizer.",
        )
