"""The mapping file: which field of somebody's own log holds which column."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal

from cautery.errors import ConfigurationError, InputError
from cautery.plain_files import read_plain
from cautery.records.exchange import EXCHANGE_COLUMNS

TimeUnit = Literal["auto", "s", "ms", "us", "ns"]
"""Unit of numeric times; ``auto`` tells it from the size of each number."""

MOST_BYTES: Final = 2**20
"""Of a mapping file."""
MOST_PATH_CHARACTERS: Final = 1_000
"""Of a path: every record is followed along it."""
EXTRA_TARGETS: Final = ("messages", "response", "usage", "headers")
"""Structures that a mapping may name besides columns; columns are read out of them."""
_TARGETS: Final = (*(column.name for column in EXCHANGE_COLUMNS), *EXTRA_TARGETS)
_UNITS: Final = ("auto", "s", "ms", "us", "ns")
_SECTIONS: Final = ("map", "constant", "time", "tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A mapping file, read and checked."""

    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Column to the paths that are tried in turn."""
    constants: dict[str, str | int | float | bool] = field(default_factory=dict)
    """Columns with the same value in every row."""
    time_unit: TimeUnit | None = None
    """Unit of numeric times; None leaves it to the caller."""
    time_zone: str = ""
    """Zone of times that name none; empty leaves it to the caller."""
    input_excludes_cached: bool = False
    """Whether the log's input tokens leave out those from the cache, as Anthropic's do."""


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Args:
        path: A TOML file with ``[map]`` and, if wanted, ``[constant]``, ``[time]``, ``[tokens]``.

    Returns:
        The mapping.

    Raises:
        ConfigurationError: It cannot be read, or some of it is wrong; all faults are named.
    """
    try:
        document = tomllib.loads(read_plain(path, MOST_BYTES).decode())
    except InputError as error:
        raise ConfigurationError(
            f"cannot read the mapping file: {error.what}", where=str(path)
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"not a TOML file: {error}", where=str(path)) from error
    return parse_mapping(document, str(path))


def parse_mapping(document: dict[str, Any], where: str) -> Mapping:
    """Check a mapping document and build the mapping.

    Args:
        document: Decoded TOML.
        where: Its file, for messages.

    Returns:
        The mapping.

    Raises:
        ConfigurationError: Some of it is wrong; all faults are named.

    Example:
        >>> parse_mapping({"map": {"time_start": "ts", "account_id": "org"}}, "m").paths
        {'time_start': ('ts',), 'account_id': ('org',)}
    """
    faults = [f"unknown section [{name}]" for name in document if name not in _SECTIONS]
    paths = _paths(_section(document, "map", faults), faults)
    constants = _constants(_section(document, "constant", faults), faults)
    time = _section(document, "time", faults)
    tokens = _section(document, "tokens", faults)
    unit, zone = time.get("unit"), time.get("zone", "")
    if unit not in (None, *_UNITS):
        faults.append(f"[time] unit must be one of {', '.join(_UNITS)}")
    if not isinstance(zone, str):
        faults.append("[time] zone must be the name of a zone")
    excludes = tokens.get("input_excludes_cached", False)
    if not isinstance(excludes, bool):
        faults.append("[tokens] input_excludes_cached must be true or false")
    if "time_start" not in paths:
        faults.append("[map] needs time_start")
    if not {"account_id", "key_id", "client_address"} & {*paths, *constants}:
        faults.append("[map] needs account_id, or key_id or client_address in its place")
    if faults:
        raise ConfigurationError(
            "; ".join(faults), where=where, hint="See docs/how-to/map-a-log.md."
        )
    return Mapping(
        paths=paths,
        constants=constants,
        time_unit=unit,
        time_zone=zone,
        input_excludes_cached=excludes,
    )


def _section(document: dict[str, Any], name: str, faults: list[str]) -> dict[str, Any]:
    section = document.get(name, {})
    if isinstance(section, dict):
        return section
    faults.append(f"[{name}] must be a table")
    return {}


def _known(target: str, section: str, faults: list[str]) -> bool:
    if target in _TARGETS:
        return True
    close = get_close_matches(target, _TARGETS, n=1)
    faults.append(
        f"[{section}] unknown column '{target}'" + (f" (did you mean {close[0]}?)" if close else "")
    )
    return False


def _paths(section: dict[str, Any], faults: list[str]) -> dict[str, tuple[str, ...]]:
    paths = {}
    for target, value in section.items():
        wanted = [value] if isinstance(value, str) else value
        if not _known(target, "map", faults):
            continue
        if (
            not isinstance(wanted, list)
            or not wanted
            or not all(isinstance(item, str) and item for item in wanted)
        ):
            faults.append(f"[map] {target} must be a path or a list of paths")
            continue
        if any(len(item) > MOST_PATH_CHARACTERS for item in wanted):
            faults.append(f"[map] {target} is longer than {MOST_PATH_CHARACTERS:,} characters")
            continue
        paths[target] = tuple(wanted)
    return paths


def _constants(section: dict[str, Any], faults: list[str]) -> dict[str, str | int | float | bool]:
    constants: dict[str, str | int | float | bool] = {}
    for target, value in section.items():
        if target in EXTRA_TARGETS or not _known(target, "constant", faults):
            faults.append(f"[constant] {target} cannot be a constant")
        elif not isinstance(value, str | int | float | bool):
            faults.append(f"[constant] {target} must be a text, a number, true or false")
        else:
            constants[target] = value
    return constants
