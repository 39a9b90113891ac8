"""The shelf of policy packs: one name, four files beside each other.

``x.py`` registers the pack, ``x.cedar`` has its rules, ``x.toml`` says what it is, how old, after
which sources and what it leaves to whoever loads it, ``x.cases.toml`` has its allow and deny cases.
None of it is legal advice.
"""

from __future__ import annotations

from typing import Final

MEMBERS: Final[tuple[str, ...]] = (
    "account_status",
    "campaign_bands",
    "denied_parties",
    "exposure",
    "identity_documents",
    "majority_ownership",
    "resale_attestation",
    "supported_regions",
    "verification_tiers",
)
"""Module names of the built-in packs, sorted."""
