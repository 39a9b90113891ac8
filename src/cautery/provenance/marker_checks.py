"""Whether a suspect repeats the markers of a campaign: an exact test over the keyed draws.

Null: whoever made the suspect knew neither the key nor an answer of the campaign. Then its choice
for a marker, whatever it prefers, meets the key's draw with chance 1/k, k the number of choices,
independently from marker to marker. So the number of hits follows a binomial law, or a
Poisson-binomial one where markers have different numbers of choices. A marker counts once, by what
the suspect chose most often: its answers to like questions are alike. Holm over campaigns.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.provenance.markers import PlantedMarker, choice_of
from cautery.records.key import Secret
from cautery.watermark.multiple_testing import holm


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerTest:
    """One campaign's markers against the suspect."""

    campaign_id: str
    markers: int
    """Markers that the campaign was given."""
    counted: int
    """Of them those of which the suspect's answers hold one choice more often than any other."""
    hits: int
    """Of these those where it is the campaign's."""
    expected: float
    """Hits that chance gives."""
    log10_p: float
    """Chance of so many hits or more without the campaign's answers."""
    log10_smallest: float
    """Chance if all had been hits: what so many markers can show at best."""
    log10_corrected_p: float
    """Holm's, over all campaigns."""
    detected: bool


def check(
    planted: Sequence[PlantedMarker],
    key: Secret,
    answers: Iterable[tuple[str, str]],
    level: float = 1e-3,
) -> list[MarkerTest]:
    """Test a suspect for the markers of every campaign.

    Args:
        planted: Markers of a registry.
        key: Of the registry.
        answers: Questions that the suspect was asked, and its answers.
        level: Chance that any campaign is named wrongly.

    Returns:
        A test for each campaign, the smallest chance first.

    Raises:
        ConfigurationError: There is no marker, or the level is none.
    """
    if not planted:
        raise ConfigurationError("there is no marker to check for", where="markers")
    if not 0.0 < level < 1.0:
        raise ConfigurationError(f"must lie between 0 and 1, not {level}", where="level")
    campaigns: dict[str, list[PlantedMarker]] = {}
    for one in planted:
        campaigns.setdefault(one.campaign_id, []).append(one)
    votes = _votes(planted, answers)
    found = [_counted(key, name, given, votes) for name, given in campaigns.items()]
    chances = holm(np.array([_tail(hits, shares) for _, _, hits, shares in found]))
    tests = [
        MarkerTest(
            campaign_id=name,
            markers=markers,
            counted=len(shares),
            hits=hits,
            expected=math.fsum(shares),
            log10_p=_tail(hits, shares),
            log10_smallest=_tail(len(shares), shares),
            log10_corrected_p=float(chance),
            detected=float(chance) <= math.log10(level),
        )
        for (name, markers, hits, shares), chance in zip(found, chances, strict=True)
    ]
    return sorted(tests, key=lambda test: (test.log10_p, test.campaign_id))


def _votes(
    planted: Sequence[PlantedMarker], answers: Iterable[tuple[str, str]]
) -> Mapping[str, Counter[int]]:
    """Count the suspect's choices for each marker, by the marker's content."""
    different = {one.marker: str(one.marker) for one in planted}
    votes: dict[str, Counter[int]] = {text: Counter() for text in different.values()}
    for question, answer in answers:
        for marker, text in different.items():
            if marker.fits(question):
                chosen = marker.chosen_in(answer)
                if chosen is not None:
                    votes[text][chosen] += 1
    return votes


def _counted(
    key: Secret, campaign_id: str, given: Sequence[PlantedMarker], votes: Mapping[str, Counter[int]]
) -> tuple[str, int, int, list[float]]:
    """Count a campaign's hits, and collect the chance of each."""
    hits, shares = 0, []
    for one in given:
        best = votes[str(one.marker)].most_common(2)
        if not best or (len(best) > 1 and best[0][1] == best[1][1]):
            continue
        shares.append(1.0 / len(one.marker.choices))
        hits += best[0][0] == choice_of(key, campaign_id, one.marker)
    return campaign_id, len(given), hits, shares


def _tail(hits: int, shares: Sequence[float]) -> float:
    """Give log10 of the chance of so many hits or more; exact (all terms are positive)."""
    logs: NDArray[np.float64] = np.full(len(shares) + 1, -np.inf)
    logs[0] = 0.0
    for share in shares:
        missed = logs + math.log1p(-share)
        logs = missed
        logs[1:] = np.logaddexp(missed[1:], np.roll(missed, 1)[1:] + _log_odds(share))
    return min(float(np.logaddexp.reduce(logs[hits:])) / math.log(10.0), 0.0)


def _log_odds(share: float) -> float:
    return math.log(share) - math.log1p(-share)
