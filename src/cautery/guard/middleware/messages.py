"""The words of ASGI 3 (asgi.readthedocs.io): what a framework would be needed for otherwise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
"""What a connection is about."""
Message = MutableMapping[str, Any]
"""One message, in either direction."""
Receive = Callable[[], Awaitable[Message]]
"""Gives the next message of the client."""
Send = Callable[[Message], Awaitable[None]]
"""Takes a message to the client."""
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
"""What a server serves."""
