"""One spelling for each JSON value, so that a digest of it means something (RFC 8785).

Members are sorted by UTF-16 code units, strings escape only what they must, numbers are written as
ECMAScript writes them. What other readers would read differently is refused rather than written.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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
    try:
        return _spell(value, deepest).encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError("a record holds half of a surrogate pair") from error


def _spell(value: Any, levels: int) -> str:
    # A guard calls this for every request, so the commonest types are looked for first.
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if kind is dict:
        return _spell_members(value, levels)
    if kind is list or kind is tuple:
        return _spell_items(value, levels)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, Mapping):
        return _spell_members(value, levels)
    if isinstance(value, list | tuple):
        return _spell_items(value, levels)
    raise UsageError(f"a record holds a {kind.__name__}, which JSON does not know")


def _spell_items(value: Sequence[Any], levels: int) -> str:
    if levels == 0:
        raise UsageError("a record is nested too deep")
    return f"[{','.join([_spell(each, levels - 1) for each in value])}]"


def _spell_members(value: Mapping[Any, Any], levels: int) -> str:
    if levels == 0:
        raise UsageError("a record is nested too deep")
    try:
        names = sorted(value)
        if not "".join(names).isascii():
            names.sort(key=_code_units)
    except TypeError as error:
        raise UsageError("a record has a member whose name is no string") from error
    members = [f"{encode_basestring(name)}:{_spell(value[name], levels - 1)}" for name in names]
    return f"{{{','.join(members)}}}"


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
