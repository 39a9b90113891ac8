"""The guard's configuration: one TOML file, checked as a whole before any of it is used."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from cautery.errors import ConfigurationError
from cautery.guard.configuration_checks import Place, faults_together
from cautery.guard.configuration_credentials import (
    CertificatesSection,
    IssuerSection,
    KeySharingSection,
    KeysSection,
    ProofsSection,
)
from cautery.guard.configuration_rules import (
    AuditSection,
    BandSection,
    CredentialsSection,
    DecisionSection,
    DegradeSection,
    EarlyWarningSection,
    PolicySection,
    RateSection,
    SharedTemplateSection,
    SharingSection,
    SnapshotSection,
)
from cautery.guard.configuration_sections import (
    OF_THE_PROXY,
    OPTIONAL,
    REPEATED,
    SECTIONS,
    EventsSection,
    GuardSection,
    IdentitySection,
    InsideSection,
    LimitsSection,
    RecordingSection,
    StrippedSection,
    TlsSection,
    UpstreamSection,
    WatermarkSection,
    WebhookSection,
)
from cautery.guard.configuration_service import DecisionServiceSection
from cautery.guard.configuration_values import WrongValueError, read_value
from cautery.toml_files import FileFault, TomlFile, error_of, read_toml

_SECTION_LINE: Final = re.compile(r"\s*\[{1,2}\s*([A-Za-z0-9_-]+)\s*\]{1,2}\s*(?:#.*)?")
_KEY_LINE: Final = re.compile(r"\s*\"?([A-Za-z0-9_-]+)\"?\s*=")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreConfiguration:
    """What every adapter needs: whom it recognises, what it decides, what it writes down."""

    path: Path
    """The file that it was read from."""
    identity: IdentitySection
    credentials: CredentialsSection
    key_sharing: KeySharingSection
    limits: LimitsSection
    stripped: StrippedSection
    watermark: WatermarkSection
    degrade: DegradeSection
    inside: InsideSection
    guard: GuardSection | None = None
    upstream: UpstreamSection | None = None
    tls: TlsSection | None = None
    decision_service: DecisionServiceSection | None = None
    keys: KeysSection | None = None
    issuer: tuple[IssuerSection, ...] = ()
    proofs: ProofsSection | None = None
    certificates: CertificatesSection | None = None
    decision: DecisionSection | None = None
    snapshot: SnapshotSection | None = None
    band: tuple[BandSection, ...] = ()
    rate: tuple[RateSection, ...] = ()
    early_warning: EarlyWarningSection | None = None
    shared_template: SharedTemplateSection | None = None
    policy: PolicySection | None = None
    audit: AuditSection | None = None
    sharing: SharingSection | None = None
    recording: RecordingSection | None = None
    events: EventsSection | None = None
    webhook: tuple[WebhookSection, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardConfiguration(CoreConfiguration):
    """What ``cautery guard serve`` needs besides; it serves the proxy if there is an upstream."""

    guard: GuardSection


def load_configuration(path: Path) -> GuardConfiguration:
    """Read the configuration of a proxy, a decision service, or both.

    Args:
        path: A TOML file.

    Returns:
        The configuration.

    Raises:
        ConfigurationError: Some of it is wrong; the first fault, and how many more there are.
    """
    configuration, faults = check_configuration(path)
    if configuration is None:
        raise _first_of(path, faults)
    return configuration


def load_core_configuration(path: Path) -> CoreConfiguration:
    """Read the configuration of any other adapter: sections of the proxy may be left out.

    Args:
        path: A TOML file.

    Returns:
        The configuration.

    Raises:
        ConfigurationError: Some of it is wrong; the first fault, and how many more there are.
    """
    checker, document = _checker_of(path)
    configuration = _core_of(path, checker, document)
    if configuration is None:
        raise _first_of(path, checker.faults)
    return configuration


def _core_of(path: Path, checker: _Checker, document: dict[str, Any]) -> CoreConfiguration | None:
    sections = checker.read(document, OPTIONAL | OF_THE_PROXY)
    return None if checker.faults else CoreConfiguration(path=path, **sections)


def _first_of(path: Path, faults: Sequence[FileFault]) -> ConfigurationError:
    return error_of(faults, f"cautery guard check {path}")


def check_configuration(path: Path) -> tuple[GuardConfiguration | None, tuple[FileFault, ...]]:
    """Read the configuration of what serves, and name everything that is wrong in it.

    Args:
        path: A TOML file.

    Returns:
        The configuration, None if anything is wrong, and the faults.
    """
    checker, document = _checker_of(path)
    configuration = _served_of(path, checker, document)
    return configuration, tuple(checker.faults)


def check_any_configuration(path: Path) -> tuple[CoreConfiguration | None, tuple[FileFault, ...]]:
    """Read a configuration of what serves, or of a guard inside another server.

    It is of the latter if it has neither ``[upstream]`` nor ``[decision_service]``, and no
    ``[guard]`` either unless it has ``[inside]``.

    Args:
        path: A TOML file.

    Returns:
        The configuration, a :class:`GuardConfiguration` if ``cautery guard serve`` can serve by
        it, None if anything is wrong, and the faults.
    """
    checker, document = _checker_of(path)
    serves = "guard" in document and "inside" not in document
    if serves or not document.keys().isdisjoint({"upstream", "decision_service"}):
        return _served_of(path, checker, document), tuple(checker.faults)
    return _core_of(path, checker, document), tuple(checker.faults)


def _served_of(
    path: Path, checker: _Checker, document: dict[str, Any]
) -> GuardConfiguration | None:
    alone = {"upstream"} if "decision_service" in document else set()
    sections = checker.read(document, OPTIONAL | alone)
    return None if checker.faults else GuardConfiguration(path=path, **sections)


def _checker_of(path: Path) -> tuple[_Checker, dict[str, Any]]:
    """Read a file as TOML; what keeps it from being read is the checker's first fault."""
    file = read_toml(path)
    return _Checker(path, file), file.tables


def _lines_of(text: str) -> dict[Place, int]:
    """Find the line of every section and key: (section, how many of its name before, key)."""
    lines: dict[Place, int] = {}
    seen: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _SECTION_LINE.fullmatch(line):
            section = match[1]
            seen[section] = seen.get(section, -1) + 1
            lines[section, seen[section], ""] = number
        elif match := _KEY_LINE.match(line):
            lines.setdefault((section, seen.get(section, 0), match[1]), number)
    return lines


class _Checker:
    """Reads a document section by section, and goes on past what is wrong."""

    def __init__(self, path: Path, file: TomlFile) -> None:
        self._path = path
        self._folder = path.parent
        self._lines = _lines_of(file.text)
        self.faults = list(file.faults)

    def read(self, document: dict[str, Any], optional: frozenset[str]) -> dict[str, Any]:
        """Read every section, unless there is a fault already."""
        sections: dict[str, Any] = {}
        if self.faults:
            return sections
        for name, value in document.items():
            if name not in SECTIONS:
                kind = "section" if isinstance(value, dict | list) else "key"
                place = (name, 0, "") if kind == "section" else ("", 0, name)
                self._fault(place, f"there is no {kind} '{name}'" + _suggestion(name, SECTIONS))
        for name, section in SECTIONS.items():
            if name in REPEATED:
                sections[name] = self._read_repeated(name, section, document.get(name, []))
            elif name in document or name not in optional:
                sections[name] = self._read_section(name, 0, section, document.get(name, {}))
        for place, text in faults_together(sections):
            self._fault(place, text)
        return sections

    def _read_repeated(self, name: str, section: type[Any], tables: Any) -> tuple[Any, ...]:
        if not isinstance(tables, list):
            self._fault((name, 0, ""), f"[{name}] must be written [[{name}]]")
            return ()
        return tuple(
            self._read_section(name, index, section, table) for index, table in enumerate(tables)
        )

    def _read_section(self, name: str, index: int, section: type[Any], table: Any) -> Any:
        if not isinstance(table, dict):
            self._fault((name, index, ""), f"[{name}] must be a section")
            return None
        known = {one.name: one for one in fields(section)}
        for given in table:
            if given not in known:
                text = f"[{name}] has no key '{given}'" + _suggestion(given, known)
                self._fault((name, index, given), text)
        values = {}
        for one in known.values():
            if one.name not in table:
                if one.default is MISSING:
                    self._fault((name, index, ""), f"[{name}] needs {one.name}")
                continue
            try:
                setting = one.metadata["setting"]
                values[one.name] = read_value(setting, table[one.name], self._folder)
            except WrongValueError as error:
                self._fault((name, index, one.name), f"[{name}] {one.name} {error}")
        needed = {one.name for one in known.values() if one.default is MISSING}
        return section(**values) if needed <= values.keys() else None

    def _fault(self, place: Place, text: str) -> None:
        section, index, _ = place
        line = self._lines.get(place) or self._lines.get((section, index, ""))
        where = f"{self._path}:{line}" if line else str(self._path)
        self.faults.append(FileFault(where=where, text=text))


def _suggestion(name: str, known: dict[str, Any]) -> str:
    close = get_close_matches(name, known, n=1)
    if close:
        return f" (did you mean '{close[0]}'?)"
    return f" (there are: {', '.join(known)})"
