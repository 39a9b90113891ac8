"""How often the lineage probe accuses unrelated models, and how often it finds students.

Run::

    python -m benchmarks.lineage
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from benchmarks.lineage_models import TableModel, student, unrelated

from cautery.provenance.lineage_power import lineage_power
from cautery.provenance.lineage_tests import Claim, agreements_of, claim_of
from cautery.provenance.next_token_agreement import Comparison, compare
from cautery.provenance.probes.lineage import SHOWN_SHARE, WANTED_POWER
from cautery.watermark.multiple_testing import holm

LEVEL: Final = 0.01
LEVELS: Final = {3: 0.1, 5: 0.05, 9: 0.02, 13: 0.01, 20: 0.01}
"""By the number of controls, the smallest round level that so many can show, and LEVEL at most."""
MODELS: Final = 24
WORLDS: Final = 4
WORLDS_OF: Final[tuple[tuple[str, float, float, float], ...]] = (
    ("all alike", 0.0, 1.0, 0.0),
    ("half of one family", 0.3, 1.0, 0.0),
    ("half weaker", 0.0, 2.0, 0.0),
    ("two default answers", 0.0, 1.0, 0.6),
)
"""Name, shared part of a family, factor of the weaker half's spread, part of default answers."""
SHARES: Final = (0.1, 0.2, 0.3, 0.5, 1.0)
STUDENTS: Final = 20
FEWER_PROMPTS: Final = (50, 100, 200)


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


def accused_share(claims: list[Claim], level: float) -> tuple[float, float, float]:
    """Give the share that is accused, and what the tests without pairs, and of signs, would."""
    log10_level = math.log10(level)
    whole = [claim.log10_p <= log10_level for claim in claims]
    spread = [claim.log10_spread_p <= log10_level for claim in claims]
    signs = [holm(np.array(claim.log10_prompts_p)).max() <= log10_level for claim in claims]
    return float(np.mean(whole)), float(np.mean(spread)), float(np.mean(signs))


def least_power(comparison: Comparison, controls: int, level: float) -> tuple[float, float]:
    """Take each model as the teacher, others as controls, and ask what a copy would show.

    Returns:
        The smallest power for a copy that follows on ``SHOWN_SHARE`` of the prompts, and the part
        of the teachers of which it is under ``WANTED_POWER``.
    """
    draw = np.random.default_rng(controls)
    places = range(len(comparison.names))
    found = []
    for teacher in places:
        rest = [one for one in places if one != teacher]
        chosen = draw.choice(rest, controls, replace=False).tolist()
        (point,) = lineage_power(comparison, teacher, chosen, math.log10(level), (SHOWN_SHARE,))
        found.append(point.power)
    return min(found), float(np.mean(np.array(found) < WANTED_POWER))


def first_prompts(comparison: Comparison, prompts: int) -> Comparison:
    """Compare on some of the prompts alone."""
    ids, codes = comparison.prompt_ids[:prompts], comparison.codes[:, :prompts]
    return Comparison(comparison.names, ids, comparison.basis, codes, ())


def found_share(controls: int, share: float, *, listed: bool) -> tuple[float, float]:
    """Give the share of students that are found, and their mean agreement with the teacher."""
    models = unrelated(controls + 2, 77)
    found, near = [], []
    for seed in range(STUDENTS):
        copy = student(models[0], models[1], share, seed)
        comparison = compared([copy, *models], listed=listed)
        claim = claim_of(agreements_of(comparison, 0, 1, range(3, 3 + controls)))
        found.append(claim.log10_p <= math.log10(LEVELS[controls]))
        near.append(comparison.score(0, 1).mean())
    return float(np.mean(found)), float(np.mean(near))


def main() -> None:
    """Print the tables."""
    for name, *world in WORLDS_OF:
        for listed in (False, True):
            worlds = [
                compared(unrelated(MODELS, seed, *world), listed=listed) for seed in range(WORLDS)
            ]
            for controls, level in LEVELS.items():
                claims = [one for w in worlds for one in wrong_claims(w, controls, controls)]
                whole, spread, signs = accused_share(claims, level)
                least, unseen = least_power(worlds[0], controls, level)
                print(
                    f"{name}, {worlds[0].basis}, {controls} controls, level {level:g}, "
                    f"{len(claims):,} claims: accused {whole:.2%}, without the test of pairs "
                    f"{spread:.2%}, by sign tests alone {signs:.2%}; copies that follow on "
                    f"{SHOWN_SHARE:.0%}: smallest power {least:.2f}, too little for {unseen:.0%}",
                    flush=True,
                )
    for listed in (False, True):
        alike = compared(unrelated(MODELS, 0), listed=listed)
        for prompts in FEWER_PROMPTS:
            least, unseen = least_power(first_prompts(alike, prompts), 13, LEVEL)
            print(
                f"{alike.basis}, {prompts} prompts, 13 controls: smallest power {least:.2f}, too "
                f"little for {unseen:.0%}",
                flush=True,
            )
    for listed in (False, True):
        for share in SHARES:
            for controls in LEVELS:
                found, near = found_share(controls, share, listed=listed)
                print(
                    f"listed {listed} share {share} {controls} controls: found {found:.0%}, "
                    f"agreement {near:.3f}"
                )


if __name__ == "__main__":
    main()
