"""Whose text: every profile and key at once, corrected together, with the places in the text."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from cautery import __version__
from cautery.errors import ConfigurationError
from cautery.records.detection import Detection, Verdict
from cautery.records.provenance import Certificate, KeyEvidence, MarkedStretch, TestedProfile
from cautery.watermark.attribution import attribute
from cautery.watermark.detection import detect
from cautery.watermark.localisation import marked_regions
from cautery.watermark.multiple_testing import holm_front
from cautery.watermark.profile import caveat_of
from cautery.watermark.scoring import shared_positions, unrepeated
from cautery.watermark.verification import plan_of
from cautery.watermark.wrong_key_replay import replay, wrong_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cautery.records.key import Key
    from cautery.watermark.profile import Profile
    from cautery.watermark.scoring import Plan

CANDIDATES: Final = 5
"""Keys that a certificate shows of each profile."""
REPLAYED_KEYS: Final = 1_000
"""Wrong keys on the same text: ranks reach down to 1e-3, and the tail is extrapolated below."""
REPLAY_SEED: Final = 20_261_125
LIMITS: Final = (
    "A detected key marked this text, or somebody who has the key put the mark there.",
    "Not detected is not absent: paraphrase, translation and heavy editing remove a mark.",
    "The chance is that of unmarked text; it is not the chance that the account is guilty.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysOfProfile:
    """A profile and the keys to test for under it."""

    profile: Profile
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A text under test, as each profile's tokenizer reads it."""

    text_id: str | int
    sha256: str
    tokens: tuple[NDArray[np.int64] | None, ...]
    """Token ids by profile; None where its tokenizer is not at hand."""


def digest_of(text: str | NDArray[np.int64]) -> str:
    """Digest a text, so that a certificate names it without holding it.

    Args:
        text: A text, or token ids.

    Returns:
        Hexadecimal SHA-256 of its UTF-8 bytes, or of the ids as 64-bit little-endian numbers.
    """
    if isinstance(text, str):
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return hashlib.sha256(np.asarray(text, dtype="<i8").tobytes()).hexdigest()


def certify(suspect: Suspect, tested: Sequence[KeysOfProfile]) -> Certificate:
    """Test one text for every key of every profile.

    Null: none of the keys marked the text. All keys are corrected together (Holm), so that the
    chance that any is named wrongly is at most the smallest false-positive rate of the profiles.

    Args:
        suspect: The text.
        tested: Profiles and their keys, at least one of each.

    Returns:
        The certificate.

    Raises:
        ConfigurationError: There is nothing to test for.
    """
    if not tested or not all(each.keys for each in tested):
        raise ConfigurationError("there is no key to test for", where="keys")
    tests = sum(len(each.keys) for each in tested)
    rate = min(each.profile.false_positive_rate for each in tested)
    profiles, found = [], []
    for each, tokens in zip(tested, suspect.tokens, strict=True):
        plan = replace(plan_of(each.profile), false_positive_rate=rate)
        finding = detect(plan, suspect.text_id, tokens, each.keys, tests=tests)
        profiles.append(_profile(each, finding))
        if tokens is not None:
            found += _evidence(each, plan, tokens, tests)
    found.sort(key=lambda evidence: (evidence.log10_p, evidence.key_id))
    corrected = holm_front(np.array([one.log10_p for one in found]), tests)
    level = math.log10(rate)
    candidates = [
        replace(one, log10_corrected_p=float(log10_p), detected=bool(log10_p <= level))
        for one, log10_p in zip(found, corrected, strict=True)
    ]
    located = tuple(_located(one, suspect, tested, rate) for one in candidates)
    return Certificate(
        software=f"cautery {__version__}",
        text_id=suspect.text_id,
        text_sha256=suspect.sha256,
        false_positive_rate=rate,
        keys_tested=tests,
        profiles=tuple(profiles),
        candidates=located,
        account_ids=_named(one.account_id for one in located if one.detected),
        campaign_ids=_named(one.campaign_id for one in located if one.detected),
        margin=_margin(located),
        limits=(*LIMITS, *(each for each in map(_caveat, tested) if each)),
    )


def _caveat(each: KeysOfProfile) -> str:
    caveat = caveat_of(each.profile)
    return f"{each.profile.name}: {caveat}" if caveat else ""


def _profile(each: KeysOfProfile, finding: Detection) -> TestedProfile:
    short = finding.verdict is Verdict.TOO_SHORT
    return TestedProfile(
        profile=each.profile.name,
        digest=each.profile.digest,
        scheme=each.profile.scheme.name,
        keys=len(each.keys),
        verdict=str(finding.verdict),
        reason=finding.reason,
        tokens=finding.tokens,
        tokens_needed=finding.tokens_needed if short else None,
    )


def _evidence(
    each: KeysOfProfile, plan: Plan, tokens: NDArray[np.int64], tests: int
) -> list[KeyEvidence]:
    """Take the front runners of one profile; their correction waits for the other profiles."""
    by_id = {key.key_id: key for key in each.keys}
    ranked = attribute(plan, tokens, each.keys, tests=tests, most=CANDIDATES).candidates
    return [
        KeyEvidence(
            profile=each.profile.name,
            key_id=one.key_id,
            epoch=by_id[one.key_id].epoch,
            layer=str(by_id[one.key_id].layer),
            account_id=one.account_id,
            campaign_id=one.campaign_id,
            statistic=one.statistic,
            tokens_scored=one.tokens_scored,
            log10_p=one.log10_p,
            log10_corrected_p=0.0,
            detected=False,
        )
        for one in ranked
    ]


def _located(
    evidence: KeyEvidence, suspect: Suspect, tested: Sequence[KeysOfProfile], rate: float
) -> KeyEvidence:
    """Say of a detected key where it marked, and what wrong keys find in the same text."""
    if not evidence.detected:
        return evidence
    place = next(i for i, each in enumerate(tested) if each.profile.name == evidence.profile)
    each, tokens = tested[place], suspect.tokens[place]
    if tokens is None:
        return evidence
    plan = replace(plan_of(each.profile), false_positive_rate=rate)
    key = next(key for key in each.keys if key.key_id == evidence.key_id)
    ((_, positions),) = shared_positions(plan, tokens, [key])
    fresh = unrepeated(plan, positions, key)
    values = plan.scheme.values(fresh, key, plan.parameters)
    regions = marked_regions(fresh, values, plan.null, rate)
    wrong = wrong_keys(plan, key, REPLAYED_KEYS, REPLAY_SEED)
    replayed = replay(plan, tokens, wrong).calibrate(evidence.log10_p)
    return replace(
        evidence,
        log10_replayed_p=replayed.log10_p,
        stretches=tuple(
            MarkedStretch(
                start=region.start,
                stop=region.stop,
                tokens_scored=region.tokens_scored,
                log10_corrected_p=region.log10_corrected_p,
            )
            for region in regions
        ),
    )


def _named(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}))


def _margin(candidates: Sequence[KeyEvidence]) -> float | None:
    """Decades between the likeliest account's key and the next account's."""
    best: dict[str, float] = {}
    for one in candidates:
        if one.account_id:
            best[one.account_id] = min(best.get(one.account_id, 0.0), one.log10_p)
    first, *others = sorted(best.values()) or [0.0]
    return others[0] - first if others else None
