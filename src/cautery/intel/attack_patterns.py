"""MITRE ATLAS techniques of a distillation campaign, by their official STIX identifiers.

The chain is that of case study AML.CS0056, *Model Distillation Campaigns Targeting Anthropic
Claude*; identifiers and dates are those of ``dist/stix-atlas.json`` in mitre-atlas/
atlas-navigator-data (ATLAS 5.6.0, commit 2f55d5f), so that peers' tools merge them with theirs.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

CASE_STUDY: Final = "AML.CS0056"
CASE_STUDY_URL: Final = "https://atlas.mitre.org/studies/AML.CS0056"


class AttackPattern(NamedTuple):
    """One technique."""

    technique: str
    """For example *AML.T0024.002*."""
    name: str
    """As ATLAS has it."""
    uuid: str
    """Of the official STIX object."""
    created: str
    """Day of the official object."""
    modified: str
    """Day of its version."""
    always: bool
    """Whether every campaign shows it by what it is; the others follow from the evidence."""


CHAIN: Final[tuple[AttackPattern, ...]] = (
    AttackPattern(
        "AML.T0008.005",
        "AI Service Proxies",
        "647ac4ac-b2bc-53f7-ab83-81f421a1f0b5",
        "2026-03-30",
        "2026-03-30",
        always=False,
    ),
    AttackPattern(
        "AML.T0021",
        "Establish Accounts",
        "d3d7763a-58e1-5e38-84fd-3abea967cb08",
        "2022-01-24",
        "2023-01-18",
        always=True,
    ),
    AttackPattern(
        "AML.T0065",
        "LLM Prompt Crafting",
        "6e148299-0460-5d0b-9741-467437464d3d",
        "2025-03-12",
        "2025-03-12",
        always=False,
    ),
    AttackPattern(
        "AML.T0040",
        "AI Model Inference API Access",
        "5ac1f849-523e-51bf-a1e9-1a97ab91cc91",
        "2021-05-13",
        "2025-03-12",
        always=True,
    ),
    AttackPattern(
        "AML.T0024.002",
        "Extract AI Model",
        "3f567912-629a-5e0b-ab0c-0102977c2d6c",
        "2021-05-13",
        "2025-12-23",
        always=True,
    ),
    AttackPattern(
        "AML.T0048.004",
        "AI Intellectual Property Theft",
        "73772ced-edba-578c-bacd-703e082a9c57",
        "2021-05-13",
        "2025-04-09",
        always=True,
    ),
)
"""Techniques in the order of the case study. Its societal and user harm (AML.T0048.002, .003) are
left out: a log cannot show them."""


def attack_pattern(pattern: AttackPattern) -> dict[str, Any]:
    """Write a technique as the official object has it, without its description.

    Args:
        pattern: A technique of ``CHAIN``.

    Returns:
        The STIX object; it has no creator of ours, as it is not ours.
    """
    return {
        "type": "attack-pattern",
        "spec_version": "2.1",
        "id": f"attack-pattern--{pattern.uuid}",
        "created": f"{pattern.created}T00:00:00.000Z",
        "modified": f"{pattern.modified}T00:00:00.000Z",
        "name": pattern.name,
        "external_references": [
            {
                "source_name": "mitre-atlas",
                "url": f"https://atlas.mitre.org/techniques/{pattern.technique}",
                "external_id": pattern.technique,
            }
        ],
    }
