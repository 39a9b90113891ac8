"""What a scan was told besides its logs, for the record in the case."""

from __future__ import annotations

from dataclasses import fields
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.errors import NoInputError
from cautery.ingest.options import IngestOptions
from cautery.plain_files import open_plain
from cautery.records.case import GivenFile, GivenOption, Settings

if TYPE_CHECKING:
    from cautery.cli.scan_request import ScanRequest

_READING_OPTIONS: Final = {
    "format": "--format",
    "time_zone": "--tz",
    "time_unit": "--time-unit",
    "account_field": "--account",
    "client_address_field": "--client-ip",
}
"""Options of the reading that are texts, and how they are called."""


def settings_of(request: ScanRequest) -> Settings | None:
    """Say what a scan was told that can change its result.

    What cannot is left out: where it ran, in how much memory, and what it kept of earlier scans. An
    embedding has its own place in the case.

    Args:
        request: What the scan was asked to do.

    Returns:
        The settings; None if all is as it is when nothing is said.

    Raises:
        NoInputError: A file is gone since it was read.
    """
    files = tuple(
        GivenFile(option=option, name=str(path), sha256=_digest(path))
        for option, path in _given_files(request)
        if path is not None
    )
    options = (*_reading_options(request.options), *_own_options(request))
    if not files and not options:
        return None
    return Settings(files=files, options=options)


def _given_files(request: ScanRequest) -> tuple[tuple[str, Path | None], ...]:
    indicators, _keys = request.peers
    return (
        ("--accounts", request.account_table),
        ("--releases", request.release_table),
        ("--mapping", request.options.mapping),
        ("--calibration", request.calibration_file),
        ("--indicators", indicators),
    )


def _digest(path: Path) -> str:
    try:
        with open_plain(path) as stream:
            return file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror or error}", where=str(path)) from error


def _reading_options(options: IngestOptions) -> list[GivenOption]:
    usual = {field.name: field.default for field in fields(IngestOptions)}
    period = (("--since", options.period.since), ("--until", options.period.until))
    return [
        *(
            GivenOption(option=option, value=str(getattr(options, name)))
            for name, option in _READING_OPTIONS.items()
            if getattr(options, name) != usual[name]
        ),
        *(GivenOption(option="--trusted-proxy", value=proxy) for proxy in options.trusted_proxies),
        *(
            GivenOption(option=option, value=moment.isoformat())
            for option, moment in period
            if moment is not None
        ),
    ]


def _own_options(request: ScanRequest) -> list[GivenOption]:
    found = []
    if request.seed:
        found.append(GivenOption(option="--seed", value=str(request.seed)))
    if request.everything:
        found.append(GivenOption(option="--all", value="true"))
    if request.keep_days is not None:
        found.append(GivenOption(option="--keep-days", value=str(request.keep_days)))
    return found
