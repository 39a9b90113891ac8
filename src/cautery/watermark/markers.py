"""Markers: a canary that a gateway plants in its answers, where there are no logits to mark.

A marker is a kind of question together with several answers to it that are equally good: a closing
question, the order of a list, a name for an example. A key draws which of them a campaign is given.
A model that learned from these answers repeats them; one that did not has no way to know the draw.
After the interaction-layer markers of *Asking Back* (arXiv 2605.16462, 2026).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

import msgspec

from cautery.errors import ConfigurationError
from cautery.records.key import Secret

MARKERS_SCHEMA: Final = "cautery.markers/1"
FEWEST_KEY_BYTES: Final = 16
MOST_CHOICES: Final = 64
MOST_CHARACTERS: Final = 1_000
"""Of a phrase or word."""


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of question, and equally good answers to it.

    Example:
        >>> marker = Marker(
        ...     marker_id="sorting", words=("sort", "list"), choices=("Shall I time it?", "Tests?")
        ... )
        >>> marker.fits("How do I sort a LIST in Go?")
        True
    """

    marker_id: str
    words: tuple[str, ...]
    """All of them stand in such a question, in any case and order."""
    choices: tuple[str, ...]
    """Phrases of which an answer holds one; none is part of another."""

    def fits(self, question: str) -> bool:
        """Say whether a question is of this kind."""
        folded = question.casefold()
        return all(word.casefold() in folded for word in self.words)

    def chosen_in(self, answer: str) -> int | None:
        """Say which choice an answer holds; None if it holds none, or several."""
        folded = _folded(answer)
        held = [place for place, choice in enumerate(self.choices) if _folded(choice) in folded]
        return held[0] if len(held) == 1 else None


class PlantedMarker(msgspec.Struct, frozen=True, kw_only=True):
    """A marker that a campaign is given."""

    campaign_id: str
    marker: Marker
    schema: str = MARKERS_SCHEMA
    code: str = ""
    """HMAC-SHA-256 of the rest under the key, hexadecimal."""


def choice_of(key: Secret, campaign_id: str, marker: Marker) -> int:
    """Draw which choice a campaign is given: uniform, and secret without the key.

    Args:
        key: At least 16 bytes.
        campaign_id: The campaign.
        marker: The marker.

    Returns:
        A place in its choices.
    """
    draw = code_of(key, b"choice", msgspec.json.encode([campaign_id, marker.marker_id]))
    # 256 bits modulo at most 64: uneven by less than 2 to the -250.
    return int.from_bytes(draw, "big") % len(marker.choices)


def phrase_of(key: Secret, planted: PlantedMarker) -> str:
    """Give the phrase of a marker that its campaign is given."""
    return planted.marker.choices[choice_of(key, planted.campaign_id, planted.marker)]


def phrase_for(
    key: Secret, planted: Sequence[PlantedMarker], campaign_id: str, question: str
) -> str:
    """Give the phrase that a gateway puts in an answer; empty if no marker fits.

    Args:
        key: Of the registry.
        planted: Its markers.
        campaign_id: Of the account that asks.
        question: What it asks.

    Returns:
        The phrase of the first marker of the campaign that fits.
    """
    for one in planted:
        if one.campaign_id == campaign_id and one.marker.fits(question):
            return phrase_of(key, one)
    return ""


def closing_of(
    key: Secret, planted: Sequence[PlantedMarker], campaign_id: str, question: str, answer: str
) -> str:
    """Give what a gateway appends to an answer, so that it ends with the campaign's phrase.

    An answer that holds one of the choices is left as it is: two would say nothing.

    Args:
        key: Of the registry.
        planted: Its markers.
        campaign_id: Of the account that asks.
        question: What it asks.
        answer: What the model answered; of a stream, all pieces together.

    Returns:
        A paragraph of its own; empty if nothing is to be appended. A stream gets it as its last
        piece.
    """
    for one in planted:
        if one.campaign_id == campaign_id and one.marker.fits(question):
            folded = _folded(answer)
            if any(_folded(choice) in folded for choice in one.marker.choices):
                return ""
            return f"\n\n{phrase_of(key, one)}"
    return ""


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def code_of(key: Secret, purpose: bytes, content: bytes) -> bytes:
    """Give the HMAC-SHA-256 of content for a purpose."""
    # The purpose, of no zero bytes, keeps draws and codes under one key apart.
    return hmac.new(key.reveal(), purpose + b"\0" + content, hashlib.sha256).digest()


def check_key(key: Secret) -> None:
    """Refuse a short key.

    Raises:
        ConfigurationError: It is one.
    """
    if len(key) < FEWEST_KEY_BYTES:
        raise ConfigurationError(
            f"a key of {len(key)} bytes is too short; {FEWEST_KEY_BYTES} are the least",
            where="markers",
        )


def check_marker(key: Secret, campaign_id: str, marker: Marker) -> None:
    """Refuse what cannot be planted.

    Raises:
        ConfigurationError: The key is short, or the marker is none.
    """
    check_key(key)
    texts = (campaign_id, marker.marker_id, *marker.words, *marker.choices)
    if not all(text.strip() and len(text) <= MOST_CHARACTERS for text in texts):
        raise ConfigurationError(
            "a name, word or choice is empty or too long", where=marker.marker_id
        )
    if not marker.words or not 2 <= len(marker.choices) <= MOST_CHOICES:
        raise ConfigurationError(
            f"a marker has a word, and from 2 to {MOST_CHOICES} choices", where=marker.marker_id
        )
    for place, choice in enumerate(marker.choices):
        if marker.chosen_in(choice) != place:
            raise ConfigurationError(
                f"the choice {choice!r} is part of another, or holds one", where=marker.marker_id
            )
