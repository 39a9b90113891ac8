"""A file of tiers: read whole, or refused with the place that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from cautery.errors import ConfigurationError, NoInputError, UsageError
from cautery.resist.tiers import load_tiers, read_tiers

HEAD = 'schema = "cautery.resist-tiers/1"\n'
TIERS = f"""{HEAD}
[tiers.none]
[tiers.watch]
drop-logprobs = {{}}
[tiers.likely]
summarise-reasoning = {{ most_sentences = 2 }}
"""


def test_each_tier_has_its_plan() -> None:
    """A tier without defences is there, and changes nothing."""
    tiers = read_tiers(TIERS, "t.toml")
    assert sorted(tiers.plans) == ["likely", "none", "watch"]
    assert tiers.plan("none").steps == ()
    assert tiers.plan("likely").steps[0].parameters.most_sentences == 2


def test_an_unknown_tier_is_not_no_defence() -> None:
    """A misspelt tier is an error, and the others are named."""
    with pytest.raises(UsageError, match="likely, none, watch"):
        read_tiers(TIERS, "t.toml").plan("likly")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema = ", "not a file of tiers"),
        ("[tiers.a]\n", "not a file of tiers"),
        ('schema = "cautery.resist-tiers/2"\n[tiers]\n', "schema"),
        (HEAD + "[tiers.a]\nhide-all = {}\n", "tiers.a"),
        (HEAD + "[tiers.a]\nsummarise-reasoning = {most_share = 2}\n", "most_share"),
        (HEAD + "[tiers.a]\nhide-reasoning = 1\n", "not a file of tiers"),
        (HEAD + "[tiers.a]\nhide-reasoning = {}\nsummarise-reasoning = {}\n", "clash"),
        (HEAD + "extra = 1\n[tiers]\n", "extra"),
    ],
    ids=["cut", "no-schema", "version", "unknown", "range", "kind", "clash", "field"],
)
def test_wrong_files(text: str, message: str) -> None:
    """Each fault is told with the file's name."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        read_tiers(text, "t.toml")
    assert "t.toml" in str(caught.value)


def test_files_that_are_not_there_or_too_large(tmp_path: Path) -> None:
    """A missing file and one of more than a megabyte are refused."""
    with pytest.raises(NoInputError, match="cannot be read"):
        load_tiers(tmp_path / "none.toml")
    (tmp_path / "large.toml").write_text("#" * 1_000_001)
    with pytest.raises(ConfigurationError, match="megabyte"):
        load_tiers(tmp_path / "large.toml")
