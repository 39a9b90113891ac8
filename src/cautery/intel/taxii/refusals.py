"""A request that is refused: what the error resource of the answer says (section 3.6.1)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request is not answered as asked."""

    status: int
    """HTTP status code."""
    title: str
    """A short sentence."""
    description: str = ""
    """What is wrong with this request, and what to do."""
    headers: tuple[tuple[str, str], ...] = field(default=())
    """Headers that belong to the status, as ``www-authenticate``."""


class RequestRefusedError(Exception):
    """Ends the handling of a request; the application turns it into an answer.

    Args:
        refusal: What the answer says.
    """

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.title)


class StorageBusyError(Exception):
    """The storage cannot be reached, or takes too long; the client may come again."""


def bad_request(description: str) -> RequestRefusedError:
    """Make the refusal of a request that cannot be understood.

    Args:
        description: What is wrong.

    Returns:
        An error to raise.
    """
    return _refused(400, "The request is wrong.", description)


def not_found(description: str = "There is no such resource.") -> RequestRefusedError:
    """Make the refusal of what is not there, or not for this client.

    Args:
        description: What is not there.

    Returns:
        An error to raise.
    """
    return _refused(404, "Not found.", description)


def forbidden(description: str) -> RequestRefusedError:
    """Make the refusal of what a client may know of, and may not do.

    Args:
        description: What it may not do.

    Returns:
        An error to raise.
    """
    return _refused(403, "Forbidden.", description)


def too_large(description: str) -> RequestRefusedError:
    """Make the refusal of a body past a limit; the connection is closed with it.

    Args:
        description: Which limit.

    Returns:
        An error to raise.
    """
    refusal = Refusal(
        status=413,
        title="The request is too large.",
        description=description,
        headers=(("connection", "close"),),
    )
    return RequestRefusedError(refusal)


def unprocessable(description: str) -> RequestRefusedError:
    """Make the refusal of a body that is no envelope.

    Args:
        description: What is wrong in it.

    Returns:
        An error to raise.
    """
    return _refused(422, "The content cannot be processed.", description)


def _refused(status: int, title: str, description: str) -> RequestRefusedError:
    return RequestRefusedError(Refusal(status=status, title=title, description=description))
