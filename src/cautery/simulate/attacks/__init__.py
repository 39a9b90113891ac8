"""Attacks, one file a tier."""

from typing import Final

MEMBERS: Final = ("february", "loud", "none")
"""Module names of the tiers, sorted."""
