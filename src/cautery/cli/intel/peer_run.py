"""What ``cautery intel push`` and ``pull`` share: how a server is reached, and by whom."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from cautery.cli.intel.peer_options import PeerOptions
from cautery.errors import ConfigurationError, UsageError
from cautery.intel.taxii.peer_connection import PeerConnection
from cautery.intel.taxii.tls import client_context
from cautery.plain_files import open_plain_text
from cautery.records.key import Secret

_LONGEST_TOKEN: Final = 4_096


def connect(url: str, options: PeerOptions) -> PeerConnection:
    """Make a connection; nothing is sent yet.

    Args:
        url: Of the collection.
        options: How.

    Returns:
        The connection.

    Raises:
        UsageError: The URL or the name of the token's place is none.
        ConfigurationError: A token or certificate cannot be read.
    """
    context = client_context(options.authorities, options.certificate, options.private_key)
    token = _read_token(options.token) if options.token else None
    return PeerConnection(url, context=context, token=token, name=options.name)


def _read_token(reference: str) -> Secret:
    kind, _, place = reference.partition(":")
    if kind not in {"file", "env"} or not place:
        # Not shown: somebody may have put the token itself here.
        raise UsageError("a token is named as file:PATH or env:NAME", where="--token")
    if kind == "env":
        text = os.environ.get(place, "")
    else:
        try:
            with open_plain_text(Path(place), encoding="ascii") as stream:
                text = stream.read(_LONGEST_TOKEN)
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not ASCII"
            raise ConfigurationError(f"the token cannot be read: {reason}", where=place) from error
    text = text.strip()
    if not text or not text.isascii() or not text.isprintable():
        raise ConfigurationError("a token must be printable ASCII", where=reference)
    return Secret(text.encode())
