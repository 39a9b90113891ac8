"""Shelf: one kind of thing that accounts share a file."""

from __future__ import annotations

from typing import Final

MEMBERS: Final = (
    "address",
    "device",
    "email_domain",
    "hand_over",
    "network",
    "parameters",
    "payment",
    "referral",
    "shared_minutes",
    "sign_up_cohort",
    "signature",
    "system_prompt",
    "template",
)
"""Modules of this shelf, sorted; each has a ``MEMBER``."""
