"""What a gateway plants in answers, by its files: read again once one of them has changed."""

from __future__ import annotations

import csv
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cautery.errors import CauteryError, ConfigurationError, MalformedFileError, NoInputError
from cautery.guard.secret_files import read_secret
from cautery.guard.structured_logs import log
from cautery.plain_files import open_plain_text
from cautery.records.key import Secret
from cautery.toml_files import read_toml
from cautery.watermark.marker_reading import read_markers
from cautery.watermark.markers import PlantedMarker, closing_of

CONFIGURATION_VARIABLE: Final = "CAUTERY_CANARY_CONFIGURATION"
"""Environment variable that names the configuration file."""
KEYS: Final = ("registry", "key_file", "accounts")
MOST_ACCOUNTS_BYTES: Final = 1024 * 1024 * 1024
LOOK_SECONDS: Final = 1.0
"""How often it is looked whether a file has changed."""

Stamp = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySettings:
    """Where the files are."""

    registry: Path
    """The registry of markers."""
    key_file: Path
    """Its secret."""
    accounts: Path
    """``accounts.csv`` of a scan: which account is of which campaign."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files."""
        return (self.registry, self.key_file, self.accounts)


def named_settings() -> CanarySettings:
    """Read the configuration file that the environment names.

    Returns:
        The settings.

    Raises:
        ConfigurationError: None is named, or it cannot be read, or says something else.
    """
    named = os.environ.get(CONFIGURATION_VARIABLE)
    if not named:
        raise ConfigurationError(
            "no configuration of the canary is named",
            where=CONFIGURATION_VARIABLE,
            hint="Set it to the path of a canary.toml.",
        )
    return load_settings(Path(named))


def load_settings(path: Path) -> CanarySettings:
    """Read a configuration file; paths in it are relative to it.

    Args:
        path: A TOML file with ``registry``, ``key_file`` and ``accounts``.

    Returns:
        The settings.

    Raises:
        ConfigurationError: It cannot be read, or says something else.
    """
    file = read_toml(path)
    if file.faults:
        raise ConfigurationError(file.faults[0].text, where=file.faults[0].where)
    named = {name: value for name, value in file.tables.items() if isinstance(value, str)}
    if set(named) != set(KEYS) or len(named) < len(file.tables):
        raise ConfigurationError(f"must name {', '.join(KEYS)}, and nothing else", where=str(path))
    return CanarySettings(**{name: path.parent / value for name, value in named.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """What the files say."""

    key: Secret
    planted: Mapping[str, tuple[PlantedMarker, ...]]
    """Markers of each campaign."""
    campaigns: Mapping[str, str] = field(repr=False)
    """Campaign of each account that is given markers."""

    def closing(self, account_id: str, question: str, answer: str) -> str:
        """Give what is appended to an answer; empty if nothing is.

        Args:
            account_id: Who asks.
            question: What it asks.
            answer: What the model answered, all of it.

        Returns:
            A paragraph of its own.
        """
        campaign = self.campaigns.get(account_id, "")
        planted = self.planted.get(campaign)
        return closing_of(self.key, planted, campaign, question, answer) if planted else ""


class CanaryFiles:
    """The files of a canary.

    Files that change are read again. If they cannot be, what was read before stays, and the log
    says so once.

    Args:
        settings: Where they are.
        clock: Seconds that only grow.

    Raises:
        CauteryError: One of them cannot be read.
    """

    def __init__(
        self, settings: CanarySettings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings, self._clock = settings, clock
        self._reading = threading.Lock()
        self._stamp = _stamp(settings)
        self.canary = _read(settings)
        """What was read last."""
        self._looked = clock()

    def changed(self) -> bool:
        """Say whether a file has changed, if it is time to look again; waits for nothing."""
        if self._clock() - self._looked < LOOK_SECONDS:
            return False
        self._looked = self._clock()
        return _stamp(self._settings) != self._stamp

    def read(self) -> None:
        """Read the files again; never raises."""
        with self._reading:
            stamp = _stamp(self._settings)
            if stamp == self._stamp:
                return  # another thread was faster
            self._stamp = stamp
            try:
                self.canary = _read(self._settings)
            except CauteryError as error:
                # Its words may quote a line, so only its kind and its file are told.
                log(
                    "canary files not read; those of before stay",
                    logging.ERROR,
                    error=type(error).__name__,
                    where=error.where,
                )
            else:
                log("canary files read again", campaigns=len(self.canary.planted))


def _stamp(settings: CanarySettings) -> Stamp:
    return tuple(map(_stamp_of, settings.paths))


def _stamp_of(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)


def _read(settings: CanarySettings) -> Canary:
    key = read_secret(settings.key_file)
    planted: dict[str, list[PlantedMarker]] = {}
    for one in read_markers(settings.registry, key):
        planted.setdefault(one.campaign_id, []).append(one)
    return Canary(
        key=key,
        planted={campaign: tuple(markers) for campaign, markers in planted.items()},
        campaigns=_campaigns(settings.accounts, planted),
    )


def _campaigns(path: Path, planted: Mapping[str, object]) -> dict[str, str]:
    """Read which accounts are of a campaign that has markers."""
    try:
        with open_plain_text(path) as stream:
            if os.fstat(stream.fileno()).st_size > MOST_ACCOUNTS_BYTES:
                raise MalformedFileError("too long for a table of accounts", where=str(path))
            rows = csv.DictReader(stream)
            if not {"account_id", "campaign_id"} <= set(rows.fieldnames or ()):
                raise MalformedFileError(
                    "has no columns account_id and campaign_id",
                    where=str(path),
                    hint="Give accounts.csv of a scan.",
                )
            return {
                row["account_id"]: row["campaign_id"]
                for row in rows
                if row["campaign_id"] in planted
            }
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise MalformedFileError("is no CSV in UTF-8", where=str(path)) from error
