"""The guard's configuration: one TOML file, checked as a whole before any of it is used."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from cautery.errors import ConfigurationError
from cautery.guard.configuration_sections import (
    OPTIONAL,
    REPEATED,
    SECTIONS,
    DegradeSection,
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
from cautery.guard.configuration_values import WrongValueError, header_name, read_value

MOST_BYTES: Final = 2**20
"""Of a configuration file."""
_SECTION_LINE: Final = re.compile(r"\s*\[{1,2}\s*([A-Za-z0-9_-]+)\s*\]{1,2}\s*(?:#.*)?")
_KEY_LINE: Final = re.compile(r"\s*\"?([A-Za-z0-9_-]+)\"?\s*=")
_TOML_LINE: Final = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardConfiguration:
    """A configuration that was read and checked."""

    guard: GuardSection
    upstream: UpstreamSection
    identity: IdentitySection
    limits: LimitsSection
    stripped: StrippedSection
    watermark: WatermarkSection
    degrade: DegradeSection
    inside: InsideSection
    tls: TlsSection | None = None
    recording: RecordingSection | None = None
    events: EventsSection | None = None
    webhook: tuple[WebhookSection, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong in a file."""

    where: str
    """``file:line``, or the file."""
    text: str
    """What is wrong, with a suggestion if there is one."""

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


def load_configuration(path: Path) -> GuardConfiguration:
    """Read a configuration file.

    Args:
        path: A TOML file.

    Returns:
        The configuration.

    Raises:
        ConfigurationError: Some of it is wrong; the first fault, and how many more there are.
    """
    configuration, faults = check_configuration(path)
    if configuration is None:
        more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
        raise ConfigurationError(
            faults[0].text + more,
            where=faults[0].where,
            hint=f"See: cautery guard check {path}",
        )
    return configuration


def check_configuration(path: Path) -> tuple[GuardConfiguration | None, tuple[Fault, ...]]:
    """Read a configuration file and name everything that is wrong in it.

    Args:
        path: A TOML file.

    Returns:
        The configuration, None if anything is wrong, and the faults.
    """
    try:
        content = path.read_bytes()[: MOST_BYTES + 1]
        text = content.decode()
        if len(content) > MOST_BYTES:
            return None, (Fault(where=str(path), text="is longer than a configuration may be"),)
        document = tomllib.loads(text)
    except OSError as error:
        reason = error.strerror or str(error)
        return None, (Fault(where=str(path), text=f"cannot be read: {reason}"),)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, (_syntax_fault(path, str(error)),)
    checker = _Checker(path, _lines_of(text))
    configuration = checker.read(document)
    return configuration, tuple(checker.faults)


def _syntax_fault(path: Path, message: str) -> Fault:
    match = _TOML_LINE.search(message)
    where = f"{path}:{match[1]}" if match else str(path)
    return Fault(where=where, text=f"is not TOML: {_TOML_LINE.sub('', message).strip()}")


def _lines_of(text: str) -> dict[tuple[str, int, str], int]:
    """Find the line of every section and key: (section, how many of its name before, key)."""
    lines: dict[tuple[str, int, str], int] = {}
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

    def __init__(self, path: Path, lines: dict[tuple[str, int, str], int]) -> None:
        self._path = path
        self._folder = path.parent
        self._lines = lines
        self.faults: list[Fault] = []

    def read(self, document: dict[str, Any]) -> GuardConfiguration | None:
        for name, value in document.items():
            if name not in SECTIONS:
                kind = "section" if isinstance(value, dict | list) else "key"
                place = (name, 0, "") if kind == "section" else ("", 0, name)
                self._fault(place, f"there is no {kind} '{name}'" + _suggestion(name, SECTIONS))
        sections: dict[str, Any] = {}
        for name, section in SECTIONS.items():
            if name in REPEATED:
                sections[name] = self._read_repeated(name, section, document.get(name, []))
            elif name in document or name not in OPTIONAL:
                sections[name] = self._read_section(name, 0, section, document.get(name, {}))
        self._check_together(sections)
        return None if self.faults else GuardConfiguration(**sections)

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

    def _check_together(self, sections: dict[str, Any]) -> None:
        """Check what one section says against another."""
        guard, upstream = sections.get("guard"), sections.get("upstream")
        if guard is not None and guard.admin == guard.listen and guard.listen.port:
            self._fault(("guard", 0, "admin"), "[guard] admin must not be where clients are served")
        for path in guard.paths if guard is not None else ():
            if not path.startswith("/"):
                self._fault(("guard", 0, "paths"), "[guard] paths must begin with a slash")
        if upstream is not None and upstream.credential_file and upstream.credential == "remove":
            self._fault(
                ("upstream", 0, "credential"),
                "[upstream] credential and credential_file cannot both be given",
            )
        identity = sections.get("identity")
        if guard is not None and guard.workers > 1 and identity and not identity.pepper_file:
            self._fault(
                ("guard", 0, "workers"),
                "[identity] needs pepper_file with several workers, which must name accounts alike",
            )
        stripped, watermark = sections.get("stripped"), sections.get("watermark")
        for name in stripped.headers if stripped is not None else ():
            if not header_name(name):
                self._fault(("stripped", 0, "headers"), "[stripped] headers must be lower case")
        if watermark is not None and watermark.header and not header_name(watermark.header):
            self._fault(("watermark", 0, "header"), "[watermark] header must be lower case")
        for index, webhook in enumerate(sections.get("webhook", ())):
            if webhook is not None and not _is_private(webhook.url):
                self._fault(("webhook", index, "url"), "[[webhook]] url must begin with https://")

    def _fault(self, place: tuple[str, int, str], text: str) -> None:
        section, index, _ = place
        line = self._lines.get(place) or self._lines.get((section, index, ""))
        where = f"{self._path}:{line}" if line else str(self._path)
        self.faults.append(Fault(where=where, text=text))


def _is_private(url: str) -> bool:
    return url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]"))


def _suggestion(name: str, known: dict[str, Any]) -> str:
    close = get_close_matches(name, known, n=1)
    if close:
        return f" (did you mean '{close[0]}'?)"
    return f" (there are: {', '.join(known)})"
