"""The other side: the nearest innocent explanation of a group, and why a group is not listed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cautery.records.campaign import Innocent
from cautery.records.evidence import Weight

EXPLANATIONS: Final[dict[str, tuple[str, str, str]]] = {
    "declared_organisation": (
        "accounts of one declared organisation",
        "a customer whose staff and services have accounts of their own",
        "Ask the organisation's owner whether these accounts are theirs.",
    ),
    "item_disjointness": (
        "same prompts from many accounts",
        "a class, a hackathon or a public test suite that many people run",
        "Compare the prompts with public benchmarks and the term's exercise sheets.",
    ),
    "single_turn": (
        "people in conversation",
        "an office or household behind one network",
        "Ask for the number of people behind the network.",
    ),
    "output_value": (
        "labels and short fields",
        "a pipeline that classifies or extracts, run under several accounts",
        "Ask what the answers are used for; short labels teach a student little.",
    ),
    "verified_identity": (
        "verified customers",
        "customers whose contracts name a person or company",
        "Call the contact in the contract.",
    ),
    "payer_spread": (
        "one payer",
        "one customer who pays for several services",
        "Ask the payer for the purpose of the accounts.",
    ),
    "pool_distance": (
        "customers like others of their kind",
        "strangers with one bank, office or exit, who send what customers like them send",
        "Ask two of the accounts how they came by the bank, office or exit that they share.",
    ),
    "shared_payment": (
        "strangers with a common prompt",
        "an application whose default prompt thousands of unrelated people use",
        "Look for the prompt in public code; ask two of the accounts which program they run.",
    ),
    "even_load": (
        "uneven, human use",
        "colleagues who use the same tool as much as each of them needs",
        "Ask for the tool's name and its owner.",
    ),
}
"""By signal: what such a group is called, the innocent story, and what decides."""

LEAST_AGAINST: Final = -0.5
"""Bits from which a signal's counter-evidence tells a story."""

DEFAULT: Final = (
    "group without a story",
    "an agency or a vendor that works for several customers with the same pipeline",
    "Ask two of the accounts for their contract with the agency.",
)
"""When no signal speaks against the group."""


def _strongest_against(weights: Sequence[Weight]) -> Weight | None:
    against = [
        row
        for row in weights
        if row.available and row.bits <= LEAST_AGAINST and row.signal in EXPLANATIONS
    ]
    return min(against, key=lambda row: (row.bits, row.signal), default=None)


def nearest_innocent(weights: Sequence[Weight]) -> Innocent:
    """Tell the innocent story that the evidence leaves most room for.

    Args:
        weights: Waterfall of a group.

    Returns:
        The story and the question that decides it.

    Example:
        >>> nearest_innocent([]).test
        'Ask two of the accounts for their contract with the agency.'
    """
    row = _strongest_against(weights)
    _name, story, test = EXPLANATIONS[row.signal] if row else DEFAULT
    return Innocent(explanation=story, test=test)


def describe_near_miss(weights: Sequence[Weight]) -> tuple[str, str]:
    """Name a group that is not listed, and say why it is not.

    Args:
        weights: Waterfall of a group.

    Returns:
        What it looks like, and the counter-evidence in words.
    """
    row = _strongest_against(weights)
    if row is None:
        return DEFAULT[0], "nothing it asks for looks like training material"
    return EXPLANATIONS[row.signal][0], f"{row.label}: {row.observed} ({row.bits:+.1f} bits)"
