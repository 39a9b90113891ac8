"""Kinds of values that a guard's configuration holds, and how each is read and refused."""

from __future__ import annotations

import ipaddress
import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

Kind = Literal[
    "text",
    "address",
    "url",
    "file",
    "folder",
    "path",
    "integer",
    "number",
    "bytes",
    "seconds",
    "boolean",
    "texts",
    "networks",
    "choice",
    "choices",
    "pairs",
]
_SIZES: Final = {"": 1, "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_DURATIONS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZE: Final = re.compile(r"([0-9]{1,12})\s*([A-Za-z]*)")
_DURATION: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)\s*([a-z]+)")
_MOST_SECONDS: Final = 100 * 365 * 86_400
_HEADER: Final = re.compile(r"[a-z0-9-]+")


class WrongValueError(ValueError):
    """A value that is not of its kind; the text says what it must be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen."""

    host: str
    """Name or address."""
    port: int
    """TCP port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a key of the configuration may hold."""

    kind: Kind
    """Kind of its value."""
    description: str
    """One sentence for the reference page."""
    minimum: float = -math.inf
    """Least number."""
    maximum: float = math.inf
    """Largest number."""
    options: tuple[str, ...] = ()
    """What a choice is made of."""


def read_value(setting: Setting, value: Any, folder: Path) -> Any:
    """Read a value as its kind says.

    Args:
        setting: What is wanted.
        value: As TOML gave it.
        folder: Of the configuration file; relative paths are in it.

    Returns:
        The value as the guard uses it: seconds as a float, sizes in bytes, paths absolute.

    Raises:
        WrongValueError: It is not of its kind.

    Example:
        >>> size = Setting(kind="bytes", description="")
        >>> read_value(size, "32 MiB", Path("."))
        33554432
    """
    if setting.kind in {"file", "folder", "path"}:
        return _read_path(setting.kind, value, folder)
    if setting.kind in {"choice", "choices", "pairs"}:
        return _read_choice(setting, value)
    read = _READERS[setting.kind](value)
    if isinstance(read, int | float) and not setting.minimum <= read <= setting.maximum:
        raise WrongValueError(f"must be {_range(setting)}")
    return read


def _range(setting: Setting) -> str:
    if math.isinf(setting.maximum):
        return f"at least {setting.minimum:g}"
    return f"from {setting.minimum:g} to {setting.maximum:g}"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise WrongValueError("must be a text")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise WrongValueError("must be a list of texts")
    return tuple(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongValueError("must be true or false")
    return value


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise WrongValueError("must be a whole number")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WrongValueError("must be a number")
    return float(value)


def _bytes(value: Any) -> int:
    if isinstance(value, str):
        match = _SIZE.fullmatch(value.strip())
        if match is not None and match[2] in _SIZES:
            return int(match[1]) * _SIZES[match[2]]
    elif isinstance(value, int) and not isinstance(value, bool):
        return value
    raise WrongValueError('must be a number of bytes, or one with a unit as in "32 MiB"')


def _seconds(value: Any) -> float:
    if isinstance(value, str):
        match = _DURATION.fullmatch(value.strip())
        if match is not None and match[2] in _DURATIONS:
            return _bounded(float(match[1]) * _DURATIONS[match[2]])
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return _bounded(value)
    raise WrongValueError('must be a number of seconds, or one with a unit as in "5m"')


def _bounded(seconds: float) -> float:
    """Keep a time within what dates can be counted in."""
    if seconds > _MOST_SECONDS:
        raise WrongValueError("must be less than a hundred years")
    return float(seconds)


def _address(value: Any) -> Address:
    host, colon, port = _text(value).rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65_535:
        raise WrongValueError('must be an address with a port, as in "127.0.0.1:8088"')
    return Address(host=host.strip("[]"), port=int(port))


def _url(value: Any) -> str:
    text = _text(value)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username or parts.query or parts.fragment:
        raise WrongValueError('must be a URL without user or query, as in "http://127.0.0.1:8000"')
    return text


def _networks(value: Any) -> tuple[str, ...]:
    for text in _texts(value):
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            raise WrongValueError(
                f'must be networks as in "10.0.0.0/8", and {text[:60]!r} is none'
            ) from None
    return tuple(value)


def _read_choice(
    setting: Setting, value: Any
) -> str | tuple[str, ...] | tuple[tuple[str, str], ...]:
    if setting.kind == "pairs":
        if not isinstance(value, dict) or not all(
            isinstance(one, str) and one in setting.options for one in value.values()
        ):
            raise WrongValueError(f"must be a table of {', '.join(setting.options)}")
        return tuple(value.items())
    if setting.kind == "choice":
        if value not in setting.options:
            raise WrongValueError(f"must be one of {', '.join(setting.options)}")
        return _text(value)
    if not set(_texts(value)) <= set(setting.options):
        raise WrongValueError(f"must be a list of {', '.join(setting.options)}")
    return tuple(value)


def _read_path(kind: Kind, value: Any, folder: Path) -> Path:
    path = folder / _text(value)
    try:
        path.exists()
    except (OSError, ValueError):
        raise WrongValueError("cannot be the name of a file") from None
    if "\0" in str(path):
        raise WrongValueError("cannot be the name of a file")
    if kind == "folder" and not path.is_dir():
        raise WrongValueError(f"must be a folder, and there is none at {path}")
    if kind == "file" and not path.is_file():
        raise WrongValueError(f"must be a file, and there is none at {path}")
    if kind != "path" and not os.access(path, os.R_OK):
        raise WrongValueError(f"must be readable for this user: {path}")
    return path


def header_name(text: str) -> bool:
    """Say whether a text is the name of a header in lower case."""
    return _HEADER.fullmatch(text) is not None


_READERS: Final[dict[Kind, Callable[[Any], Any]]] = {
    "text": _text,
    "texts": _texts,
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "bytes": _bytes,
    "seconds": _seconds,
    "address": _address,
    "url": _url,
    "networks": _networks,
}
