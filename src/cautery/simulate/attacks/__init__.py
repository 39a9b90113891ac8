"""Attacks, one file a tier."""

from typing import Final

MEMBERS: Final = ("february", "forwarded", "hydra", "loud", "none", "paraphrased")
"""Module names of the tiers, sorted."""
