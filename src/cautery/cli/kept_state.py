"""Files that a scan keeps for the next one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cautery.errors import ConfigurationError


@contextmanager
def reading_kept(path: Path, loss: str) -> Iterator[None]:
    """Say of a file that it is damaged, if what is read within the block is not in it.

    Args:
        path: The file.
        loss: What becomes of the next scan without it.

    Raises:
        ConfigurationError: It is damaged.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ConfigurationError(
            "is damaged", where=str(path), hint=f"Remove it: {loss}."
        ) from error
