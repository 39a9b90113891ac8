"""STIX 2.1 bundles: what other tools for threat intelligence read and write."""

from __future__ import annotations

import re
from typing import BinaryIO, Final

from cautery.intel.stix_objects import bulletin_objects, write_bundle
from cautery.intel.stix_reading import read_bundle
from cautery.records.bulletin import Bulletin, Received

_BUNDLE: Final = re.compile(rb'\s*\{.*"type"\s*:\s*"bundle"', re.DOTALL)


class StixFormat:
    """Campaigns, indicators, sightings and techniques as one bundle."""

    name = "stix"
    description = "STIX 2.1 bundle: campaigns, indicators, sightings, ATLAS techniques, TLP 2.0."
    ending = ".stix.json"
    reads = True

    def recognises(self, opening: bytes) -> bool:
        """Whether a file begins as a bundle."""
        return _BUNDLE.match(opening) is not None

    def write(self, bulletin: Bulletin, stream: BinaryIO) -> None:
        """Write a bulletin as a bundle; the same one gives the same bytes.

        Args:
            bulletin: All that may leave.
            stream: Where to.
        """
        stream.write(write_bundle(bulletin_objects(bulletin)))

    def read(self, content: bytes, where: str) -> Received:
        """Read a bundle of a peer.

        Args:
            content: The file.
            where: Its name, for messages.

        Returns:
            Its indicators.

        Raises:
            MalformedFileError: It is no bundle, or an object in it is not as it must be.
        """
        return read_bundle(content, where)


MEMBER: Final = StixFormat()
