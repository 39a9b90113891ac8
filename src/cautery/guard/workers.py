"""Runs several processes of a guard that share its port."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cautery.guard.configuration import GuardConfiguration


def serve_with_workers(configuration: GuardConfiguration, command: Sequence[str]) -> int:
    """Run several processes that share the port, and pass signals on to them.

    Args:
        configuration: The configuration.
        command: Words that run one process; its number is added.

    Returns:
        The first exit code that is not 0, or 0.
    """
    # Nothing is ever written to their standard input: it ends when this process does, however that
    # comes about, so that no worker serves on with nobody to stop it.
    processes = [
        subprocess.Popen([*command, str(number)], stdin=subprocess.PIPE)  # noqa: S603 - ours
        for number in range(configuration.guard.workers)
    ]
    stopped_by: set[int] = set()

    def pass_on(number: int, _frame: object) -> None:
        stopped_by.update({number} - {signal.SIGHUP})
        for process in processes:
            with suppress(ProcessLookupError):
                process.send_signal(number)

    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, pass_on)
    codes = [process.wait() for process in processes]
    # One that was told to stop before it could listen to signals has stopped as it was told.
    return next((code for code in codes if code and -code not in stopped_by), 0)
