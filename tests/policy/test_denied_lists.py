"""Denied lists: version, date and digest, lookups, and what could not be looked up."""

from __future__ import annotations

import hashlib

import pytest
from tests.policy.worlds import DENIED

from cautery.errors import ConfigurationError
from cautery.policy.denied_lists import DeniedLists, read_denied_list

DIGEST = hashlib.sha256(DENIED.encode()).hexdigest()


def test_a_list_names_itself() -> None:
    """Evidence has name, version, date and digest."""
    found = read_denied_list(DENIED, "denied.toml", DIGEST.upper())
    assert found.evidence == f"list test-list version 7 of 2026-11-15, sha256 {DIGEST}"


def test_another_file_than_the_pinned_one_is_refused() -> None:
    """A pinned list does not change unnoticed."""
    with pytest.raises(ConfigurationError, match="pinned"):
        read_denied_list(DENIED + "#", "denied.toml", DIGEST)


@pytest.mark.parametrize(
    ("change", "line"),
    [(('version = "7"', "version = 7"), 3), (("networks", "netwroks"), 8), (("64496", '"AS1"'), 8)],
)
def test_wrong_lists_are_refused_by_line(change: tuple[str, str], line: int) -> None:
    """A list is checked like any other file of the set."""
    with pytest.raises(ConfigurationError) as caught:
        read_denied_list(DENIED.replace(*change), "denied.toml")
    assert caught.value.where == f"denied.toml:{line}"


def test_lookups() -> None:
    """Account, organisation and network are looked up; an empty one matches nothing."""
    text = DENIED.replace("test-list", "second").replace('"denied-account"', '""')
    lists = DeniedLists([read_denied_list(DENIED, "a"), read_denied_list(text, "b")])
    assert lists.names("denied-account", "", 0) == ("test-list",)
    assert lists.names("x", "denied-organisation", 0) == ("second", "test-list")
    assert lists.names("", "", 0) == ()
    assert lists.names("x", "y", 64496) == ("second", "test-list")
    assert [line.split()[1] for line in lists.evidence(["second"])] == ["second"]


def test_what_could_not_be_looked_up() -> None:
    """Only a kind of thing that some list names needs to be known."""
    full = DeniedLists([read_denied_list(DENIED, "a")])
    assert not full.unchecked("a", "o", 1)
    assert full.unchecked("", "o", 1)
    assert full.unchecked("a", "", 1)
    assert full.unchecked("a", "o", 0)
    short = DENIED[: DENIED.index("accounts")]
    assert not DeniedLists([read_denied_list(short, "a")]).unchecked("", "", 0)
    assert not DeniedLists([]).unchecked("", "", 0)
