"""Read what a scoreboard compares: the truth folder of a simulation and a scan's accounts."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, get_args

from cautery.errors import MalformedFileError, NoInputError
from cautery.plain_files import open_plain_text
from cautery.records.campaign import BAND_FLOORS, Band
from cautery.report.sanitise import plain_from_csv

TRUTH_ACCOUNT_COLUMNS: Final[tuple[str, ...]] = (
    "account_id",
    "attacker",
    "campaign_id",
    "operator_id",
    "class",
    "tier",
)
"""Header of ``TRUTH/accounts.csv``."""

TRUTH_EXCHANGE_COLUMNS: Final[tuple[str, ...]] = (
    "request_id",
    "account_id",
    "time_start",
    "harvest",
)
"""Header of ``TRUTH/exchanges.csv``."""

SCANNED_ACCOUNT_COLUMNS: Final[tuple[str, ...]] = (
    "account_id",
    "campaign_id",
    "operator_id",
    "probability",
    "band",
)
"""The columns of a scan's ``accounts.csv`` that a scoreboard needs."""

ALARM_BANDS: Final[tuple[Band, ...]] = tuple(band for band, _ in BAND_FLOORS)
"""Bands from the surest to the least sure; each level counts the ones above it too."""

_MOST_HEADER_CHARACTERS: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueAccount:
    """One account as the generator knows it."""

    account_id: str
    attacker: bool
    campaign_id: str
    """Empty for an honest account."""
    operator_id: str
    """Empty for an honest account."""
    account_class: str
    """The tier's name for an attacker, else the name of the negative class."""
    silent: bool = False
    """Whether it made no exchange in the log, so that no scan of it can know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedAccount:
    """One account as a scan judged it."""

    account_id: str
    campaign_id: str
    operator_id: str
    probability: float
    band: Band

    def listed_at(self, level: Band) -> bool:
        """Whether the account's band is ``level`` or a surer one.

        Args:
            level: ``very likely``, ``likely`` or ``watch``.

        Returns:
            True if the scan lists it at that level.
        """
        return bool(self.band) and ALARM_BANDS.index(self.band) <= ALARM_BANDS.index(level)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueExchange:
    """One exchange as the generator knows it."""

    account_id: str
    time_start: datetime
    harvest: bool
    """False for cover traffic and for every exchange of an honest account."""


def read_true_accounts(truth_folder: Path) -> dict[str, TrueAccount]:
    """Read ``TRUTH/accounts.csv``.

    Args:
        truth_folder: The ``truth`` folder that a simulation wrote, or the folder above it.

    Returns:
        Every account by its identifier, in the order of the file.

    Raises:
        NoInputError: There is no such file.
        MalformedFileError: A column is missing, or a line cannot be read.
    """
    path = _truth_file(truth_folder, "accounts.csv")
    accounts: dict[str, TrueAccount] = {}
    for line, row in _rows(path, TRUTH_ACCOUNT_COLUMNS):
        attacker = _flag(row["attacker"], path, line, "attacker")
        accounts[row["account_id"]] = TrueAccount(
            account_id=row["account_id"],
            attacker=attacker,
            campaign_id=row["campaign_id"] if attacker else "",
            operator_id=row["operator_id"] if attacker else "",
            account_class=row["class"] or ("attack" if attacker else "ordinary"),
            silent=row.get("exchanges") == "0",
        )
    return accounts


def read_true_exchanges(truth_folder: Path) -> Iterator[TrueExchange]:
    """Stream ``TRUTH/exchanges.csv``.

    Args:
        truth_folder: The ``truth`` folder that a simulation wrote, or the folder above it.

    Yields:
        The exchanges, in the order of the file.

    Raises:
        NoInputError: There is no such file.
        MalformedFileError: A column is missing, or a line cannot be read.
    """
    path = _truth_file(truth_folder, "exchanges.csv")
    for line, row in _rows(path, TRUTH_EXCHANGE_COLUMNS):
        yield TrueExchange(
            account_id=row["account_id"],
            time_start=parse_time(row["time_start"], path, line),
            harvest=_flag(row["harvest"], path, line, "harvest"),
        )


def read_scanned_accounts(output_folder: Path) -> dict[str, ScannedAccount]:
    """Read the ``accounts.csv`` of a scan.

    Args:
        output_folder: The folder that ``cautery scan -o`` wrote.

    Returns:
        Every account of the log by its identifier.

    Raises:
        NoInputError: There is no such file.
        MalformedFileError: A column is missing, or a line cannot be read.
    """
    path = output_folder / "accounts.csv"
    if not path.is_file():
        raise NoInputError(
            "there is no accounts.csv of a scan",
            where=str(output_folder),
            hint="Run `cautery scan LOG -o OUT` first and give OUT.",
        )
    return {
        plain_from_csv(row["account_id"]): ScannedAccount(
            account_id=plain_from_csv(row["account_id"]),
            campaign_id=row["campaign_id"],
            operator_id=row["operator_id"],
            probability=_chance(row["probability"], path, line),
            band=_band(row["band"], path, line),
        )
        for line, row in _rows(path, SCANNED_ACCOUNT_COLUMNS)
    }


def parse_time(text: str, path: Path, line: int) -> datetime:
    """Read an ISO 8601 time; one without a zone is UTC.

    Args:
        text: The field's text.
        path: File, for the error.
        line: Line, for the error.

    Returns:
        An aware time.

    Raises:
        MalformedFileError: It is not such a time.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _bad(path, line, f"{text[:40]!r} is not an ISO 8601 time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _truth_file(folder: Path, name: str) -> Path:
    for candidate in (folder / name, folder / "truth" / name):
        # A scan's folder and a simulation's hold an accounts.csv too; only the truth has a class.
        if candidate.is_file() and (name != "accounts.csv" or _has_class(candidate)):
            return candidate
    raise NoInputError(
        f"there is no {name} of a truth folder",
        where=str(folder),
        hint="Give the truth folder that `cautery simulate -o DIR` writes: DIR/truth.",
    )


def _has_class(path: Path) -> bool:
    try:
        with open_plain_text(path, encoding="utf-8-sig", errors="replace") as stream:
            return "attacker" in stream.readline(_MOST_HEADER_CHARACTERS)
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with open_plain_text(path, encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream, restval="", strict=True)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise MalformedFileError(
                    f"the column {', '.join(missing)} is missing",
                    where=str(path),
                    hint=f"Its header must hold {', '.join(columns)}.",
                )
            for row in reader:
                yield reader.line_num, row
    except UnicodeDecodeError as error:
        raise MalformedFileError(f"it is not UTF-8 ({error.reason})", where=str(path)) from None
    except csv.Error as error:
        raise MalformedFileError(f"it is not CSV ({error})", where=str(path)) from None
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror}", where=str(path)) from error


def _flag(text: str, path: Path, line: int, column: str) -> bool:
    if text not in ("0", "1"):
        raise _bad(path, line, f"{column} is {text[:40]!r}, neither 0 nor 1")
    return text == "1"


def _chance(text: str, path: Path, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise _bad(path, line, f"probability is {text[:40]!r}, not a chance from 0 to 1")
    return value


def _band(text: str, path: Path, line: int) -> Band:
    for band in get_args(Band):
        if text == band:
            return band  # type: ignore[no-any-return]
    raise _bad(path, line, f"band is {text[:40]!r}, not one of {', '.join(ALARM_BANDS)}")


def _bad(path: Path, line: int, what: str) -> MalformedFileError:
    return MalformedFileError(what, where=f"{path}:{line}", hint="Write the file again.")
