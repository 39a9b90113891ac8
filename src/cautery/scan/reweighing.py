"""Reweighing: what follows from the rows of a case, with some of them left out if one likes.

A case keeps the rows of every waterfall. Priors and limits are set anew from the rest, as a scan
sets them, so that a decision can be repeated, and asked how it would have been otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from cautery.records.evidence import Weight
from cautery.scan.evidence import WEIGHTS_VERSION, Verdict, chance, verdict_of
from cautery.scan.limits import LIMITS
from cautery.scan.local_calibration import SIGNAL as CORRECTION
from cautery.scan.member_calibration import SIGNAL as MEMBER_CALIBRATION
from cautery.scan.member_calibration import calibration_bits
from cautery.scan.membership import MOST_INFRASTRUCTURE_BITS
from cautery.scan.settling import stability_rows
from cautery.scan.stability import NOT_TO_BE_TRUSTED
from cautery.scan.weighing import rounded

PRIOR: Final = "prior"
SHARING_LIMIT: Final = "sharing_limit"
STABILITY: Final = "stability"
_SET_ANEW: Final = frozenset({SHARING_LIMIT, STABILITY, MEMBER_CALIBRATION})
_STABILITY_ROW: Final = Weight(
    signal=STABILITY,
    label="group changes when the evidence is redrawn",
    aspect="linkage",
    family="context",
    bits=0.0,
)


class Reweighing:
    """The rules of this version of the weights."""

    version: str = WEIGHTS_VERSION
    """Version of the weights; a case of another one follows other rules."""

    def group(self, weights: Sequence[Weight]) -> Verdict:
        """Judge a group by its rows.

        Args:
            weights: Rows of a campaign's waterfall; prior and limits are set anew.

        Returns:
            The verdict.
        """
        set_anew = {PRIOR, CORRECTION, *LIMITS}
        # In the order of a scan: half a tenth is rounded by the last bit of a sum.
        rows = sorted(
            (row for row in weights if row.signal not in set_anew), key=lambda row: row.signal
        )
        return verdict_of(rows, [row for row in weights if row.signal == CORRECTION])

    def member(
        self, weights: Sequence[Weight], account_stability: float | None, stability: float | None
    ) -> tuple[tuple[Weight, ...], float]:
        """Judge an account's membership by its rows.

        Args:
            weights: Rows of a member's waterfall; limits are set anew.
            account_stability: Share of the runs that have the account in the group, if measured.
            stability: How far the group comes back, if measured.

        Returns:
            The rows, and the chance that the account belongs to the group's operator.
        """
        stated = {row.signal: row for row in weights if row.signal in _SET_ANEW}
        rows = [row for row in weights if row.signal not in stated]
        shared = sum(row.bits for row in rows if row.family == "infrastructure")
        excess = rounded(MOST_INFRASTRUCTURE_BITS - shared)
        if excess < 0 and SHARING_LIMIT in stated:
            rows.append(replace(stated[SHARING_LIMIT], bits=excess))
        if STABILITY in stated and stability == NOT_TO_BE_TRUSTED:
            # A case has three decimals of what stood just below.
            stability = float(np.nextafter(NOT_TO_BE_TRUSTED, 0.0))
        if MEMBER_CALIBRATION in stated:
            more = calibration_bits(np.array([rounded(sum(row.bits for row in rows))]))
            rows.append(replace(stated[MEMBER_CALIBRATION], bits=float(more[0])))
        before = chance(rounded(sum(row.bits for row in rows)))
        wanted, taken = stability_rows(
            np.array([before]), _measured(account_stability), _measured(stability)
        )
        if taken[0] < 0:
            rows.append(replace(stated.get(STABILITY, _STABILITY_ROW), bits=float(taken[0])))
            before = chance(float(wanted[0]))
        return tuple(rows), before


def _measured(value: float | None) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array([np.nan if value is None else value])
