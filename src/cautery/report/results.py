"""Writes a case into its output folder: all files or none, and never over somebody else's."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.errors import OutputError
from cautery.plain_files import open_plain
from cautery.report.formats import accounts_csv, campaigns_csv, html, json
from cautery.report.page.document import OPENING
from cautery.report.page.files import new_file_mode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cautery.ports import ReportFormat
    from cautery.records.case import Case

FORMATS: Final[tuple[ReportFormat, ...]] = (
    json.MEMBER,
    accounts_csv.MEMBER,
    campaigns_csv.MEMBER,
    html.MEMBER,
)
"""The formats that a scan writes as files."""

_OPENINGS: Final[dict[str, bytes]] = {
    json.MEMBER.file_name: b'{\n  "schema": "cautery.case/',
    accounts_csv.MEMBER.file_name: ",".join(accounts_csv.COLUMNS[:4]).encode(),
    campaigns_csv.MEMBER.file_name: ",".join(campaigns_csv.COLUMNS[:4]).encode(),
    html.MEMBER.file_name: OPENING.encode(),
}
"""How a file of ours begins, so that an account table named ``accounts.csv`` is not overwritten."""


def check_output_folder(output_folder: Path) -> None:
    """Make sure that results may be written into a folder, before any work is done.

    The folder may hold other files, which stay untouched, and results of an earlier scan, which
    will be replaced.

    Args:
        output_folder: Folder for the results; it need not exist.

    Raises:
        OutputError: It is not a folder, or holds a file of the same name that is not a result.
    """
    folder = Path(output_folder)
    if folder.exists() and not folder.is_dir():
        raise OutputError(
            "this is a file, not a folder", where=str(folder), hint="Choose a folder with -o."
        )
    for name, opening in _OPENINGS.items():
        path = folder / name
        try:
            with open_plain(path) as stream:
                begins = stream.read(len(opening))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise OutputError(f"cannot look at it: {error.strerror}", where=str(path)) from error
        if begins and begins != opening:
            raise OutputError(
                "this file is not a result of cautery and would be overwritten",
                where=str(path),
                hint="Choose another folder with -o.",
            )


def write_results(case: Case, output_folder: Path) -> tuple[Path, ...]:
    """Write ``case.json``, ``accounts.csv``, ``campaigns.csv`` and ``report.html``.

    Each file is written beside its place, flushed to disk and then renamed, so that a reader never
    sees half a file, and an interrupted scan leaves the earlier results whole. The same case gives
    the same bytes. Other files in the folder are not touched.

    Args:
        case: The result of a scan.
        output_folder: Folder for the files; made if it does not exist.

    Returns:
        The files, in the order of ``FORMATS``.

    Raises:
        OutputError: The folder cannot be written, or holds somebody else's file of that name.
    """
    folder = Path(output_folder)
    check_output_folder(folder)
    partial: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for report_format in FORMATS:
            partial.append(_write_partial(case, report_format, folder))
        targets = tuple(folder / report_format.file_name for report_format in FORMATS)
        for source, target in zip(partial, targets, strict=True):
            source.replace(target)
    except OSError as error:
        raise OutputError(
            f"cannot write the results: {error.strerror}",
            where=str(error.filename or folder),
            hint="Choose another folder with -o, or make room.",
        ) from error
    finally:
        _remove(partial)
    return targets


def _write_partial(case: Case, report_format: ReportFormat, folder: Path) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=f".{report_format.file_name}.", dir=folder)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            report_format.write(case, stream)
            stream.flush()
            os.fsync(stream.fileno())
        path.chmod(new_file_mode())
    except BaseException:
        _remove([path])
        raise
    return path


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
