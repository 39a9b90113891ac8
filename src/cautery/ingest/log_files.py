"""Finds the files that somebody means by paths, folders and globs."""

from __future__ import annotations

import glob
import os
import shutil
import stat
import sys
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from cautery.errors import NoInputError, OutputError, UsageError
from cautery.plain_files import why_no_file

if TYPE_CHECKING:
    from collections.abc import Iterable

STANDARD_INPUT: Final = "-"
LOG_SUFFIXES: Final = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".log")
"""Files taken from a folder, each also with ``.gz`` or ``.zst``; others are named one by one."""
_COMPRESSED: Final = ("", ".gz", ".zst")
_FOLDER_SUFFIXES: Final = tuple(
    plain + compressed for plain in LOG_SUFFIXES for compressed in _COMPRESSED
)
_CLOSE_ENOUGH: Final = 0.6
_PIPE_HINT: Final = "Name files, or pipe the log in and name it -."


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """One log to read."""

    name: str
    """Path as people know it; ``-`` for standard input."""
    path: Path
    """Where its bytes are."""


def find_log_files(
    logs: Iterable[str], work_folder: Path, standard_input: BinaryIO | None = None
) -> tuple[LogFile, ...]:
    """List the files behind paths, folders, globs and ``-``.

    Args:
        logs: As the caller gave them.
        work_folder: Where standard input is kept while it is read.
        standard_input: The stream behind ``-``; the process's own if None.

    Returns:
        Every file once, sorted by name, so that the order given does not matter.

    Raises:
        UsageError: Nothing was given.
        NoInputError: Something given matches no file, or is none: a pipe, a device.
        OutputError: Standard input cannot be kept.
    """
    given = tuple(logs)
    if not given:
        raise UsageError("no log given", hint="Name files, folders or globs; - is standard input.")
    found: dict[Path, LogFile] = {}
    for text in given:
        for file in _files_of(text, work_folder, standard_input):
            known = found.get(file.path.resolve())
            if known is None or file.name < known.name:
                found[file.path.resolve()] = file
    return tuple(sorted(found.values(), key=lambda file: file.name))


def _files_of(text: str, work_folder: Path, standard_input: BinaryIO | None) -> list[LogFile]:
    if text == STANDARD_INPUT:
        return [_spooled(work_folder, standard_input or sys.stdin.buffer)]
    if not text:  # Path("") is the folder that one stands in
        raise UsageError("a log has no name", hint="Is a variable of the shell empty?")
    path = Path(text)
    if path.is_dir():
        files = sorted(
            item
            for item in path.rglob("*")
            if item.name.lower().endswith(_FOLDER_SUFFIXES) and item.is_file()
        )
        if not files:
            raise NoInputError(
                "the folder holds no log",
                where=text,
                hint=f"Logs end in {', '.join(LOG_SUFFIXES)}, or these with .gz or .zst.",
            )
    elif path.exists() or path.is_symlink():
        problem = why_no_file(path)
        if problem:
            raise NoInputError(problem, where=text, hint=_PIPE_HINT)
        files = [path]
    else:
        files = [Path(item) for item in _matches(text)]
        files = [item for item in files if item.is_file()]
        if not files:
            raise NoInputError(f"no file matches '{text}'", hint=did_you_mean(text))
    return [LogFile(name=str(item), path=item) for item in files]


def _matches(pattern: str) -> list[str]:
    # Path.glob refuses absolute patterns; what people type follows the rules of glob.
    return sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207


def _spooled(work_folder: Path, stream: BinaryIO) -> LogFile:
    if _never_ends(stream):
        raise NoInputError("is a device, not a file", where=STANDARD_INPUT, hint=_PIPE_HINT)
    path = work_folder / "standard-input"
    try:
        with path.open("wb") as copy:
            shutil.copyfileobj(stream, copy, 2**20)
    except OSError as error:
        raise OutputError(
            f"standard input cannot be kept: {error.strerror or error}",
            where=str(work_folder),
            hint="It is kept beside the results while it is read: choose another folder with -o.",
        ) from error
    return LogFile(name=STANDARD_INPUT, path=path)


def _never_ends(stream: BinaryIO) -> bool:
    """Whether a stream is a device other than a terminal, such as /dev/zero."""
    try:
        number = stream.fileno()
    except (OSError, AttributeError):  # memory
        return False
    return stat.S_ISCHR(os.fstat(number).st_mode) and not os.isatty(number)


def did_you_mean(text: str) -> str:
    """Suggest what a path that matches nothing may have meant.

    Args:
        text: Path or glob.

    Returns:
        A question with the nearest path that matches something, or an empty text.
    """
    wanted = Path(text)
    folder = _nearest_folder(wanted.parent)
    if folder is None:
        return ""
    candidate = folder / wanted.name
    count = len(_matches(str(candidate)))
    if not count:
        try:
            names = [item.name for item in folder.iterdir()]
        except OSError:
            return ""
        close = get_close_matches(wanted.name, sorted(names), n=1)
        if not close:
            return ""
        candidate, count = folder / close[0], 1
    return f"Did you mean '{candidate}' ({count} file{'s' if count != 1 else ''})?"


def _nearest_folder(folder: Path) -> Path | None:
    if folder.is_dir():
        return folder
    parent = folder.parent
    if parent == folder or not parent.is_dir():
        return None
    scored = [
        (SequenceMatcher(None, folder.name, item.name).ratio(), item.name)
        for item in parent.iterdir()
        if item.is_dir()
    ]
    score, name = max(scored, default=(0.0, ""))
    if score < _CLOSE_ENOUGH:
        return None
    return parent / name if str(parent) != "." else Path(name)
