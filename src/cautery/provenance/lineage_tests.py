"""The tests behind the lineage probe: prompt by prompt, and against the spread of unrelated models.

Null: the suspect does not descend from the teacher. Four chances are computed, and the largest
counts, so that a claim needs all of them to be small:

- *Prompts.* Against each control the prompts on which the suspect is nearer to the teacher than to
  the control, and those on which it is the other way round: an exact one-sided sign test (McNemar
  1947) on these, with chance 1/2 at most under "no nearer to the teacher than to this control";
  Holm over the controls, of which the largest counts. These are the hypotheses of Nikolic, Baluta
  and Saxena, *Model provenance testing for large language models* (NeurIPS 2025), who use a z-test.
- *The suspect's agreements.* With ever more prompts the first test would name the nearest of any
  unrelated models. So the suspect's agreement with the teacher must lie above its agreements with
  the controls: Student's t for one new value, on log-odds. It is exact if these are normal and the
  teacher, under the null, is one more like the controls.
- *The teacher's agreements.* The same among the teacher's agreements, against a teacher with whom
  everybody agrees.
- *Pairs.* Models form camps, and then agreements are not normal: with few controls, all of them may
  be of another camp than both suspect and teacher, whatever their spread says. So the pair must
  also be among the nearest of all pairs of suspect, teacher and controls. If these models are
  exchangeable under the null, as likely in any order, then the pair is as likely each of the pairs,
  and its rank divided by their number is an exact chance: no law of agreements is needed. The price
  is a floor. With n controls no chance is below 1 / ((n + 2)(n + 1) / 2).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from cautery.provenance.next_token_agreement import Comparison, Floats
from cautery.watermark.multiple_testing import holm
from cautery.watermark.null_distributions import GreenCount

FEWEST_CONTROLS: Final = 3
MOST_CONTROLS: Final = 50
MOST_TEACHERS: Final = 20
ROUNDING: Final = 1e-12
"""Means that differ by so little are the same: such a pair is as near."""
_FAIR: Final = GreenCount(share=0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreements:
    """What one claim, of one suspect and one teacher, rests on; scores from 0 to 1."""

    suspect_teacher: Floats
    """Shape (prompts,)."""
    suspect_controls: Floats
    """Shape (controls, prompts)."""
    teacher_controls: Floats
    """Shape (controls, prompts)."""
    control_pairs: Floats
    """Mean agreement of each pair of controls, shape (controls (controls - 1) / 2,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One suspect against one teacher."""

    ahead: tuple[int, ...]
    """Prompts on which the suspect is nearer to the teacher than to each control."""
    behind: tuple[int, ...]
    """The other way round."""
    log10_prompts_p: tuple[float, ...]
    """Of the sign test against each control, not corrected."""
    log10_suspect_p: float
    log10_teacher_p: float
    log10_spread_p: float
    """The largest of these, Holm's over the controls included."""
    controls_as_near: int
    """Controls that agree with the suspect as much as the teacher does, or more."""
    pairs_as_near: int
    """Other pairs of models that agree as much as suspect and teacher, or more."""
    pairs: int
    """Pairs of models: of suspect, teacher and controls."""

    @property
    def log10_pairs_p(self) -> float:
        """Chance of so near a pair among exchangeable models."""
        return math.log10((self.pairs_as_near + 1) / self.pairs)

    @property
    def log10_p(self) -> float:
        """The largest of all."""
        return max(self.log10_spread_p, self.log10_pairs_p)

    @property
    def log10_left_out_p(self) -> float:
        """The same where a control had to be left out: the nearest of all pairs is near enough.

        One control fewer lifts the floor of the test of pairs, often above the level.
        """
        return self.log10_p if self.pairs_as_near else self.log10_spread_p


def agreements_of(
    comparison: Comparison, suspect: int, teacher: int, controls: Sequence[int]
) -> Agreements:
    """Take what a claim rests on from a comparison; models are given by their places."""
    return Agreements(
        suspect_teacher=comparison.score(suspect, teacher),
        suspect_controls=np.array([comparison.score(suspect, one) for one in controls]),
        teacher_controls=np.array([comparison.score(teacher, one) for one in controls]),
        control_pairs=means_of_pairs(comparison, controls),
    )


def means_of_pairs(comparison: Comparison, models: Sequence[int]) -> Floats:
    """Give the mean agreement of each pair of models, shape (pairs,)."""
    return np.array([comparison.mean(*pair) for pair in itertools.combinations(models, 2)])


def claim_of(given: Agreements) -> Claim:
    """Test one claim.

    Args:
        given: Agreements, with at least two controls.

    Returns:
        The claim, with its chances under the null.
    """
    gaps = given.suspect_teacher - given.suspect_controls
    ahead = (gaps > 0.0).sum(axis=1).tolist()
    behind = (gaps < 0.0).sum(axis=1).tolist()
    chances = [sign_test(one, other) for one, other in zip(ahead, behind, strict=True)]
    suspect = new_value_test(given.suspect_teacher, given.suspect_controls)
    teacher = new_value_test(given.suspect_teacher, given.teacher_controls)
    own = given.suspect_teacher.mean() - ROUNDING
    near = given.suspect_controls.mean(axis=1) >= own
    others = given.teacher_controls.mean(axis=1) >= own, given.control_pairs >= own
    controls = len(given.suspect_controls)
    return Claim(
        ahead=tuple(ahead),
        behind=tuple(behind),
        log10_prompts_p=tuple(chances),
        log10_suspect_p=suspect,
        log10_teacher_p=teacher,
        log10_spread_p=max(float(holm(np.array(chances)).max()), suspect, teacher),
        controls_as_near=int(near.sum()),
        pairs_as_near=int(near.sum() + sum(other.sum() for other in others)),
        pairs=pairs_of(controls),
    )


def pairs_of(controls: int) -> int:
    """Count the pairs of suspect, teacher and so many controls."""
    return math.comb(controls + 2, 2)


def controls_needed(level: float, teachers: int) -> int:
    """Give the fewest controls with which a chance at the level can be shown at all.

    Args:
        level: Chance that any teacher is named wrongly.
        teachers: That are tested for; Holm corrects for all.

    Example:
        >>> controls_needed(0.01, 1), controls_needed(0.05, 1), controls_needed(0.01, 3)
        (13, 5, 23)
    """
    controls = FEWEST_CONTROLS
    while teachers > level * pairs_of(controls):
        controls += 1
    return controls


def sign_test(ahead: int, behind: int) -> float:
    """Give log10 of the chance of so many prompts ahead, or more, of all that are not ties.

    Example:
        >>> round(10 ** sign_test(8, 2), 4)
        0.0547
    """
    return _FAIR.log10_upper_tail(float(ahead), ahead + behind) if ahead else 0.0


def new_value_test(value: Floats, others: Floats) -> float:
    """Give log10 of the chance that one more of some normal values lies as high.

    Args:
        value: Scores of the new one, shape (prompts,).
        others: Scores of the others, shape (others, prompts), at least two.

    Returns:
        Student's t with one degree of freedom less than there are others. Their spread counts as no
        smaller than what so few prompts cause.
    """
    from scipy.special import stdtr  # some time of import, for reports alone

    count, prompts = others.shape
    shares = (others.sum(axis=1) + 0.5) / (prompts + 1.0)
    share = (float(value.sum()) + 0.5) / (prompts + 1.0)
    odds = np.log(shares) - np.log1p(-shares)
    least = float(np.mean(1.0 / (prompts * shares * (1.0 - shares))))
    spread = math.sqrt(max(float(odds.var(ddof=1)), least) * (1.0 + 1.0 / count))
    distance = (math.log(share) - math.log1p(-share) - float(odds.mean())) / spread
    return math.log10(max(float(stdtr(count - 1, -distance)), 1e-300))


def corrected(claims: Sequence[Claim], *, left_out: bool = False) -> Floats:
    """Correct the chances of several teachers together (Holm), as logarithms.

    Args:
        claims: One a teacher.
        left_out: Whether a control was left out.
    """
    return holm(np.array([one.log10_left_out_p if left_out else one.log10_p for one in claims]))


def accused_controls(
    comparison: Comparison, teachers: Sequence[int], controls: Sequence[int], log10_level: float
) -> list[int]:
    """Leave each control out, and test it as if it were the suspect, against the other controls.

    Args:
        comparison: Of all models.
        teachers: Their places.
        controls: Places of unrelated models, at least three.
        log10_level: Largest chance, after correction over the teachers, that accuses.

    Returns:
        Places of the controls that are accused of descending from a teacher, all of them wrongly.
    """
    accused = []
    for one in controls:
        others = [other for other in controls if other != one]
        claims = [claim_of(agreements_of(comparison, one, teacher, others)) for teacher in teachers]
        if float(corrected(claims, left_out=True).min()) <= log10_level:
            accused.append(one)
    return accused


def interval_of(count: int, trials: int) -> tuple[float, float]:
    """Give the exact 95 % interval of a share (Clopper and Pearson 1934).

    Example:
        >>> [round(end, 3) for end in interval_of(0, 10)]
        [0.0, 0.308]
    """
    from scipy.special import betaincinv  # likewise

    low = float(betaincinv(count, trials - count + 1, 0.025)) if count else 0.0
    high = float(betaincinv(count + 1, trials - count, 0.975)) if count < trials else 1.0
    return low, high
