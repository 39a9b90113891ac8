"""Reads the parameters of a defence, with errors that name the field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from cautery.errors import ConfigurationError

Parameters = TypeVar("Parameters", bound=msgspec.Struct)


class NoParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of a defence that has nothing to set."""


def read_parameters(given: Mapping[str, Any], kind: type[Parameters], defence: str) -> Parameters:
    """Check parameters against the fields of a struct.

    Args:
        given: As written in a file.
        kind: The struct, which forbids unknown fields.
        defence: Name, for messages.

    Returns:
        The struct, defaults filled in.

    Raises:
        ConfigurationError: A parameter is unknown or out of range.

    Example:
        >>> read_parameters({}, NoParameters, "drop-logprobs")
        NoParameters()
    """
    try:
        return msgspec.convert(dict(given), kind)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$.")
        unknown = re.search(r"unknown field `(.{0,60})", what)
        field = place.rstrip("`") or (unknown.group(1).rstrip("`") if unknown else "")
        known = ", ".join(kind.__struct_fields__)
        raise ConfigurationError(
            what[:200].rstrip("."),
            where=f"{defence}.{field}" if field else defence,
            hint=f"It has: {known}." if known else "It has no parameters.",
        ) from None
