"""What a gateway plants, by its files: read, looked up, and read again once they have changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cautery.errors import CauteryError, ConfigurationError, MalformedFileError, NoInputError
from cautery.guard.canary_files import (
    CONFIGURATION_VARIABLE,
    LOOK_SECONDS,
    CanaryFiles,
    CanarySettings,
    load_settings,
    named_settings,
)
from cautery.guard.secret_files import read_secret
from cautery.provenance.marker_registry import plant
from cautery.watermark.markers import Marker

SORTING = Marker(marker_id="sorting", words=("sort",), choices=("Shall I time it?", "Tests?"))
POEM = Marker(marker_id="poem", words=("poem",), choices=("Longer?", "Another one?"))
ACCOUNTS = "account_id,campaign_id,band\na-1,C-1,likely\na-2,C-9,likely\na-3,,\n"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def settings(tmp_path: Path) -> CanarySettings:
    """A registry with one marker for one campaign, and a table of three accounts."""
    (tmp_path / "canary.key").write_text("5e" * 32)
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    key = read_secret(tmp_path / "canary.key")
    plant(tmp_path / "registry.jsonl", key, "C-1", SORTING)
    (tmp_path / "canary.toml").write_text(
        'registry = "registry.jsonl"\nkey_file = "canary.key"\naccounts = "accounts.csv"\n'
    )
    return load_settings(tmp_path / "canary.toml")


def test_only_accounts_of_its_campaigns_are_given_markers(settings: CanarySettings) -> None:
    """A campaign without markers, no campaign, and an unknown account get nothing."""
    canary = CanaryFiles(settings).canary
    assert canary.closing("a-1", "Sort this.", "Sorted.").strip() in SORTING.choices
    assert not canary.closing("a-1", "Hello.", "Hello.")
    assert not canary.closing("a-1", "Sort this.", "Sorted. tests?")
    assert not any(canary.closing(one, "Sort this.", "Sorted.") for one in ("a-2", "a-3", "a-4"))


def test_a_new_marker_is_taken_up(settings: CanarySettings) -> None:
    """It is looked once a second; what is planted meanwhile is known after that."""
    clock = Clock()
    files = CanaryFiles(settings, clock)
    plant(settings.registry, read_secret(settings.key_file), "C-1", POEM)
    assert not files.changed()
    clock.now += LOOK_SECONDS
    assert files.changed()
    files.read()
    assert files.canary.closing("a-1", "A poem.", "So it is.").strip() in POEM.choices
    clock.now += LOOK_SECONDS
    assert not files.changed()


def test_a_new_key_with_its_registry_is_taken_up(settings: CanarySettings) -> None:
    """A key alone fits no registry: what was read before stays until both are there."""
    clock = Clock()
    files = CanaryFiles(settings, clock)
    before = files.canary
    settings.key_file.write_text("a7" * 32)
    clock.now += LOOK_SECONDS
    assert files.changed()
    files.read()
    assert files.canary is before
    new = settings.registry.with_name("new.jsonl")
    plant(new, read_secret(settings.key_file), "C-9", SORTING)
    new.replace(settings.registry)
    clock.now += LOOK_SECONDS
    assert files.changed()
    files.read()
    assert files.canary.campaigns == {"a-2": "C-9"}


def test_a_file_that_is_gone_changes_nothing(
    settings: CanarySettings, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once, with the file and without a line of it."""
    clock = Clock()
    files = CanaryFiles(settings, clock)
    before = files.canary
    settings.accounts.unlink()
    for _ in range(3):
        clock.now += LOOK_SECONDS
        if files.changed():
            files.read()
    assert files.canary is before
    (record,) = caplog.records
    assert record.__dict__["fields"] == {"error": "NoInputError", "where": str(settings.accounts)}


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("accounts.csv", "account,campaign\n", MalformedFileError),
        ("accounts.csv", b"account_id,campaign_id\n\xff,C-1\n", MalformedFileError),
        ("accounts.csv", None, NoInputError),
        ("canary.key", "5e", ConfigurationError),
        ("registry.jsonl", "{}\n", MalformedFileError),
        ("canary.toml", 'registry = "r"\n', ConfigurationError),
        ("canary.toml", 'registry = "r"\nkey_file = 7\naccounts = "a"\n', ConfigurationError),
        ("canary.toml", "registry = \n", ConfigurationError),
    ],
)
def test_a_wrong_file_is_named_at_the_start(
    settings: CanarySettings,
    tmp_path: Path,
    name: str,
    content: str | bytes | None,
    kind: type[CauteryError],
) -> None:
    """A gateway does not begin to plant by files that it cannot read."""
    path = tmp_path / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path)
    with pytest.raises(kind, match=name):
        CanaryFiles(load_settings(tmp_path / "canary.toml"))


def test_the_environment_names_the_file(
    settings: CanarySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it nothing is planted, and that is said."""
    monkeypatch.delenv(CONFIGURATION_VARIABLE, raising=False)
    with pytest.raises(ConfigurationError, match="no configuration of the canary is named"):
        named_settings()
    monkeypatch.setenv(CONFIGURATION_VARIABLE, str(tmp_path / "canary.toml"))
    assert named_settings() == settings
