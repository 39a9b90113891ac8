"""Cases beside packs and of one's own: what goes wrong is named by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.policy.policy_files import CASES, rule, write_house

from cautery.errors import ConfigurationError
from cautery.policy.cases import CasesResult, run_pack_cases, run_set_cases
from cautery.policy.policy_set import load_policy_set

CLOSED = rule('context.account.status == "closed"')
UNKNOWN = rule('context.account.status == ""', name="two")
CASE = '\n[[cases]]\nname = "{name}"\nexpect = [{expect}]\n{more}\n'
DENIED = CASE.format(name="closed", expect='"house.one"', more='account = { status = "closed" }')


def result_of(folder: Path, rules: str, cases: str) -> CasesResult:
    """Run the cases of a pack of one's own."""
    policy = load_policy_set(write_house(folder, rules, cases=cases))
    return run_pack_cases(policy.packs[0])


def test_a_rule_that_lets_the_unknown_pass_is_found_out(tmp_path: Path) -> None:
    """A rule that only stops a closed account lets one through whose status is not known."""
    result = result_of(tmp_path, CLOSED, CASES + DENIED)
    assert [fault.what for fault in result.faults] == ["let through where status is not known"]
    assert result.faults[0].where == "house.cases.toml:7"


def test_with_a_rule_about_the_unknown_it_is_fine(tmp_path: Path) -> None:
    """A second rule that speaks of the unknown closes the gap."""
    more = CASE.format(name="unknown", expect='"house.two"', more='account = { status = "" }')
    result = result_of(tmp_path, CLOSED + UNKNOWN, CASES + DENIED + more)
    assert (result.faults, result.cases) == ((), 3)
    assert result.removals > 10


def test_a_case_may_say_that_the_unknown_passes(tmp_path: Path) -> None:
    """Whoever accepts that says so in the case."""
    cases = CASES + DENIED.rstrip() + "\nunknown_may_pass = true\n"
    assert result_of(tmp_path, CLOSED, cases).faults == ()


def test_wrong_expectations(tmp_path: Path) -> None:
    """What fired and what was expected are both told."""
    result = result_of(tmp_path, CLOSED, CASES.replace("[]", '["house.one"]'))
    assert result.faults[0].what == "fired: nothing; expected: house.one"


def test_a_rule_without_a_case(tmp_path: Path) -> None:
    """Each rule has a case in which it fires, and some case is let through."""
    result = result_of(tmp_path, CLOSED + UNKNOWN, CASES)
    assert [(fault.case, fault.where) for fault in result.faults] == [
        ("house.one", "house.cedar:2"),
        ("house.two", "house.cedar:9"),
    ]
    only = 'schema = "cautery.policy-cases/1"\n' + DENIED.rstrip() + "\nunknown_may_pass = true\n"
    assert [fault.what for fault in result_of(tmp_path, CLOSED, only).faults] == [
        "no case that is let through"
    ]


def test_a_rule_that_errs_is_a_fault(tmp_path: Path) -> None:
    """An error of Cedar's is no decision, and no case passes with it."""
    result = result_of(tmp_path, rule("9223372036854775807 + context.choices > 0"), CASES)
    assert "overflow" in result.faults[0].what


@pytest.mark.parametrize(
    ("more", "where", "words"),
    [
        ('account = { statsu = "x" }', "house.cases.toml:7", "there is no fact 'statsu'"),
        ('request = { choices = "x" }', "house.cases.toml:7", "choices"),
        ("expcet = 1", "house.cases.toml:10", "unknown key"),
        ('campaign = { band = "bad" }', "house.cases.toml:7", "band"),
    ],
)
def test_wrong_cases_are_refused(more: str, where: str, words: str, tmp_path: Path) -> None:
    """A case that cannot be asked is an error, not a case that passes."""
    cases = CASES + CASE.format(name="x", expect="", more=more)
    with pytest.raises(ConfigurationError, match=words) as caught:
        result_of(tmp_path, CLOSED, cases)
    assert caught.value.where == where


def test_cases_of_a_whole_set(tmp_path: Path) -> None:
    """One's own cases are asked of the set as configured; a rule that is off does not fire."""
    path = write_house(tmp_path, CLOSED, policy='[modes]\n"house.one" = "off"\n')
    policy = load_policy_set(path)
    result = run_set_cases(policy, CASES + DENIED, "mine.toml")
    assert [(fault.where, fault.what) for fault in result.faults] == [
        ("mine.toml:7", "fired: nothing; expected: house.one")
    ]


def test_cases_of_a_set_bring_no_classes(tmp_path: Path) -> None:
    """What a set is stands in policy.toml, not beside its cases."""
    policy = load_policy_set(write_house(tmp_path, CLOSED))
    with pytest.raises(ConfigurationError, match=r"policy\.toml") as caught:
        run_set_cases(policy, CASES + '\n[classes.big]\nmodels = ["x"]\n', "mine.toml")
    assert caught.value.where == "mine.toml:7"


def test_a_file_without_cases(tmp_path: Path) -> None:
    """No cases are no proof."""
    with pytest.raises(ConfigurationError, match="1 to"):
        result_of(tmp_path, CLOSED, 'schema = "cautery.policy-cases/1"\ncases = []\n')


def test_nothing_held_of_the_account(tmp_path: Path) -> None:
    """A case may say that nothing at all is held of the account."""
    more = CASE.format(name="nobody", expect='"house.two"', more="unknown_account = true")
    assert result_of(tmp_path, CLOSED + UNKNOWN, CASES + DENIED + more).faults == ()
