"""cautery: find and stop distillation campaigns against served language models.

Rooms are imported by name (``cautery.scan``, ``cautery.ingest`` ...); this module stays light, so
that ``cautery --version`` answers at once.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
