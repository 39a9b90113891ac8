"""Checks the parameters of a profile, field by field, with errors that name the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cautery.errors import ConfigurationError


class Fields:
    """The parameters as a profile gives them; each is asked for once, then none may be left.

    Args:
        given: Parameters of the profile.

    Example:
        >>> fields = Fields({"context_width": 2})
        >>> fields.whole("context_width", default=4, least=1, most=64)
        2
        >>> fields.number("alpha", default=0.1, least=0.0, most=1.0)
        0.1
        >>> fields.done()
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._left = dict(given)
        self._known: list[str] = []

    def whole(self, name: str, *, default: int, least: int, most: int) -> int:
        """Take a whole number.

        Args:
            name: The field.
            default: If the profile does not name it.
            least: Smallest number allowed.
            most: Largest number allowed.

        Returns:
            The number.

        Raises:
            ConfigurationError: It is none, or out of range.
        """
        value = self._take(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise _wrong(name, f"must be a whole number from {least} to {most}")
        return value

    def number(
        self, name: str, *, default: float, least: float, most: float, inside: bool = False
    ) -> float:
        """Take a number.

        Args:
            name: The field.
            default: If the profile does not name it.
            least: Smallest number allowed.
            most: Largest number allowed.
            inside: The two ends themselves are not allowed.

        Returns:
            The number.

        Raises:
            ConfigurationError: It is none, or out of range.
        """
        value = self._take(name, default)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not (least < value < most if inside else least <= value <= most):
            between = "between" if inside else "from"
            joined = "and" if inside else "to"
            raise _wrong(name, f"must be a number {between} {least:g} {joined} {most:g}")
        return float(value)

    def choice(self, name: str, *, default: str, options: Sequence[str]) -> str:
        """Take one of some words.

        Args:
            name: The field.
            default: If the profile does not name it.
            options: The words.

        Returns:
            The word.

        Raises:
            ConfigurationError: It is none of them.
        """
        value = self._take(name, default)
        if not isinstance(value, str) or value not in options:
            raise _wrong(name, f"must be one of: {', '.join(options)}")
        return value

    def done(self) -> None:
        """Refuse what no one asked for.

        Raises:
            ConfigurationError: The profile has a field that the scheme does not know.
        """
        if self._left:
            name = min(map(str, self._left))
            raise ConfigurationError(
                "this scheme has no such parameter",
                where=f"parameters.{name:.60}",
                hint=f"It has: {', '.join(sorted(self._known))}.",
            )

    def _take(self, name: str, default: Any) -> Any:
        self._known.append(name)
        return self._left.pop(name, default)


def _wrong(name: str, what: str) -> ConfigurationError:
    return ConfigurationError(what, where=f"parameters.{name}")
