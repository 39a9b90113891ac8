"""Shelf: one kind of thing that accounts share a file."""

from __future__ import annotations

from typing import Final

MEMBERS: Final = (
    "address",
    "device",
    "email_domain",
    "network",
    "parameters",
    "payment",
    "referral",
    "sign_up_cohort",
    "system_prompt",
    "template",
)
"""Modules of this shelf, sorted; each has a ``MEMBER``."""
