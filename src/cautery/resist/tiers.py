"""Reads which risk tier gets which defences: a TOML file, schema ``cautery.resist-tiers/1``."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from cautery.errors import ConfigurationError, NoInputError, UsageError
from cautery.plain_files import open_plain
from cautery.ports import Defence
from cautery.resist.plans import Plan, make_plan

TIERS_SCHEMA: Final = "cautery.resist-tiers/1"
_MOST_BYTES: Final = 1_000_000


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: str
    tiers: dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Tiers:
    """Plans by risk tier."""

    plans: dict[str, Plan]

    def plan(self, tier: str) -> Plan:
        """Give the plan of a tier.

        Raises:
            UsageError: The file does not name it: never taken for *no defence*.
        """
        if tier not in self.plans:
            there = ", ".join(sorted(self.plans))
            raise UsageError(f"there is no tier '{tier:.60}'", hint=f"There are: {there}.")
        return self.plans[tier]


def read_tiers(text: str, where: str, *, instead: Sequence[Defence] = ()) -> Tiers:
    """Read tiers.

    Args:
        text: TOML: ``[tiers.NAME]`` with a table of parameters for each defence.
        where: Name of the file, for messages.
        instead: As for ``make_plan``.

    Returns:
        The tiers; one without defences is a plan that changes nothing.

    Raises:
        ConfigurationError: It is not TOML, not of the schema, or a defence or parameter is wrong.

    Example:
        >>> text = '''
        ... schema = "cautery.resist-tiers/1"
        ... [tiers.likely]
        ... hide-reasoning = {}
        ... '''
        >>> [step.defence.name for step in read_tiers(text, "tiers.toml").plan("likely").steps]
        ['hide-reasoning']
    """
    try:
        content = msgspec.convert(tomllib.loads(text), _File)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"not a file of tiers: {error}", where=where) from None
    if content.schema != TIERS_SCHEMA:
        raise ConfigurationError(
            f"schema is '{content.schema:.60}'", where=where, hint=f"Known is {TIERS_SCHEMA}."
        )
    plans = {}
    for tier, wanted in content.tiers.items():
        try:
            plans[tier] = make_plan(wanted, instead=instead)
        except (ConfigurationError, UsageError) as error:
            place = ": ".join(part for part in (f"{where}: tiers.{tier:.60}", error.where) if part)
            raise ConfigurationError(error.what, where=place, hint=error.hint) from None
    return Tiers(plans)


def load_tiers(path: Path, *, instead: Sequence[Defence] = ()) -> Tiers:
    """Read a file of tiers; see ``read_tiers``.

    Raises:
        NoInputError: There is no such file, or it cannot be read.
    """
    try:
        with open_plain(path) as stream:
            content = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror or error}", where=str(path)) from None
    if len(content) > _MOST_BYTES:
        raise ConfigurationError("more than a megabyte", where=str(path))
    return read_tiers(content.decode("utf-8", errors="replace"), str(path), instead=instead)
