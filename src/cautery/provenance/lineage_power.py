"""What a sample can show of lineage: power by simulation, on the very answers that were compared.

A copy is made of each answer: with chance *followed* the teacher's, else that of an unrelated
model, which is a control that is left out of the others. So the curve has one control fewer than
the report, and is somewhat too low, most of all with few controls; the test of pairs is taken to be
passed by the nearest pair of all, as its floor is lower in the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.provenance.lineage_tests import Agreements, claim_of, means_of_pairs
from cautery.provenance.next_token_agreement import Comparison
from cautery.records.lineage import LineagePower

FOLLOWED: Final = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
"""Shares of prompts on which a copy answers as its teacher."""
COPIES: Final = 100
"""Simulated copies of a point."""
SEED: Final = 20251
"""Reports of the same answers are the same."""
ASSUMPTIONS: Final = (
    "A copy answers as its teacher on a part of the prompts, elsewhere as an unrelated model.",
    "Controls are related to nobody here; an unrelated suspect or teacher is like one of them.",
)


def lineage_power(
    comparison: Comparison,
    teacher: int,
    controls: Sequence[int],
    log10_level: float,
    followed: Sequence[float] = FOLLOWED,
) -> tuple[LineagePower, ...]:
    """Simulate copies of a teacher, and count how many would show.

    Args:
        comparison: Of all models.
        teacher: Its place.
        controls: Places of the controls, at least three.
        log10_level: Largest chance that counts.
        followed: Shares of prompts on which a copy answers as its teacher.

    Returns:
        A point for each share.
    """
    draw = np.random.default_rng(SEED)
    rest = {base: [one for one in controls if one != base] for base in controls}
    points = []
    for share in followed:
        shown = 0
        for copy in range(COPIES):
            base = controls[copy % len(controls)]
            follows = draw.random(len(comparison.prompt_ids)) < share
            given = _copied(comparison, teacher, base, rest[base], follows)
            shown += claim_of(given).log10_left_out_p <= log10_level
        points.append(LineagePower(followed_share=share, power=shown / COPIES))
    return tuple(points)


def _copied(
    comparison: Comparison,
    teacher: int,
    base: int,
    others: Sequence[int],
    follows: NDArray[np.bool_],
) -> Agreements:
    """Say how a copy agrees that follows its teacher on some prompts, and a base on the others."""
    near = np.array([comparison.score(teacher, one) for one in others])
    far = np.array([comparison.score(base, one) for one in others])
    return Agreements(
        suspect_teacher=np.where(follows, 1.0, comparison.score(base, teacher)),
        suspect_controls=np.where(follows, near, far),
        teacher_controls=near,
        control_pairs=means_of_pairs(comparison, others),
    )
