"""Shelf: one property of a group of linked accounts a file."""

from __future__ import annotations

from typing import Final

MEMBERS: Final = (
    "capability_concentration",
    "co_activity",
    "coverage_growth",
    "data_making",
    "declared_organisation",
    "evasion",
    "even_load",
    "forwarded_mix",
    "group_size",
    "identity_incoherence",
    "item_disjointness",
    "n_best_sampling",
    "output_value",
    "parameter_fingerprint",
    "payer_spread",
    "pool_distance",
    "popular_prompts",
    "reasoning_elicitation",
    "release_pivot",
    "repeated_templates",
    "replacement",
    "rubric_grading",
    "separate_customers",
    "shared_address",
    "shared_device",
    "shared_network",
    "shared_payment",
    "sign_up_cohort",
    "signature_replay",
    "single_turn",
    "site_spread",
    "verified_identity",
)
"""Modules of this shelf, sorted; each has a ``MEMBER``."""
