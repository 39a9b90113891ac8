"""One spelling for each JSON value, so that a digest of it means something (RFC 8785).

Members are sorted by UTF-16 code units, strings escape only what they must, numbers are written as
ECMAScript writes them. What other readers would read differently is refused rather than written.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Any, Final

from cautery.errors import UsageError

GREATEST_INTEGER: Final = 2**53 - 1
"""Greater whole numbers are not exact everywhere (RFC 7493, section 2.2): write them as strings."""
DEEPEST: Final = 32
"""Levels of lists and objects in one value."""
_PLAIN_DIGITS: Final = 21
"""Numbers from 1e21 on are written with an exponent (ECMAScript, Number::toString)."""
_GREATEST_PLAIN: Final = 10**_PLAIN_DIGITS
_MOST_ZEROS: Final = -6
"""Numbers below 1e-6, the same."""


def canonical_json(value: Any, deepest: int = DEEPEST) -> bytes:
    r"""Write a value in its one spelling.

    Args:
        value: Plain values: None, booleans, whole numbers, finite floats, strings, lists, tuples
            and mappings with strings as keys.
        deepest: Levels of lists and objects that it may have.

    Returns:
        UTF-8.

    Raises:
        UsageError: There is something else in it, or it is nested too deep.

    Example:
        >>> canonical_json({"b": [1.0, 1e21, True], "a": "\u20ac\n"})
        b'{"a":"\xe2\x82\xac\\n","b":[1,1e+21,true]}'
    """
    pieces: list[str] = []
    _write(value, pieces, deepest)
    try:
        return "".join(pieces).encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError("a record holds half of a surrogate pair") from error


def _write(value: Any, pieces: list[str], levels: int) -> None:
    if isinstance(value, str):
        pieces.append(encode_basestring(value))
    elif value is None:
        pieces.append("null")
    elif isinstance(value, bool):
        pieces.append("true" if value else "false")
    elif isinstance(value, int):
        pieces.append(_integer(value))
    elif isinstance(value, float):
        pieces.append(_number(value))
    elif levels == 0:
        raise UsageError("a record is nested too deep")
    elif isinstance(value, Mapping):
        _write_members(value, pieces, levels)
    elif isinstance(value, list | tuple):
        separator = "["
        for each in value:
            pieces.append(separator)
            _write(each, pieces, levels - 1)
            separator = ","
        pieces.append("]" if value else "[]")
    else:
        raise UsageError(f"a record holds a {type(value).__name__}, which JSON does not know")


def _write_members(value: Mapping[Any, Any], pieces: list[str], levels: int) -> None:
    names = list(value)
    if not all(isinstance(name, str) for name in names):
        raise UsageError("a record has a member whose name is no string")
    plain = all(name.isascii() for name in names)
    separator = "{"
    for name in sorted(names, key=None if plain else _code_units):
        pieces.append(f"{separator}{encode_basestring(name)}:")
        _write(value[name], pieces, levels - 1)
        separator = ","
    pieces.append("}" if names else "{}")


def _code_units(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")


def _integer(value: int) -> str:
    digits = int.__repr__(value)
    # A greater number that came from a float reads back as it was written; others do not.
    if abs(value) > GREATEST_INTEGER and (
        abs(value) > _GREATEST_PLAIN or _number(float(value)) != digits
    ):
        raise UsageError(
            "a record holds a whole number that is not exact everywhere",
            hint=f"Write numbers beyond {GREATEST_INTEGER} as strings.",
        )
    return digits


def _number(value: float) -> str:
    """Write a float as ECMAScript does: the same shortest digits, another place for the point."""
    if not math.isfinite(value):
        raise UsageError(f"a record holds the number {value}, which JSON does not know")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or "0") - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    return sign + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    """Place the point after so many of the digits."""
    if len(digits) <= point <= _PLAIN_DIGITS:
        return digits + "0" * (point - len(digits))
    if 0 < point <= _PLAIN_DIGITS:
        return f"{digits[:point]}.{digits[point:]}"
    if _MOST_ZEROS < point <= 0:
        return f"0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{rest}e{point - 1:+d}"
