"""Texts of a policy set: what was read is what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from cautery.errors import ConfigurationError
from cautery.policy import sources
from cautery.policy.sources import PolicySources, read_text


def test_only_what_was_read_counts(tmp_path: Path) -> None:
    """A file beside that nobody reads does not change the digest."""
    (tmp_path / "policy.toml").write_text("a")
    (tmp_path / "list.toml").write_text("b")
    first, second = (PolicySources.of_file(tmp_path / "policy.toml") for _ in range(2))
    assert first.version() == second.version()
    assert second.read("list.toml") == "b"
    assert first.version() != second.version()


def test_kept_set_reads_nothing_else(tmp_path: Path) -> None:
    """A set out of an archive never looks at the disk, nor at the package of today."""
    kept = PolicySources({"cautery:x.cedar": "old"})
    assert kept.add("cautery:x.cedar", "new") == "old"
    with pytest.raises(ConfigurationError, match="has no 'y'"):
        kept.read("y")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\xff", "not UTF-8"), (b"x" * 40, "larger than"), (None, "cannot read")],
)
def test_unreadable(
    content: bytes | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missing, too large and undecodable files are refused by name."""
    monkeypatch.setattr(sources, "MAX_FILE_BYTES", 20)
    path = tmp_path / "f.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=words) as caught:
        read_text(path, "policy.toml:3")
    assert caught.value.where == "policy.toml:3"
