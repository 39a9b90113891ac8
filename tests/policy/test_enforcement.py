"""Enforcement: only after a backtest of these rules, signed off, or on somebody's word, logged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.policy.policy_files import rule, write_house
from tests.policy.test_backtest import EXCHANGES, backtest
from tests.policy.worlds import NOW

from cautery.errors import ConfigurationError, OutputError
from cautery.policy.backtest_file import (
    LogFile,
    SignOff,
    backtest_text,
    read_backtest,
    write_backtest,
)
from cautery.policy.enforcement import authorise_enforcement
from cautery.policy.policy_set import load_policy_set

RULES = rule('context.account.status == "closed"') + rule("context.logprobs", name="two")
ENFORCED = 'default_mode = "enforce"\n'
NAMED = ENFORCED + '[enforcement]\nbacktest = "backtest.json"\n'
OVERRIDE = ENFORCED + '[enforcement]\noverride = { reason = "an incident", owner = "ana" }\n'


class Trail:
    """An audit trail in memory."""

    def __init__(self) -> None:
        self.records: list[tuple[str, Mapping[str, Any], datetime]] = []

    def append(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> int:
        self.records.append((kind, record, written_at))
        return len(self.records)


class FullTrail:
    """An audit trail on a full disk."""

    def append(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> int:
        raise OutputError("no space left")


def write_tested(
    folder: Path, policy: str = "", *, by: str | None = "ana", rules: str = RULES
) -> Path:
    """Backtest a set and write the result beside it."""
    loaded = load_policy_set(write_house(folder, rules, policy=policy))
    signed = None if by is None else SignOff(by=by, at=NOW)
    files = [LogFile(name="b.jsonl", sha256="0" * 64), LogFile(name="a.jsonl", sha256="1" * 64)]
    text = backtest_text(loaded, backtest(loaded, EXCHANGES), files, signed)
    write_backtest(folder / "backtest.json", text)
    return folder / "backtest.json"


def authorised(folder: Path, policy: str, *, rules: str = RULES) -> tuple[str, Trail]:
    """Load a set with another configuration, and ask whether it may be enforced."""
    trail = Trail()
    loaded = load_policy_set(write_house(folder, rules, policy=policy))
    return authorise_enforcement(loaded, folder, trail, NOW), trail


def refused(folder: Path, policy: str, *, rules: str = RULES) -> str:
    """Ask, and be refused."""
    with pytest.raises(ConfigurationError) as caught:
        authorised(folder, policy, rules=rules)
    assert "cautery policy backtest" in caught.value.hint
    return caught.value.what


def test_shadow_needs_nothing(tmp_path: Path) -> None:
    """What is only written down may be so without a backtest."""
    words, trail = authorised(tmp_path, "")
    assert (words, trail.records) == ("", [])


def test_without_a_backtest_nothing_is_enforced(tmp_path: Path) -> None:
    """Rules of mode enforce are refused, with the command that helps."""
    assert "no backtest is named" in refused(tmp_path, ENFORCED)


def test_after_a_backtest_of_the_same_rules(tmp_path: Path) -> None:
    """Tested in shadow, signed off, then enforced: written to the trail too."""
    write_tested(tmp_path)
    words, trail = authorised(tmp_path, NAMED)
    assert words == "2 rules enforced after a backtest (backtest.json)"
    assert [kind for kind, _, _ in trail.records] == ["policy-enforced"]


def test_a_changed_rule_must_be_tested_again(tmp_path: Path) -> None:
    """A backtest speaks of the rules that it asked, not of what became of them."""
    write_tested(tmp_path)
    assert "have changed" in refused(tmp_path, NAMED, rules=RULES.replace("closed", "gone"))


@pytest.mark.parametrize("by", [None, "", " "])
def test_somebody_must_have_looked_at_it(by: str | None, tmp_path: Path) -> None:
    """A result that nobody signed off allows nothing."""
    write_tested(tmp_path, by=by)
    assert "signed" in refused(tmp_path, NAMED)


def test_a_rule_that_was_off_was_not_tested(tmp_path: Path) -> None:
    """A rule that was not asked may not be enforced."""
    write_tested(tmp_path, '[modes]\n"house.two" = "off"\n')
    assert "did not ask the rule 'house.two'" in refused(tmp_path, NAMED)


@pytest.mark.parametrize(
    "change",
    [('"exchanges": 5', '"exchanges": 0'), ('"by": "ana"', '"by": "bob"'), ("a.jsonl", "c")],
)
def test_a_changed_figure_is_noticed(change: tuple[str, str], tmp_path: Path) -> None:
    """The file carries its own digest, so that a slip of the pen is found."""
    path = write_tested(tmp_path)
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(change[0], change[1], 1))
    with pytest.raises(ConfigurationError, match="was changed"):
        authorised(tmp_path, NAMED)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"schema": 1}', "[" * 50_000])
def test_what_is_no_backtest_is_refused(text: str, tmp_path: Path) -> None:
    """Whatever stands in the file, it is refused in words."""
    path = tmp_path / "backtest.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError):
        read_backtest(path)


def test_an_override_is_written_to_the_trail(tmp_path: Path) -> None:
    """Who overrode, why, and instead of what; before anything is enforced."""
    words, trail = authorised(tmp_path, OVERRIDE)
    assert words == "2 rules enforced without a backtest, on the word of ana"
    ((kind, record, at),) = trail.records
    assert (kind, at) == ("policy-override", NOW)
    assert (record["reason"], record["owner"]) == ("an incident", "ana")
    assert record["rules"] == ["house.one", "house.two"]
    assert record["instead_of"] == "no backtest is named in [enforcement]"
    json.dumps(record)


def test_an_override_that_cannot_be_written_allows_nothing(tmp_path: Path) -> None:
    """Without a trail, or with one that fails, nothing is enforced."""
    loaded = load_policy_set(write_house(tmp_path, RULES, policy=OVERRIDE))
    with pytest.raises(ConfigurationError, match="audit trail"):
        authorise_enforcement(loaded, tmp_path, None, NOW)
    with pytest.raises(OutputError):
        authorise_enforcement(loaded, tmp_path, FullTrail(), NOW)


@pytest.mark.parametrize("words", ['reason = " ", owner = "a"', 'reason = "a", owner = ""'])
def test_an_override_has_a_reason_and_an_owner(words: str, tmp_path: Path) -> None:
    """Nobody's word is nobody's."""
    policy = f"{ENFORCED}[enforcement]\noverride = {{ {words} }}\n"
    with pytest.raises(ConfigurationError, match="a reason and an owner"):
        authorised(tmp_path, policy)


def test_the_file_is_the_same_for_the_same_inputs(tmp_path: Path) -> None:
    """Byte for byte, with files sorted by name."""
    first = write_tested(tmp_path).read_bytes()
    assert write_tested(tmp_path).read_bytes() == first
    assert [file.name for file in read_backtest(tmp_path / "backtest.json").files] == [
        "a.jsonl",
        "b.jsonl",
    ]


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder in the file's place is an error of output."""
    with pytest.raises(OutputError):
        write_backtest(tmp_path, "")
