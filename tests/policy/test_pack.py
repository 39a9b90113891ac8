"""Packs and their parameters: what is wrong with one is named by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.policy.policy_files import PACK, rule, write_house

from cautery.errors import ConfigurationError
from cautery.policy.policy_set import load_policy_set

RULE = rule("context.choices > resource.settings.most")
PARAMETER = '\n[parameters.most]\nkind = "whole number"\ndescription = "Most."\nexample = 2\n'
GIVEN = "\n[parameters.most]\n"


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("Not legal advice.", "Binding."), 5, "notice must be"),
        (('name = "house"', 'name = "home"'), 2, "must be 'house'"),
        (("2026-11-01\nnotice", '"soon"\nnotice'), 4, "dated"),
        (('kind = "whole number"', 'kind = "share"'), 12, "kind"),
        (("example = 2", "example = 2.5"), 14, "example of 'most' is no whole number"),
        (("example = 2", 'example = 2\ndefault = "x"'), 15, "default of 'most'"),
        (("parameters.most", "parameters.Most"), 11, "no name of a parameter"),
    ],
)
def test_wrong_packs(change: tuple[str, str], line: int, words: str, tmp_path: Path) -> None:
    """What a pack says of itself is checked like everything else."""
    text = PACK + PARAMETER
    assert change[0] in text
    path = write_house(tmp_path, RULE, pack=text.replace(*change), policy=f"{GIVEN}value = 1\n")
    with pytest.raises(ConfigurationError, match=words) as caught:
        load_policy_set(path)
    assert caught.value.where == f"house.toml:{line}"


def test_a_pack_without_sources_is_refused(tmp_path: Path) -> None:
    """Rules that come from nowhere cannot be gone over."""
    pack = PACK[: PACK.index("[[sources]]")] + "sources = []\n"
    with pytest.raises(ConfigurationError, match="names the sources"):
        load_policy_set(write_house(tmp_path, rule("context.logprobs"), pack=pack))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("value = true", "no whole number"),
        ("value = 9223372036854775808", "no whole number|out of range"),
        ('file = "x.toml"', "takes no file"),
        ('value = 1\nfile = "x.toml"', "either value or file"),
        ('source = "x"', "either value or file"),
    ],
)
def test_wrong_values(given: str, words: str, tmp_path: Path) -> None:
    """A value is what its parameter takes, given one way."""
    path = write_house(tmp_path, RULE, pack=PACK + PARAMETER, policy=f"{GIVEN}{given}\n")
    with pytest.raises(ConfigurationError, match=words) as caught:
        load_policy_set(path)
    assert caught.value.where.startswith(f"{path}:")


def test_defaults_and_values(tmp_path: Path) -> None:
    """A default counts until a value is given."""
    pack = f"{PACK}{PARAMETER}default = 3\n"
    assert load_policy_set(write_house(tmp_path, RULE, pack=pack)).values == {"most": 3}
    given = write_house(tmp_path, RULE, pack=pack, policy=f"{GIVEN}value = 5\n")
    assert load_policy_set(given).values == {"most": 5}
