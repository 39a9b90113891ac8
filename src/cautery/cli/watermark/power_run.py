"""What ``cautery watermark power`` does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from cautery.cli.exits import printable
from cautery.errors import UsageError
from cautery.watermark.detection import sufficient_tokens
from cautery.watermark.power import expected_effect, power
from cautery.watermark.profile import Profile, load_profile
from cautery.watermark.verification import plan_of

LADDER: Final = (25, 50, 100, 200, 400, 800, 1_600)
"""Scored tokens that the table tells of if none are asked for."""
MOST_TOKENS: Final = 1_000_000_000
MOST_KEYS: Final = 1_000_000_000
MOST_ENTROPY: Final = 12.0
"""Nats; a vocabulary of 160,000 equally likely tokens."""
ASSUMPTIONS: Final = (
    "The text is as the engine wrote it: paraphrase and editing leave less.",
    "Scored tokens are those that remain without repetitions and places that have no context.",
    "The surprisal of a token is exponential with that mean, and the sum of many is near normal.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked."""

    keys_tested: int
    entropy: float
    """Nats per token."""
    power: float
    tokens: tuple[int, ...]
    """Scored tokens; the ladder if empty."""

    def check(self) -> None:
        """Refuse what has no answer.

        Raises:
            UsageError: A number is out of range.
        """
        if not 1 <= self.keys_tested <= MOST_KEYS:
            raise UsageError(f"--keys-tested must be from 1 to {MOST_KEYS:,}")
        if not 0.0 < self.entropy <= MOST_ENTROPY:
            raise UsageError(f"--entropy must be above 0 and at most {MOST_ENTROPY:g} nats")
        if not 0.0 < self.power < 1.0:
            raise UsageError("--power must lie between 0 and 1")
        if any(not 1 <= tokens <= MOST_TOKENS for tokens in self.tokens):
            raise UsageError(f"--tokens must be from 1 to {MOST_TOKENS:,}")


def power_lines(path: Path, asked: Question, output_format: str) -> list[str]:
    """Answer the question; see the verb ``power``."""
    asked.check()
    profile = load_profile(path)
    facts = power_facts(profile, asked)
    if output_format == "json":
        return [msgspec.json.encode(facts).decode()]
    rate = f"{profile.false_positive_rate:g}"
    lines = [
        (
            f"{profile.scheme.name}, {asked.keys_tested:,} "
            f"{'key' if asked.keys_tested == 1 else 'keys'} tested, false-positive rate {rate}, "
            f"{asked.entropy:g} nats a token"
        ),
        "",
        "scored tokens   chance to detect",
        *(f"{row['tokens']:>13,}   {row['power']:>16.1%}" for row in facts["table"]),
        "",
        _needed_words(facts["tokens_needed"], asked.power),
        *facts["assumptions"],
    ]
    return [printable(line.replace("%", " %")) for line in lines]


def power_facts(profile: Profile, asked: Question) -> dict[str, Any]:
    """Work out chances and the number of tokens that suffices.

    Args:
        profile: The profile.
        asked: The question, checked.

    Returns:
        What ``--output-format json`` writes.
    """
    plan = plan_of(profile)
    effect = expected_effect(plan.null, plan.parameters, asked.entropy)
    level = math.log10(profile.false_positive_rate) - math.log10(asked.keys_tested)
    return {
        "profile": profile.name,
        "scheme": profile.scheme.name,
        "keys_tested": asked.keys_tested,
        "false_positive_rate": profile.false_positive_rate,
        "log10_level": level,
        "entropy_nats": asked.entropy,
        "wanted_power": asked.power,
        "tokens_needed": sufficient_tokens(plan, asked.keys_tested, effect, asked.power),
        "table": [
            {"tokens": tokens, "power": power(plan.null, effect, tokens, level)}
            for tokens in asked.tokens or LADDER
        ],
        "assumptions": [*ASSUMPTIONS, *_of_layers(plan.parameters)],
    }


def _of_layers(parameters: Any) -> list[str]:
    """Say which part of a text is scored, where a scheme splits it between keys."""
    share = getattr(parameters, "account_share", None)
    if share is None:
        return []
    return [
        (
            f"An account's key scores {share:.0%} of a text's tokens, a shared or campaign key "
            f"{1.0 - share:.0%}: the text must be as much longer."
        )
    ]


def _needed_words(tokens: int | None, wanted: float) -> str:
    if tokens is None:
        return "No text suffices: a mark this weak cannot be told at this false-positive rate."
    return f"{tokens:,} scored tokens suffice to detect {wanted:.0%} of marked texts."
