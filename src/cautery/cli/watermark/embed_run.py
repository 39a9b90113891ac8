"""What ``cautery watermark embed`` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cautery.cli.given_files import opened
from cautery.cli.watermark.line_files import write_whole
from cautery.errors import ConfigurationError, InputError, MissingExtraError, UsageError
from cautery.inference.key_choice import FIELD, KeyChoice
from cautery.numbered_lines import decoded, lines_of
from cautery.watermark.key_file import load_keys
from cautery.watermark.profile import Profile, load_profile

if TYPE_CHECKING:
    from cautery.inference.generation import MarkedText, Prompt
    from cautery.inference.truncation import Sampling
    from cautery.records.key import Key

MAX_LINE_BYTES: Final = 16 * 1024 * 1024
MOST_PROMPTS: Final = 1_000_000
"""Prompts are read first, so that a wrong line is known before hours of generation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """How texts are generated."""

    sampling: Sampling
    max_new_tokens: int
    batch: int
    seed: int | None

    def check(self) -> None:
        """Refuse what cannot be sampled.

        Raises:
            UsageError: A number is out of range.
        """
        if not 0.0 < self.sampling.temperature <= 100.0:
            raise UsageError(
                "--temperature must be above 0", hint="A greedy answer leaves nothing to mark."
            )
        if not 0.0 < self.sampling.top_p <= 1.0:
            raise UsageError("--top-p must be above 0 and at most 1")
        if self.sampling.top_k < 0:
            raise UsageError("--top-k must not be negative")
        if self.max_new_tokens < 1 or self.batch < 1:
            raise UsageError("--max-new-tokens and --batch must be at least 1")
        if self.seed is not None and not 0 <= self.seed < 2**63:
            raise UsageError("--seed must not be negative")


class _Line(msgspec.Struct, frozen=True):
    id: str | int
    prompt: str
    key_ids: list[str] | None = None


_DECODER: Final = msgspec.json.Decoder(_Line)
_HINT: Final = 'A line is {"id": ..., "prompt": "..."}.'


def run_embed(
    file: str,
    profile: Path,
    keys: Path,
    model: Path,
    output: Path | None,
    *,
    key_ids: Sequence[str],
    asked: Embedding,
) -> int:
    """Generate marked texts; see the verb ``embed``."""
    asked.check()
    loaded = load_profile(profile)
    known = load_keys(keys, loaded)
    choice = KeyChoice(loaded, known, key_ids)  # refuses a scheme that only its engine embeds
    given = list(_lines(file))
    whole_file = tuple(known) if not key_ids else None
    chosen = [_keys_of(line, where, choice, whole_file) for line, where in given]
    prompts = [(line, picked) for (line, _), picked in zip(given, chosen, strict=True)]
    texts = _generate(prompts, loaded, model, asked)
    write_whole(map(line_of, texts), file, output)
    return 0


def _lines(file: str) -> Iterator[tuple[_Line, str]]:
    with opened(file) as stream:
        rows = lines_of(stream, file, most_bytes=MAX_LINE_BYTES, most_lines=MOST_PROMPTS)
        for _, where, content in rows:
            yield decoded(content, _DECODER, where=where, wanted="a prompt", hint=_HINT), where


def _keys_of(
    line: _Line, where: str, choice: KeyChoice, whole_file: tuple[Key, ...] | None
) -> tuple[Key, ...]:
    """Find the keys of a prompt: its own, those of --key, or all of the file."""
    if not line.prompt:
        raise InputError("prompt: must not be empty", where=where)
    named = {} if line.key_ids is None else {FIELD: line.key_ids}
    if whole_file is not None and line.key_ids is None:
        named = {FIELD: [key.key_id for key in whole_file]}
    try:
        found = choice.keys_of(named)
    except ConfigurationError as error:
        hint = error.hint or "Name one key a layer: --key ID, or key_ids in the line."
        raise InputError(f"key_ids: {error.what}", where=where, hint=hint) from error
    return found or ()


def _generate(
    prompts: Sequence[tuple[_Line, tuple[Key, ...]]],
    profile: Profile,
    model: Path,
    asked: Embedding,
) -> Iterator[MarkedText]:
    """Load the model, and generate; only here is torch imported."""
    try:
        from cautery.inference.generation import LocalModel, Prompt
    except ImportError as error:
        raise MissingExtraError(
            "generating needs torch and transformers",
            hint="pip install torch transformers, in an environment of their own.",
        ) from error
    rows: list[Prompt] = [
        Prompt(prompt_id=line.id, text=line.prompt, keys=keys) for line, keys in prompts
    ]
    yield from LocalModel(model, profile).mark(
        rows,
        asked.sampling,
        max_new_tokens=asked.max_new_tokens,
        batch=asked.batch,
        seed=asked.seed,
    )


def line_of(text: MarkedText) -> bytes:
    """Write a marked text as one line of JSON.

    Args:
        text: The text.

    Returns:
        The line.
    """
    line: dict[str, Any] = {
        "id": text.prompt_id,
        "token_ids": text.token_ids,
        "text": text.text,
        "key_ids": text.key_ids,
    }
    return msgspec.json.encode(line) + b"\n"
