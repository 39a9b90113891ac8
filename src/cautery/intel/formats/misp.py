"""MISP events: what servers for sharing threat intelligence take in, with objects of our own."""

from __future__ import annotations

import re
from typing import BinaryIO, Final

from cautery.errors import UsageError
from cautery.intel.limits import MOST_FILE_BYTES
from cautery.intel.misp_event import event_of, write_event
from cautery.intel.misp_reading import read_events
from cautery.records.bulletin import Bulletin, Received

_OPENING: Final = re.compile(rb'\s*(?:\[\s*)?\{\s*"(?:Event|response)"\s*:')


class MispFormat:
    """Campaigns and indicators as one event, with a template for each."""

    name = "misp"
    description = "MISP event: campaigns and indicators as objects of our templates, TLP, ATLAS."
    ending = ".misp.json"
    reads = True

    def recognises(self, opening: bytes) -> bool:
        """Whether a file begins as an event, a list of events or a server's answer."""
        return _OPENING.match(opening) is not None

    def write(self, bulletin: Bulletin, stream: BinaryIO) -> None:
        """Write a bulletin as an event; the same one gives the same bytes.

        Args:
            bulletin: All that may leave.
            stream: Where to.

        Raises:
            UsageError: The event is larger than what is read, here or by a server.
        """
        content = write_event(event_of(bulletin))
        if len(content) > MOST_FILE_BYTES:
            raise UsageError(
                f"the MISP event has {len(content):,} bytes, and at most {MOST_FILE_BYTES:,} are "
                "read",
                hint="Share fewer kinds (--kind) or campaigns (--band), or in the format stix.",
            )
        stream.write(content)

    def read(self, content: bytes, where: str) -> Received:
        """Read events of a peer.

        Args:
            content: The file.
            where: Its name, for messages.

        Returns:
            Its indicators.

        Raises:
            MalformedFileError: It is no event, or a part of it is not as it must be.
        """
        return read_events(content, where)


MEMBER: Final = MispFormat()
"""The format."""
