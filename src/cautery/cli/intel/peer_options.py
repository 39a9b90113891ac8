"""Options of the verbs of ``cautery intel`` that talk to a sharing server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cyclopts import Parameter


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class PeerOptions:
    """How a server is reached."""

    token: str = ""
    """Where the token is: file:PATH or env:NAME."""
    name: str = ""
    """Name to send the token with, for servers that want a user and password."""
    certificate: Path | None = None
    """Your own certificate, PEM."""
    private_key: Path | None = None
    """Its key, PEM; in the certificate's file if left out."""
    authorities: Path | None = None
    """Who vouches for the server, PEM; those of the system if left out."""


REACHING: Final = PeerOptions()
"""What holds if nothing is said."""
