"""The server's log: one JSON object a line, for people and for a SIEM; never content or secrets."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final

LOGGERS: Final = ("cautery.intel.taxii", "uvicorn.error")


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record.

        Args:
            record: What happened.

        Returns:
            The line.
        """
        time = datetime.fromtimestamp(record.created, tz=UTC)
        line: dict[str, object] = {
            "time": time.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


def begin_logging() -> None:
    """Log to standard error from here on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
    logging.getLogger(LOGGERS[0]).setLevel(logging.INFO)
    logging.getLogger(LOGGERS[1]).setLevel(logging.WARNING)
