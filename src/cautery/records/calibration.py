"""Local calibration: what the cases decided at one installation say of the chances there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CALIBRATION_SCHEMA: Final = "cautery.calibration/1"
"""Name and version of the schema of a calibration file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCalibration:
    """A correction of every group's log-odds, learned from decided cases."""

    schema: str
    """Name and version of the schema."""
    weights_version: str
    """Version of the weights that the cases were made with; it fits no other."""
    offset_bits: float
    """Bits that every group is given: the row *your decided cases* of the waterfall."""
    low_bits: float
    """Lower end of the offset's 95 % interval."""
    high_bits: float
    """Upper end."""
    confirmed: int
    """Campaigns that people confirmed."""
    dismissed: int
    """Campaigns that people dismissed."""
