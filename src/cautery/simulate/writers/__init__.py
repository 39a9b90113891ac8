"""Writers of simulated logs, one file a format that ``cautery scan`` reads."""

from typing import Final

MEMBERS: Final = ("canonical_parquet",)
"""Module names of the writers, sorted."""
