"""The guard's own log: JSON, one object a line, and nothing in it that a client wrote.

An error is logged by its kind and its place in the code. Its message is left out: messages quote
what could not be read, and what could not be read may be a prompt or a key.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Final, TextIO

LOG: Final = logging.getLogger("cautery.guard")
_MOST_FRAMES: Final = 12


def log(event: str, level: int = logging.INFO, **fields: str | float | bool) -> None:
    """Write a line.

    Args:
        event: What happened, in words that do not change.
        level: As in ``logging``.
        fields: Plain values of the guard's own.
    """
    LOG.log(level, event, extra={"fields": fields})


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage() if record.name.startswith("cautery") else "library",
            "logger": record.name,
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line.update(describe(record.exc_info[1]))
        return json.dumps(line, default=str)


def describe(error: BaseException) -> dict[str, Any]:
    """Describe an error without its message.

    Args:
        error: The error.

    Returns:
        Its kind, and where in the code it was.

    Example:
        >>> try:
        ...     int("sk-secret")
        ... except ValueError as error:
        ...     described = describe(error)
        >>> described["error"], "secret" in str(described)
        ('ValueError', False)
    """
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    return {
        "error": type(error).__name__,
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def begin_logging(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send every log line of this process through ``JsonFormatter``.

    Args:
        stream: Where to; standard error if None.
        level: Least level.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    LOG.setLevel(level)


def on_crash(loop: Any, context: dict[str, Any]) -> None:
    """Log what went wrong in a callback of the event loop; its connection is closed already.

    Args:
        loop: The loop.
        context: What it says of it.
    """
    error = context.get("exception")
    described = describe(error) if isinstance(error, BaseException) else {}
    LOG.error("crash", extra={"fields": described})
