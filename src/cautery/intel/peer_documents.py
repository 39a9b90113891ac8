"""Files of peers as JSON, and the error of those that are not taken."""

from __future__ import annotations

from typing import Any

import msgspec

from cautery.errors import MalformedFileError
from cautery.intel.limits import MOST_FILE_BYTES, MOST_TEXT


def fault(where: str, what: str) -> MalformedFileError:
    """Make the error of a file of a peer.

    Args:
        where: The file, and the place in it.
        what: What is wrong there.

    Returns:
        The error.
    """
    return MalformedFileError(
        what, where=where, hint="Nothing of it was taken. Tell whoever gave it to you."
    )


def document_of(content: bytes, where: str) -> Any:
    """Read a file as JSON.

    Args:
        content: The file.
        where: Its name, for messages.

    Returns:
        Whatever it holds.

    Raises:
        MalformedFileError: It is too large, or no JSON.

    Example:
        >>> document_of(b'{"type": "bundle"}', "a.json")
        {'type': 'bundle'}
    """
    if len(content) > MOST_FILE_BYTES:
        raise fault(where, f"it is larger than the {MOST_FILE_BYTES:,} bytes that are read")
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise fault(where, f"this is not JSON: {str(error)[:MOST_TEXT]}") from error
