"""Policy sets: what is refused, in which file and line, and what was probably meant."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.policy.policy_files import PACK, rule, write_house
from tests.policy.worlds import load_world, write_world

from cautery.errors import CauteryError, ConfigurationError
from cautery.policy.policy_set import load_from, load_policy_set
from cautery.policy.sources import POLICY_FILE, PolicySources

GOOD = rule('context.account.status == "closed"')


def refused(path: Path) -> ConfigurationError:
    """Load a set that must be refused."""
    with pytest.raises(ConfigurationError) as caught:
        load_policy_set(path)
    return caught.value


def test_misspelt_attribute_is_refused_with_its_line(tmp_path: Path) -> None:
    """A rule that names no attribute of the schema is refused, and the right name is guessed."""
    error = refused(write_house(tmp_path, GOOD + rule('context.account.statsu == "x"', name="two")))
    assert error.where == "house.cedar:14"
    assert "statsu" in error.what
    assert error.hint == "Did you mean 'status'?"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("context.account.status > 3", "unexpected type"),
        ("context.nothing == 1", "nothing"),
        ("resource.settings.supported_regions.contains(context.country)", "supported_regions"),
        ("principal.name == context.country", "name"),
    ],
)
def test_what_does_not_fit_the_schema_is_refused(
    condition: str, words: str, tmp_path: Path
) -> None:
    """Wrong types and unknown attributes are refused at load, whatever they hang on."""
    error = refused(write_house(tmp_path, rule(condition)))
    assert words in error.what
    assert error.where.startswith("house.cedar:")


@pytest.mark.parametrize(
    ("policy", "line", "what", "hint"),
    [
        ('\n[modes]\n"house.oen" = "off"', 5, "house.oen", "Did you mean 'house.one'?"),
        ('\n[modes]\n"house.one" = "shadwo"', 5, "modes.house.one", ""),
        ('default_moed = "off"', 3, "default_moed", "Did you mean 'default_mode'?"),
        ("\n[parameters.regions]\nvalue = 1", 4, "regions", ""),
        ('\n[classes.big]\nmodels = ["a", "a"]', 5, "two classes", ""),
        ('\n[classes.unlisted]\nmodels = ["a"]', 4, "unlisted", ""),
        ("\n[classes.big]\nmodels = [1]", 5, "classes.big.models.0", ""),
        ('\n[classes.big]\nmodels = []\nlest_verification = "email"', 6, "lest_verification",
         "Did you mean 'least_verification'?"),
        ('[[denied]]\nfile = "no.toml"', 1, "no.toml", ""),
        ('\n[watermark_keys]\nother = "k-1\\r\\nx-admin: 1"', 5, "no identifier of a key", ""),
        ('\n[watermark_keys.campaigns]\n"C-1" = "k-1,k-2"', 5, "no identifier of a key", ""),
        ("\n[broken", 4, "not TOML", ""),
    ],
)  # fmt: skip
def test_wrong_configuration_is_named_by_line(
    policy: str, line: int, what: str, hint: str, tmp_path: Path
) -> None:
    """Each fault of policy.toml is named by its line, with a guess where there is one."""
    path = write_house(tmp_path, GOOD, policy=policy)
    error = refused(path)
    assert what in error.what
    assert error.where in {f"{path}:{line}", str(path)}
    assert hint in error.hint


def test_unknown_pack_is_guessed(tmp_path: Path) -> None:
    """A pack that is not there is refused, and the likely one is named as it is written."""
    path = write_house(tmp_path, GOOD)
    path.write_text('schema = "cautery.policy/1"\npacks = ["supported-region"]\n')
    assert refused(path).hint == "Did you mean 'supported-regions'?"


def test_parameter_without_a_value_is_refused(tmp_path: Path) -> None:
    """No list of regions is taken for granted: whoever loads the pack gives theirs."""
    path = tmp_path / "policy.toml"
    path.write_text('schema = "cautery.policy/1"\npacks = ["supported-regions"]\n')
    assert "supported_regions" in refused(path).what


def test_list_without_date_or_source_is_refused(tmp_path: Path) -> None:
    """A list says when it was made and where it comes from."""
    path = tmp_path / "policy.toml"
    text = 'schema = "cautery.policy/1"\npacks = ["supported-regions"]\n'
    path.write_text(text + '[parameters.supported_regions]\nvalue = ["DE"]\n')
    error = refused(path)
    assert error.where == f"{path}:3"
    assert "when it was made" in error.what


def test_list_in_a_file(tmp_path: Path) -> None:
    """A list may stand in a file of its own, which is then part of the set."""
    path = tmp_path / "policy.toml"
    text = 'schema = "cautery.policy/1"\npacks = ["supported-regions"]\n'
    path.write_text(text + '[parameters.supported_regions]\nfile = "regions.toml"\n')
    listed = 'schema = "cautery.policy-list/1"\ndated = 2026-11-01\nsource = "us"\nvalues = ["DE"]'
    (tmp_path / "regions.toml").write_text(listed)
    policy = load_policy_set(path)
    assert policy.values["supported_regions"] == ["DE"]
    assert policy.origins == ("supported_regions: us (2026-11-01)",)
    (tmp_path / "regions.toml").write_text(listed.replace("DE", "JP"))
    changed = load_policy_set(path)
    assert changed.version != policy.version
    assert changed.rules_sha256 != policy.rules_sha256


def test_set_without_rules_is_refused(tmp_path: Path) -> None:
    """A set that has no rule would allow everything, so it is refused."""
    path = tmp_path / "policy.toml"
    path.write_text('schema = "cautery.policy/1"\npacks = []\n')
    assert "no pack has a rule" in refused(path).what


def test_the_same_pack_twice_is_refused(tmp_path: Path) -> None:
    """Two packs of one name would answer for each other."""
    path = write_house(tmp_path, GOOD)
    path.write_text('schema = "cautery.policy/1"\npacks = ["house.cedar", "house.cedar"]\n')
    assert "two packs" in refused(path).what


def test_modes_by_rule_by_pack_and_by_default(tmp_path: Path) -> None:
    """A rule's own mode goes before its pack's, and that before the default, which is shadow."""
    rules = GOOD + rule("context.logprobs", name="two")
    modes = '\n[modes]\n"house" = "off"\n"house.two" = "enforce"'
    assert load_policy_set(write_house(tmp_path, rules, policy=modes)).modes == {
        "house.one": "off",
        "house.two": "enforce",
    }
    assert load_policy_set(write_house(tmp_path, rules)).modes["house.one"] == "shadow"


def test_digests_tell_rules_from_modes(tmp_path: Path) -> None:
    """A mode changes which set it is, but not which rules a backtest speaks of."""
    plain = load_policy_set(write_house(tmp_path, GOOD))
    moded = load_policy_set(write_house(tmp_path, GOOD, policy='default_mode = "enforce"'))
    other = load_policy_set(write_house(tmp_path, GOOD.replace("closed", "gone")))
    assert plain.version != moded.version
    assert plain.rules_sha256 == moded.rules_sha256
    assert plain.rules_sha256 != other.rules_sha256


def test_denied_list_changes_the_version_but_no_rule(tmp_path: Path) -> None:
    """A denied list that is updated every day does not void the backtest of yesterday."""
    before = load_world(tmp_path)
    path = tmp_path / "denied.toml"
    path.write_text(path.read_text().replace("denied-account", "another-account"))
    after = load_policy_set(tmp_path / "policy.toml")
    assert before.version != after.version
    assert before.rules_sha256 == after.rules_sha256


def test_version_is_the_same_elsewhere(tmp_path: Path) -> None:
    """The digest is that of the texts, wherever they stand."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = write_world(tmp_path / "a"), write_world(tmp_path / "b")
    assert load_policy_set(first).version == load_policy_set(second).version


def test_missing_file_of_a_set(tmp_path: Path) -> None:
    """A configuration that is not there is refused by name."""
    assert "policy.toml" in refused(tmp_path / "policy.toml").what


def test_pack_of_the_shelf_is_the_same_with_either_dash(tmp_path: Path) -> None:
    """Underscores and dashes in a pack's name are the same, as everywhere."""
    path = tmp_path / "policy.toml"
    path.write_text('schema = "cautery.policy/1"\npacks = ["account_status"]\n')
    assert [pack.name for pack in load_policy_set(path).packs] == ["account-status"]


TEXTS = st.text(st.characters(codec="utf-8"), max_size=200)
PIECES = st.sampled_from(
    ['@id("house.one")', '@action("block")', "forbid", "(principal, action, resource)", "when",
     "{", "}", ";", "context.account", ".status", "==", '"x"', "//", "\n", "has", "like", "&&"]
)  # fmt: skip


@given(rules=st.one_of(TEXTS, st.lists(PIECES, max_size=30).map(" ".join)))
def test_any_cedar_text_is_loaded_or_refused(rules: str) -> None:
    """Whatever stands in a rule file, the set loads or is refused in words."""
    texts = {
        POLICY_FILE: 'schema = "cautery.policy/1"\npacks = ["house.cedar"]\n',
        "house.cedar": rules,
        "house.toml": PACK,
        "house.cases.toml": "",
    }
    with contextlib.suppress(CauteryError):
        load_from(PolicySources(texts), "policy.toml")


@given(text=st.one_of(TEXTS, st.binary(max_size=80).map(lambda data: data.decode("latin-1"))))
def test_any_configuration_is_refused_in_words(text: str) -> None:
    """Whatever stands in policy.toml, it is refused in words."""
    with pytest.raises(ConfigurationError):
        load_from(PolicySources({POLICY_FILE: text}), "policy.toml")
