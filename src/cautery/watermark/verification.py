"""Texts of a file against the keys of a profile: one finding a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from cautery.records.detection import Detection
from cautery.records.key import Key
from cautery.watermark.deduplicate import Deduplicate
from cautery.watermark.detection import detect
from cautery.watermark.profile import Profile
from cautery.watermark.scoring import Documents, Plan
from cautery.watermark.text_lines import TextLines, vocabulary_size_of
from cautery.watermark.tokenizer import Tokenizer


def plan_of(profile: Profile) -> Plan:
    """Say how a profile's texts are tested.

    Args:
        profile: The profile.

    Returns:
        The plan.
    """
    return Plan(
        scheme=profile.scheme,
        parameters=profile.parameters,
        deduplicate=Deduplicate(profile.deduplicate),
        false_positive_rate=profile.false_positive_rate,
    )


def text_lines_of(profile: Profile, name: str) -> TextLines:
    """Make the reader of texts for a profile.

    Args:
        profile: The profile.
        name: Name of the file, for messages.

    Returns:
        The reader.

    Raises:
        ConfigurationError: The profile's tokenizer is not there, or is another one.
    """
    tokenizer = Tokenizer(profile.tokenizer) if profile.tokenizer is not None else None
    return TextLines(name, tokenizer, vocabulary_size_of(profile.parameters))


def verify_texts(
    profile: Profile,
    keys: Sequence[Key],
    stream: BinaryIO,
    name: str,
    *,
    across_texts: bool = False,
) -> Iterator[Detection]:
    """Test each text of a file for the keys.

    Args:
        profile: Scheme, parameters, tokenizer, false-positive rate.
        keys: Keys of the profile, at least one.
        stream: JSON Lines of ``id`` and ``token_ids`` or ``text``.
        name: Name of the file, for messages.
        across_texts: Count what an earlier text of the file had as a repetition too.

    Yields:
        A finding a text, in order; each is corrected for the number of keys.

    Raises:
        InputError: A line is no text under test; names line and field.
        ConfigurationError: The tokenizer is not the profile's.
    """
    plan = plan_of(profile)
    lines = text_lines_of(profile, name)
    seen = Documents() if across_texts else None
    for suspect in lines.read(stream):
        yield detect(plan, suspect.text_id, suspect.tokens, keys, seen=seen)
