"""What a text was found to carry, and whose key that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CERTIFICATE_SCHEMA: Final = "cautery.provenance/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedStretch:
    """A stretch of the text that a key marked."""

    start: int
    """Place of its first token."""
    stop: int
    """Place after its last token."""
    tokens_scored: int
    log10_corrected_p: float
    """Bound on the chance that unmarked text of this length shows such a stretch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEvidence:
    """One key, and how unlikely the text is without it."""

    profile: str
    key_id: str
    epoch: str
    layer: str
    account_id: str
    campaign_id: str
    statistic: float
    tokens_scored: int
    log10_p: float
    log10_corrected_p: float
    """Holm's, over every key of every profile that was tested."""
    detected: bool
    """Whether that is at most the false-positive rate of the certificate."""
    log10_replayed_p: float | None = None
    """Against keys that marked nothing, on this very text; for the first candidates only."""
    stretches: tuple[MarkedStretch, ...] = ()
    """Where in the text, for detected keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedProfile:
    """One profile that the text was tested under."""

    __test__ = False  # not a test of pytest's

    profile: str
    digest: str
    """SHA-256 of scheme, parameters and tokenizer."""
    scheme: str
    keys: int
    verdict: str
    """detected, not detected, too short, or not tested."""
    reason: str
    tokens: int
    tokens_needed: int | None
    """Scored tokens that would suffice; for a text that is too short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Everything that was tested of one text, and what came of it."""

    schema: str = CERTIFICATE_SCHEMA
    software: str
    text_id: str | int
    text_sha256: str
    """Of the text's bytes, or of its token ids as 64-bit little-endian numbers."""
    false_positive_rate: float
    """Chance that any key is named that did not mark the text: the smallest of the profiles'."""
    keys_tested: int
    profiles: tuple[TestedProfile, ...]
    candidates: tuple[KeyEvidence, ...]
    """The likeliest keys, first the smallest chance; those not detected prove nothing."""
    account_ids: tuple[str, ...]
    """Accounts whose keys were detected; empty if none was."""
    campaign_ids: tuple[str, ...]
    margin: float | None
    """Decades between the likeliest account and the next; None if fewer than two were tested."""
    limits: tuple[str, ...]
    """What this does not show."""
