"""Reads one value as a column's type; what cannot be read is None, never an exception.

Values come from logs and may be anything that JSON, CSV or Parquet can hold.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_TRUE: Final = frozenset({"true", "t", "1", "yes"})
_FALSE: Final = frozenset({"false", "f", "0", "no"})
_INT32: Final = 2**31
_INT64: Final = 2**63
_LONGEST_NUMBER: Final = 40
"""Digits beyond which a text is no number: parsing time grows with the square of the length."""


def clean_text(text: str) -> str:
    r"""Replace what UTF-8 cannot hold: halves of surrogate pairs.

    Args:
        text: Any string.

    Returns:
        The string with a question mark for each half.

    Example:
        >>> clean_text("a\ud83d")
        'a?'
    """
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def as_text(value: Any) -> str | None:
    """Read a value as a string.

    Example:
        >>> as_text(12), as_text({"a": 1})
        ('12', None)
    """
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value) if abs(value) < 1e300 else None
    return None


def as_float(value: Any) -> float | None:
    """Read a value as a finite number.

    Example:
        >>> as_float("0.7"), as_float("warm"), as_float(float("nan"))
        (0.7, None, None)
    """
    if isinstance(value, str) and len(value) > _LONGEST_NUMBER:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def as_int(value: Any) -> int | None:
    """Read a value as a whole number of at most 64 bits.

    Example:
        >>> as_int("12"), as_int(3.0), as_int(3.5), as_int(True)
        (12, 3, None, 1)
    """
    if isinstance(value, int) or (isinstance(value, str) and _is_digits(value.strip())):
        number = int(value)
    else:
        real = as_float(value)
        if real is None or real != int(real):
            return None
        number = int(real)
    return number if -_INT64 <= number < _INT64 else None


def _is_digits(text: str) -> bool:
    digits = text.removeprefix("-")
    return len(digits) <= _LONGEST_NUMBER and digits.isascii() and digits.isdigit()


def as_small_int(value: Any) -> int | None:
    """Read a value as a whole number of at most 32 bits.

    Example:
        >>> as_small_int(7), as_small_int(2**40)
        (7, None)
    """
    number = as_int(value)
    return number if number is not None and -_INT32 <= number < _INT32 else None


def as_bool(value: Any) -> bool | None:
    """Read a value as true or false.

    Example:
        >>> as_bool("t"), as_bool(0), as_bool("maybe")
        (True, False, None)
    """
    if isinstance(value, bool):
        return value
    word = str(value).lower() if isinstance(value, str | int) else ""
    if word in _TRUE:
        return True
    return False if word in _FALSE else None


def as_hashes(value: Any) -> list[int] | None:
    """Read a value as a list of whole numbers of at most 64 bits; without any, it is no list.

    Example:
        >>> as_hashes([1, "2", None]), as_hashes(["x"]), as_hashes("text"), as_hashes([])
        ([1, 2], None, None, [])
    """
    if not isinstance(value, list):
        return None
    numbers = [number for one in value if (number := as_int(one)) is not None]
    return numbers if numbers or not value else None


COERCIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "timestamp": as_int,
    "string": as_text,
    "int16": as_small_int,
    "int32": as_small_int,
    "int64": as_int,
    "float64": as_float,
    "bool": as_bool,
    "hashes": as_hashes,
}
"""Reader of values by kind of column."""
