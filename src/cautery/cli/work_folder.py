"""A folder for intermediate files that is gone afterwards, whatever happens."""

from __future__ import annotations

import contextlib
import shutil
import signal
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from cautery.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def work_folder(output_folder: Path) -> Iterator[Path]:
    """Make a folder for intermediate files beside the results and remove it, whatever happens.

    It stands where the results go, because that disk was chosen for size, and a temporary folder
    is often memory. A folder that was made for nothing goes too.

    Args:
        output_folder: Folder for the results.

    Yields:
        The folder for intermediate files.

    Raises:
        OutputError: The output folder cannot be made or written.
    """
    made = not output_folder.exists()
    try:
        output_folder.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".cautery-work-", dir=output_folder))
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror}",
            where=str(output_folder),
            hint="Choose another folder with -o.",
        ) from error
    try:
        with _stopped_politely():
            yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if made and not any(output_folder.iterdir()):
            output_folder.rmdir()


@contextlib.contextmanager
def _stopped_politely() -> Iterator[None]:
    """Let a termination signal unwind, so that the work folder is removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
