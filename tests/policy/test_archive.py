"""The archive: a set is loaded as it was, by its digest, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.policy.policy_files import rule, write_house
from tests.policy.test_evaluator import ACCOUNT, REQUEST
from tests.policy.worlds import load_world

from cautery.errors import ConfigurationError, OutputError, UsageError
from cautery.policy import policy_set
from cautery.policy.archive import PolicyArchive
from cautery.policy.evaluator import CedarEvaluator
from cautery.policy.policy_set import load_policy_set


def test_a_set_is_asked_again_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After files, lists and the package's own schema have changed, the old answer is given."""
    policy = load_world(tmp_path)
    request = ACCOUNT
    archive = PolicyArchive(tmp_path / "archive")
    archive.store(policy)
    before = CedarEvaluator(policy).evaluate(REQUEST, request, None)
    for file in tmp_path.glob("*.*"):
        file.unlink()
    monkeypatch.setattr(policy_set, "base_schema", lambda: "entity Nothing;")
    again = archive.load(policy.version[:12])
    assert again.version == policy.version
    assert CedarEvaluator(again).evaluate(REQUEST, request, None) == before


def test_storing_twice_keeps_one(tmp_path: Path) -> None:
    """The same set is one file; another one is another."""
    archive = PolicyArchive(tmp_path / "archive")
    first = load_policy_set(write_house(tmp_path, rule("context.logprobs")))
    assert archive.store(first) == archive.store(first)
    second = load_policy_set(write_house(tmp_path, rule("context.reasoning")))
    archive.store(second)
    assert archive.versions() == sorted([first.version, second.version])


def test_a_damaged_file_is_written_anew(tmp_path: Path) -> None:
    """Storing repairs a file that is not what its name says."""
    archive = PolicyArchive(tmp_path / "archive")
    policy = load_policy_set(write_house(tmp_path, rule("context.logprobs")))
    path = archive.store(policy)
    path.write_text("{}")
    archive.store(policy)
    assert archive.load(policy.version).version == policy.version


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    """One character changed, and nothing is loaded."""
    archive = PolicyArchive(tmp_path / "archive")
    policy = load_policy_set(write_house(tmp_path, rule("context.logprobs")))
    path = archive.store(policy)
    path.write_text(path.read_text().replace("logprobs", "reasoning"))
    with pytest.raises(ConfigurationError, match="was changed"):
        archive.load(policy.version)


@pytest.mark.parametrize("version", ["../../etc", "abc", "", "z" * 64, "0" * 65, "*" * 10])
def test_what_is_no_digest_is_refused(version: str, tmp_path: Path) -> None:
    """A digest is hexadecimal digits, never a path or a pattern."""
    with pytest.raises(UsageError, match="hexadecimal"):
        PolicyArchive(tmp_path).load(version)


def test_an_unknown_digest(tmp_path: Path) -> None:
    """A digest that is not there is refused in words."""
    with pytest.raises(UsageError, match="no policy set"):
        PolicyArchive(tmp_path).load("0" * 64)


def test_an_archive_that_cannot_be_written(tmp_path: Path) -> None:
    """A file in the folder's place is an error of output."""
    (tmp_path / "archive").write_text("")
    policy = load_policy_set(write_house(tmp_path, rule("context.logprobs")))
    with pytest.raises(OutputError):
        PolicyArchive(tmp_path / "archive").store(policy)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "no policy set"),
        ('{"schema": "cautery.policy-bundle/9", "texts": {}}', "schema must be"),
        ('{"schema": "cautery.policy-bundle/1", "texts": {}}', "has no 'policy.toml'"),
    ],
)
def test_what_is_no_policy_set_is_refused(content: str, words: str, tmp_path: Path) -> None:
    """A file that is what its name says may still be no policy set."""
    digest = hashlib.sha256(content.encode()).hexdigest()
    (tmp_path / digest[:2]).mkdir()
    (tmp_path / digest[:2] / f"{digest}.json").write_text(content)
    with pytest.raises(ConfigurationError, match=words):
        PolicyArchive(tmp_path).load(digest)
