"""What the verbs of ``cautery watermark profile`` do."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import msgspec

from cautery.cli.exits import printable
from cautery.watermark.detection import sufficient_tokens
from cautery.watermark.power import PLANNED_ENTROPY, PLANNED_POWER
from cautery.watermark.profile import Profile, caveat_of, load_profile
from cautery.watermark.profile_writing import NewProfile, write_profile
from cautery.watermark.tokenizer import Tokenizer
from cautery.watermark.verification import plan_of


def write_new(path: Path, new: NewProfile) -> None:
    """Write a profile; see the verb ``new``."""
    write_profile(path, new)
    print(f"wrote {path}: digest {load_profile(path).digest}", file=sys.stderr)


def check_lines(path: Path, output_format: str) -> list[str]:
    """Check a profile; see the verb ``check``."""
    profile = load_profile(path)
    facts = profile_facts(profile)
    if output_format == "json":
        return [msgspec.json.encode(facts).decode()]
    lines = [
        f"scheme               {facts['scheme']}",
        *(f"  {_parameter(profile, name, value)}" for name, value in facts["parameters"].items()),
        f"tokenizer            {_tokenizer_words(facts['tokenizer'])}",
        f"deduplicate          {facts['deduplicate']}",
        f"false-positive rate  {facts['false_positive_rate']:g}",
        f"digest               {facts['digest']}",
        f"tokens needed        {_needed(facts['tokens_needed'])}",
    ]
    if facts["caveat"]:
        lines.append(f"caveat               {facts['caveat']}")
    return [printable(line) for line in lines]


def profile_facts(profile: Profile) -> dict[str, Any]:
    """Say what a profile amounts to, its tokenizer's file checked.

    Args:
        profile: The profile.

    Returns:
        What ``--output-format json`` writes.

    Raises:
        ConfigurationError: The tokenizer's file is not there, or another one than the profile says.
    """
    tokenizer = None
    if profile.tokenizer is not None:
        loaded = Tokenizer(profile.tokenizer)
        tokenizer = {
            "file": str(profile.tokenizer.path),
            "sha256": profile.tokenizer.sha256,
            "vocabulary_size": loaded.vocabulary_size,
        }
    return {
        "profile": profile.name,
        "scheme": profile.scheme.name,
        "parameters": _filled_in(profile),
        "given": profile.given,
        "tokenizer": tokenizer,
        "deduplicate": profile.deduplicate,
        "false_positive_rate": profile.false_positive_rate,
        "digest": profile.digest,
        "caveat": caveat_of(profile),
        "tokens_needed": sufficient_tokens(plan_of(profile), 1),
    }


def _filled_in(profile: Profile) -> dict[str, Any]:
    """Give the parameters with the engine's defaults, where the scheme shows them."""
    found = profile.parameters
    if dataclasses.is_dataclass(found) and not isinstance(found, type):
        return dataclasses.asdict(found)
    return profile.given


def _parameter(profile: Profile, name: str, value: Any) -> str:
    default = "" if name in profile.given else "  (default)"
    return f"{name:<26} {value}{default}"


def _tokenizer_words(tokenizer: dict[str, Any] | None) -> str:
    if tokenizer is None:
        return "none: texts are not tested, token ids are"
    return (
        f"{tokenizer['file']}, {tokenizer['vocabulary_size']:,} tokens, as the profile says "
        f"(sha256 {tokenizer['sha256'][:16]}...)"
    )


def _needed(tokens: int | None) -> str:
    if tokens is None:
        return "none suffices"
    return (
        f"{tokens:,} scored, to detect {PLANNED_POWER:.0%} of marked texts of {PLANNED_ENTROPY} "
        "nats a token with one key (see `cautery watermark power`)"
    ).replace("%", " %")
