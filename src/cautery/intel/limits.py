"""Bounds on what is read from peers: a feed is hostile until it has proved otherwise."""

from __future__ import annotations

from typing import Final

MOST_FILE_BYTES: Final = 64 * 1024 * 1024
"""Largest file of a peer that is read: some 60,000 STIX indicators of ours."""
OPENING_BYTES: Final = 4096
"""First bytes of a file by which its format is recognised."""
MOST_OBJECTS: Final = 250_000
"""Objects of one file or answer that are looked at."""
MOST_INDICATORS: Final = 50_000
"""Indicators that are taken from one file or answer."""
MOST_PER_PEER: Final = 100_000
"""Indicators of one peer that are kept."""
MOST_KEPT: Final = 200_000
"""Indicators that are kept in all."""
MOST_SHARED: Final = 20_000
"""Indicators of one bulletin of ours, so that every peer can read it."""
MOST_TEXT: Final = 300
"""Characters of a peer's text that are kept."""
MOST_BANDS: Final = 64
"""Bands of one template."""
MOST_SKIPPED: Final = 100
"""Passed-over parts that are named; all are counted."""
DEEPEST: Final = 24
"""Levels of lists and objects in one file."""
MOST_VALID_DAYS: Final = 365
"""Longest that an indicator of a peer is believed, whatever it says."""
