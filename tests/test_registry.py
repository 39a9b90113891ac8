"""The registry: built-in members, those of other packages, and clear refusals."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint, EntryPoints
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from cautery import registry
from cautery.errors import ConfigurationError, UsageError
from cautery.ports import ReportFormat
from cautery.registry import Shelf

if TYPE_CHECKING:
    from typing import TextIO

    from cautery.records.case import Case


@dataclass(frozen=True)
class FakeFormat:
    """A report format that writes nothing."""

    name: str
    file_name: str = ""

    def write(self, case: Case, stream: TextIO) -> None:
        """Write nothing."""


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf[ReportFormat]:
    """Return a shelf with two built-in members, one of which breaks the port."""
    package = ModuleType("fake_shelf")
    package.__dict__["MEMBERS"] = ("broken", "plain_text")
    good, broken = ModuleType("fake_shelf.plain_text"), ModuleType("fake_shelf.broken")
    good.__dict__["MEMBER"] = FakeFormat("plain-text")
    broken.__dict__["MEMBER"] = object()
    for module in (package, good, broken):
        monkeypatch.setitem(__import__("sys").modules, module.__name__, module)
    return Shelf(kind="fakes", noun="fake", package="fake_shelf", port=ReportFormat)


def announce(monkeypatch: pytest.MonkeyPatch, *points: EntryPoint) -> None:
    """Pretend that other packages announce members."""

    def fake(group: str) -> Any:
        return EntryPoints(point for point in points if point.group == group)

    monkeypatch.setattr(registry, "entry_points", fake)


def test_built_in_member_is_loaded_by_either_spelling(shelf: Shelf[ReportFormat]) -> None:
    """A dash and an underscore in a name are the same."""
    assert shelf.load("plain-text") is shelf.load("plain_text")


def test_unknown_name_suggests_the_nearest(shelf: Shelf[ReportFormat]) -> None:
    """A misspelt name is a usage error that names the nearest member."""
    with pytest.raises(UsageError, match="Did you mean 'plain_text'"):
        shelf.load("plain-txt")


def test_unknown_name_far_from_all_lists_them(shelf: Shelf[ReportFormat]) -> None:
    """A name near nothing is answered with the list."""
    with pytest.raises(UsageError, match="There are: broken, plain_text"):
        shelf.load("zzz")


def test_member_that_breaks_the_port_is_refused(shelf: Shelf[ReportFormat]) -> None:
    """What does not satisfy the port is named, not used."""
    with pytest.raises(ConfigurationError, match="does not satisfy the port ReportFormat"):
        shelf.load("broken")


def test_other_packages_add_members(
    shelf: Shelf[ReportFormat], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry point of the shelf's group is a member like any other."""
    announce(monkeypatch, EntryPoint("my-pdf", "fake_shelf.plain_text:MEMBER", "cautery.fakes"))
    assert shelf.names() == ("broken", "my_pdf", "plain_text")
    assert shelf.load("my-pdf") is shelf.load("plain-text")


def test_two_members_of_one_name_are_refused(
    shelf: Shelf[ReportFormat], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another package cannot silently replace what is built in."""
    announce(monkeypatch, EntryPoint("plain-text", "elsewhere:MEMBER", "cautery.fakes"))
    with pytest.raises(ConfigurationError, match="two packages offer"):
        shelf.names()


def test_every_shelf_has_its_own_kind() -> None:
    """No two shelves share a kind, a package or a port."""
    shelves = registry.SHELVES
    assert len({shelf.kind for shelf in shelves}) == len(shelves)
    assert len({shelf.package for shelf in shelves}) == len(shelves)
    assert len({shelf.port for shelf in shelves}) == len(shelves)
