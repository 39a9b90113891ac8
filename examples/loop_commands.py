"""Runs commands of cautery and shows each as it is typed, with what it says."""

from __future__ import annotations

import contextlib
import io
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from cautery.cli.main import run

SHOWN: Final = 12
"""Lines of a command's output that are shown."""


def command(words: str, *, wanted: int = 0, shown: int = SHOWN, silent: bool = False) -> None:
    """Show a command of cautery, run it, and show what it says."""
    told(f"cautery {words}")
    with captured() as output:
        code = run(shlex.split(words))
    lines = output.getvalue().splitlines()
    if code != wanted:
        raise SystemExit("\n".join([*lines, f"exit code {code}"]))
    for line in lines[: 0 if silent else shown]:
        say(line)
    if len(lines) > shown and not silent:
        say(f"... {len(lines) - shown} more lines")


@contextmanager
def captured() -> Iterator[io.StringIO]:
    """Take what a command says."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        yield output


def step(number: int, what: str) -> None:
    """Begin a step."""
    print(f"\n{number}. {what[0].upper()}{what[1:]}\n")


def told(words: str) -> None:
    """Show what is typed."""
    print(f"$ {words}")


def say(line: str) -> None:
    """Show what comes out."""
    print(f"  {line}".rstrip())
