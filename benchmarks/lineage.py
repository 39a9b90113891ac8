"""How often the lineage probe accuses unrelated models, and how often it finds students.

Run::

    python -m benchmarks.lineage
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from benchmarks.lineage_models import TableModel, student, unrelated

from cautery.provenance.lineage_tests import Claim, agreements_of, claim_of
from cautery.provenance.next_token_agreement import Comparison, compare
from cautery.watermark.multiple_testing import holm

LEVEL: Final = 0.01
MODELS: Final = 24
WORLDS: Final = 4
WORLDS_OF: Final[tuple[tuple[str, float, float, float], ...]] = (
    ("all alike", 0.0, 1.0, 0.0),
    ("half of one family", 0.3, 1.0, 0.0),
    ("half weaker", 0.0, 2.0, 0.0),
    ("two default answers", 0.0, 1.0, 0.6),
)
"""Name, shared part of a family, factor of the weaker half's spread, part of default answers."""
CONTROLS: Final = (3, 5, 10, 20)
SHARES: Final = (0.1, 0.2, 0.3, 0.5, 1.0)
STUDENTS: Final = 20


def compared(models: list[TableModel], *, listed: bool) -> Comparison:
    """Ask all models."""
    return compare(
        [
            model.answered(f"m{place}", listed=listed, tokenizer="words")
            for place, model in enumerate(models)
        ]
    )


def wrong_claims(comparison: Comparison, controls: int, seed: int) -> list[Claim]:
    """Test every model as the suspect against every other, with controls drawn from the rest."""
    draw = np.random.default_rng(seed)
    places = range(len(comparison.names))
    claims = []
    for suspect in places:
        for teacher in places:
            rest = [one for one in places if one not in {suspect, teacher}]
            if suspect != teacher:
                chosen = draw.choice(rest, controls, replace=False).tolist()
                claims.append(claim_of(agreements_of(comparison, suspect, teacher, chosen)))
    return claims


def accused_share(claims: list[Claim]) -> tuple[float, float]:
    """Give the share that is accused, and what the sign tests alone would accuse."""
    level = math.log10(LEVEL)
    both = [claim.log10_p <= level for claim in claims]
    signs = [holm(np.array(claim.log10_prompts_p)).max() <= level for claim in claims]
    return float(np.mean(both)), float(np.mean(signs))


def found_share(controls: int, share: float, *, listed: bool) -> tuple[float, float]:
    """Give the share of students that are found, and their mean agreement with the teacher."""
    models = unrelated(controls + 2, 77)
    found, near = [], []
    for seed in range(STUDENTS):
        copy = student(models[0], models[1], share, seed)
        comparison = compared([copy, *models], listed=listed)
        claim = claim_of(agreements_of(comparison, 0, 1, range(3, 3 + controls)))
        found.append(claim.log10_p <= math.log10(LEVEL))
        near.append(comparison.score(0, 1).mean())
    return float(np.mean(found)), float(np.mean(near))


def main() -> None:
    """Print the tables."""
    for name, *world in WORLDS_OF:
        for listed in (False, True):
            worlds = [
                compared(unrelated(MODELS, seed, *world), listed=listed) for seed in range(WORLDS)
            ]
            for controls in CONTROLS:
                claims = [one for w in worlds for one in wrong_claims(w, controls, controls)]
                both, signs = accused_share(claims)
                print(
                    f"{name}, {worlds[0].basis}, {controls} controls, {len(claims):,} "
                    f"claims: accused {both:.2%}, by sign tests alone {signs:.2%}"
                )
    for listed in (False, True):
        for share in SHARES:
            for controls in CONTROLS:
                found, near = found_share(controls, share, listed=listed)
                print(
                    f"listed {listed} share {share} {controls} controls: found {found:.0%}, "
                    f"agreement {near:.3f}"
                )


if __name__ == "__main__":
    main()
