"""Finds what stands on the shelves, built in or installed beside, and loads it by name.

A shelf is a plural subfolder with one file per thing. Its ``__init__`` names its members in one
sorted tuple, ``MEMBERS``; each member's module has one constant, ``MEMBER``, that satisfies the
shelf's port. Other packages add members through entry points of the group ``cautery.<shelf>``.
Nothing is imported before it is asked for.

Example:
    >>> SIGNALS.entry_point_group
    'cautery.signals'
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from cautery.errors import ConfigurationError, UsageError
from cautery.ports import (
    Attack,
    Defence,
    Enforcer,
    Engine,
    Link,
    LogFormat,
    PolicyPack,
    Probe,
    ReportFormat,
    Scheme,
    SharingFormat,
    Signal,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import EntryPoint
    from types import ModuleType

Port = TypeVar("Port")


def entry_points(*, group: str) -> Iterable[EntryPoint]:
    """List what other packages announce; a slow import that no built-in member needs."""
    from importlib import metadata

    return metadata.entry_points(group=group)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf(Generic[Port]):
    """One shelf: where its members live and which port they satisfy."""

    kind: str
    """Name of the shelf in entry points, docs and ``cautery list``."""
    noun: str
    """One member, in words."""
    package: str
    """Package that holds the members, one module each."""
    port: Any
    """The protocol of ``cautery.ports`` that each member satisfies."""

    @property
    def entry_point_group(self) -> str:
        """Group in which other packages announce members of this shelf."""
        return f"cautery.{self.kind}"

    def names(self) -> tuple[str, ...]:
        """Name all members, built in and installed beside, sorted.

        Returns:
            Names as ``load`` takes them.

        Raises:
            ConfigurationError: Another package announces a name that is built in, or twice.
        """
        return tuple(sorted({*self._built_in(), *self._announced()}))

    def load(self, name: str) -> Port:
        """Import one member.

        Args:
            name: Name of the member; ``-`` and ``_`` are the same.

        Returns:
            The member, checked against the port.

        Raises:
            UsageError: There is no such member.
            ConfigurationError: What another package announces does not satisfy the port.
        """
        wanted = name.replace("-", "_")
        if wanted in self._built_in():
            module: ModuleType = import_module(f"{self.package}.{wanted}")
            return self._checked(wanted, getattr(module, "MEMBER", None))
        announced = self._announced()
        if wanted in announced:
            return self._checked(wanted, announced[wanted].load())
        raise UsageError(f"there is no {self.noun} '{name}'", hint=self._suggestion(wanted))

    def load_all(self) -> tuple[Port, ...]:
        """Import all members, in the order of their names.

        Returns:
            The members.
        """
        return tuple(self.load_by_name().values())

    def load_by_name(self) -> dict[str, Port]:
        """Import all members, in the order of their names.

        Returns:
            Each member under its name.
        """
        return {name: self.load(name) for name in self.names()}

    def _built_in(self) -> tuple[str, ...]:
        return cast("tuple[str, ...]", import_module(self.package).MEMBERS)

    def _announced(self) -> dict[str, EntryPoint]:
        found: dict[str, EntryPoint] = {}
        for point in entry_points(group=self.entry_point_group):
            name = point.name.replace("-", "_")
            if name in found or name in self._built_in():
                raise ConfigurationError(
                    f"two packages offer a {self.noun} '{name}'",
                    where=point.value,
                    hint="Uninstall one of them.",
                )
            found[name] = point
        return found

    def _checked(self, name: str, member: object) -> Port:
        if not isinstance(member, self.port):
            raise ConfigurationError(
                f"the {self.noun} '{name}' does not satisfy the port {self.port.__name__}",
                where=self.package,
                hint="See cautery.ports for what it must have.",
            )
        return cast("Port", member)

    def _suggestion(self, wanted: str) -> str:
        names = self.names()
        close = get_close_matches(wanted, names, n=1)
        if close:
            return f"Did you mean '{close[0]}'?"
        return f"There are: {', '.join(names)}." if names else ""


LOG_FORMATS: Final[Shelf[LogFormat]] = Shelf(
    kind="formats", noun="log format", package="cautery.ingest.formats", port=LogFormat
)
SIGNALS: Final[Shelf[Signal]] = Shelf(
    kind="signals", noun="signal", package="cautery.scan.signals", port=Signal
)
LINKS: Final[Shelf[Link]] = Shelf(
    kind="links", noun="link", package="cautery.scan.links", port=Link
)
ENGINES: Final[Shelf[Engine]] = Shelf(
    kind="engines", noun="engine", package="cautery.scan.engines", port=Engine
)
REPORT_FORMATS: Final[Shelf[ReportFormat]] = Shelf(
    kind="reports", noun="report format", package="cautery.report.formats", port=ReportFormat
)
ATTACKS: Final[Shelf[Attack]] = Shelf(
    kind="attacks", noun="attack tier", package="cautery.simulate.attacks", port=Attack
)
SCHEMES: Final[Shelf[Scheme]] = Shelf(
    kind="schemes", noun="watermark scheme", package="cautery.watermark.schemes", port=Scheme
)
PACKS: Final[Shelf[PolicyPack]] = Shelf(
    kind="packs", noun="policy pack", package="cautery.policy.packs", port=PolicyPack
)
ADAPTERS: Final[Shelf[Enforcer]] = Shelf(
    kind="adapters", noun="enforcement adapter", package="cautery.guard.adapters", port=Enforcer
)
PROBES: Final[Shelf[Probe]] = Shelf(
    kind="probes", noun="probe", package="cautery.provenance.probes", port=Probe
)
SHARING_FORMATS: Final[Shelf[SharingFormat]] = Shelf(
    kind="sharing", noun="sharing format", package="cautery.intel.formats", port=SharingFormat
)
DEFENCES: Final[Shelf[Defence]] = Shelf(
    kind="defences", noun="defence", package="cautery.resist.defences", port=Defence
)

SHELVES: Final[tuple[Shelf[Any], ...]] = (
    LOG_FORMATS,
    ENGINES,
    SIGNALS,
    LINKS,
    REPORT_FORMATS,
    ATTACKS,
    SCHEMES,
    PACKS,
    ADAPTERS,
    PROBES,
    SHARING_FORMATS,
    DEFENCES,
)
"""All shelves, in the order in which data meets them."""
