"""One text in, one verdict out: detected, not detected, too short, or not tested."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.records.detection import Detection, Verdict, chance_text
from cautery.watermark.multiple_testing import bonferroni
from cautery.watermark.power import PLANNED_POWER, Effect, expected_effect, tokens_needed
from cautery.watermark.scoring import Documents, Plan, best_first, score

if TYPE_CHECKING:
    from cautery.ports import NullDistribution
    from cautery.records.key import Key

NO_TOKENS: Final = "The text has no token ids, and no tokenizer of this profile gave any."


def detect(
    plan: Plan,
    text_id: str | int,
    tokens: Sequence[int] | NDArray[np.int64] | None,
    keys: Sequence[Key],
    *,
    seen: Documents | None = None,
    tests: int | None = None,
    effect: Effect | None = None,
    wanted_power: float = PLANNED_POWER,
) -> Detection:
    """Test one text for keys, and say what was found of the best of them.

    Args:
        plan: How: scheme, parameters, removal of repetitions, false-positive rate.
        text_id: The text's name.
        tokens: Its token ids; nothing if they cannot be had, which makes it "not tested".
        keys: Keys that the scheme accepts, at least one.
        seen: Memory of earlier documents; none to look at this text alone.
        tests: Tests that the p-value is corrected for; the number of keys if not said. Say it
            where the same text is tested under several profiles or epochs.
        effect: What a marked position is expected to show; from the scheme's law if not said.
        wanted_power: A text is too short if a marked one would be detected more seldom.

    Returns:
        The finding: "detected" with a chance of at most the plan's false-positive rate if none
        of the keys marked the text, whatever was tested besides within ``tests``.

    Raises:
        ConfigurationError: No keys: there is no default key.
    """
    if not keys:
        raise ConfigurationError(
            "there is no key to test for", where="keys", hint="Name a key file; none is built in."
        )
    tests = max(tests or len(keys), len(keys))
    if tokens is None:
        return _not_tested(text_id, tests)
    scores = score(plan, tokens, keys, seen)
    place, log10_p = best_first(plan.null, scores, 1)[0]
    corrected = bonferroni(log10_p, tests)
    level = math.log10(plan.false_positive_rate)
    scored = int(scores.counts[place])
    needed = sufficient_tokens(plan, tests, effect, wanted_power)
    verdict, reason = _verdict(corrected, level, scored, needed)
    return Detection(
        id=text_id,
        verdict=verdict,
        tokens=scores.tokens,
        tokens_scored=scored,
        key_id=keys[place].key_id,
        keys_tested=tests,
        statistic=float(scores.statistics[place]),
        log10_p=log10_p,
        log10_corrected_p=corrected,
        tokens_needed=needed,
        reason=reason,
    )


def sufficient_tokens(
    plan: Plan, tests: int, effect: Effect | None = None, wanted_power: float = PLANNED_POWER
) -> int | None:
    """Scored tokens with which a marked text would be detected with the wanted chance.

    Args:
        plan: How texts are tested.
        tests: Tests that share the plan's false-positive rate.
        effect: What a marked position shows; expected from the scheme's law if not said.
        wanted_power: Chance to detect.

    Returns:
        The number; nothing if no text suffices.
    """
    if effect is None:
        effect = expected_effect(plan.null, plan.parameters)
    level = math.log10(plan.false_positive_rate) - math.log10(tests)
    return _sufficient_tokens(plan.null, effect, level, wanted_power)


@lru_cache(maxsize=256)
def _sufficient_tokens(
    null: NullDistribution, effect: Effect, log10_level: float, wanted_power: float
) -> int | None:
    return tokens_needed(null, effect, log10_level, wanted_power)


def _verdict(
    corrected: float, level: float, scored: int, needed: int | None
) -> tuple[Verdict, str]:
    if corrected <= level:
        return Verdict.DETECTED, ""
    if needed is None:
        return Verdict.TOO_SHORT, "A mark this weak cannot be told at this false-positive rate."
    if scored < needed:
        return Verdict.TOO_SHORT, f"{scored} tokens count; {needed} would suffice."
    best = chance_text(corrected)
    return Verdict.NOT_DETECTED, f"The best key has a corrected chance of {best}."


def _not_tested(text_id: str | int, tests: int) -> Detection:
    return Detection(
        id=text_id,
        verdict=Verdict.NOT_TESTED,
        tokens=0,
        tokens_scored=0,
        key_id="",
        keys_tested=tests,
        statistic=None,
        log10_p=None,
        log10_corrected_p=None,
        reason=NO_TOKENS,
    )
