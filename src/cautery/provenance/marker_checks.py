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
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.provenance.lineage_tests import interval_of
from cautery.records.canary import MarkerTest, WrongKeys
from cautery.records.key import Secret
from cautery.watermark.markers import Marker, PlantedMarker, choice_of
from cautery.watermark.multiple_testing import holm

WANTED_POWER: Final = 0.9
MOST_WRONG_KEYS: Final = 1_000
FEWEST_WRONG_KEYS: Final = 20
MOST_DRAWS: Final = 50_000
"""Choices that are drawn for wrong keys; bounds the time to a second or two."""


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
    found = _counted(planted, answers)
    hits = [one.hits(key) for one in found]
    chances = [_tails(one.shares)[count] for count, one in zip(hits, found, strict=True)]
    corrected = holm(np.array(chances))
    first = math.log10(level / len(found))
    tests = [
        MarkerTest(
            campaign_id=one.campaign_id,
            markers=one.markers,
            counted=len(one.shares),
            hits=count,
            expected=math.fsum(one.shares),
            log10_p=chance,
            log10_smallest=_tails(one.shares)[-1],
            log10_corrected_p=float(own),
            detected=float(own) <= math.log10(level),
            share_needed=_share_needed(one.shares, first),
        )
        for one, count, chance, own in zip(found, hits, chances, corrected, strict=True)
    ]
    return sorted(tests, key=lambda test: (test.log10_p, test.campaign_id))


def wrong_keys(
    planted: Sequence[PlantedMarker], answers: Iterable[tuple[str, str]], level: float, seed: int
) -> WrongKeys:
    """Check the same answers under keys that drew nothing that anybody was given.

    Args:
        planted: Markers of a registry.
        answers: Questions that the suspect was asked, and its answers.
        level: Chance that any campaign is named wrongly.
        seed: Of the keys.

    Returns:
        How many of them name a campaign: all wrongly, whatever the suspect learned.
    """
    found = [one for one in _counted(planted, answers) if one.shares]
    draws = sum(len(one.shares) for one in found)
    count = max(FEWEST_WRONG_KEYS, min(MOST_WRONG_KEYS, MOST_DRAWS // max(draws, 1)))
    names = max(len({one.campaign_id for one in planted}), 1)
    first = math.log10(level / names)
    # Holm names a campaign if and only if the smallest chance passes its first step.
    needed = [_hits_needed(one.shares, first) for one in found]
    random = np.random.default_rng(seed)
    accusing = 0
    for _ in range(count):
        key = Secret(random.bytes(32))
        accusing += any(
            least is not None and one.hits(key) >= least
            for one, least in zip(found, needed, strict=True)
        )
    low, high = interval_of(accusing, count)
    return WrongKeys(
        keys=count, accusing=accusing, rate=accusing / count, rate_low=low, rate_high=high
    )


@dataclass(frozen=True, slots=True)
class _Campaign:
    """A campaign's markers that a suspect's answers say something of."""

    campaign_id: str
    markers: int
    chosen: list[tuple[Marker, int]]
    """Markers that count, and what the suspect chose."""

    @property
    def shares(self) -> tuple[float, ...]:
        """Chance that each is a hit."""
        return tuple(1.0 / len(marker.choices) for marker, _ in self.chosen)

    def hits(self, key: Secret) -> int:
        """Count those where the suspect chose as the key drew."""
        return sum(choice_of(key, self.campaign_id, one) == chosen for one, chosen in self.chosen)


def _counted(
    planted: Sequence[PlantedMarker], answers: Iterable[tuple[str, str]]
) -> list[_Campaign]:
    votes = _votes(planted, answers)
    campaigns: dict[str, _Campaign] = {}
    for one in planted:
        given = campaigns.get(one.campaign_id) or _Campaign(one.campaign_id, 0, [])
        best = votes[str(one.marker)].most_common(2)
        if best and (len(best) == 1 or best[0][1] > best[1][1]):
            given.chosen.append((one.marker, best[0][0]))
        campaigns[one.campaign_id] = replace(given, markers=given.markers + 1)
    return list(campaigns.values())


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


def _hits_needed(shares: tuple[float, ...], log10_level: float) -> int | None:
    """Give the fewest hits whose chance is at most the level; None if all are too few."""
    return next((hits for hits, tail in enumerate(_tails(shares)) if tail <= log10_level), None)


@lru_cache(maxsize=1_024)
def _share_needed(shares: tuple[float, ...], log10_level: float) -> float | None:
    """Give the part of the markers that a copy must repeat; elsewhere it hits by chance."""
    least = _hits_needed(shares, log10_level)
    if least is None:
        return None
    low, high = 0.0, 1.0
    for _ in range(20):
        middle = 0.5 * (low + high)
        copied = tuple(middle + (1.0 - middle) * share for share in shares)
        shown = 10.0 ** _tails(copied)[least] >= WANTED_POWER
        low, high = (low, middle) if shown else (middle, high)
    return high


@lru_cache(maxsize=1_024)
def _tails(shares: tuple[float, ...]) -> tuple[float, ...]:
    """Give log10 of the chance of so many hits or more, for each number of hits.

    Exact: all terms are positive.
    """
    logs: NDArray[np.float64] = np.full(len(shares) + 1, -np.inf)
    logs[0] = 0.0
    for share in shares:
        missed = logs + (math.log1p(-share) if share < 1.0 else -math.inf)
        logs = np.logaddexp(missed, np.append(-np.inf, logs[:-1] + math.log(share)))
    tails = np.logaddexp.accumulate(logs[::-1])[::-1] / math.log(10.0)
    return tuple(np.minimum(tails, 0.0).tolist())
