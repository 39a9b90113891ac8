"""Tiers of defences, as rules name them and as a gateway can carry them out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.guard.wired import AUDIT, MEMBER, SNAPSHOT, STRANGER, World, make_world
from tests.policy.policy_files import rule, write_house

from cautery.cli.exits import Exit
from cautery.cli.guard.check_run import check_lines
from cautery.errors import CauteryError, ConfigurationError
from cautery.guard.assembly import assemble
from cautery.guard.configuration import load_core_configuration
from cautery.guard.degrade_assembly import degrade_settings
from cautery.guard.degrading.plans import Degrading
from cautery.records.request import RequestFacts

TIERS = """
schema = "cautery.resist-tiers/1"
[tiers.ordinary]
[tiers.likely]
summarise-reasoning = { most_share = 1.0, most_sentences = 1 }
drop-logprobs = {}
[tiers.sampled]
product-of-experts = {}
"""
RULE = """
[decision]
mode = "enforce"
[degrade]
tiers = "tiers.toml"
[[band]]
band = "very likely"
action = "degrade"
mode = "enforce"
defence_tier = "likely"
"""


def written(folder: Path, rule: str = RULE, tiers: str = TIERS) -> Path:
    (folder / "tiers.toml").write_text(tiers)
    path = folder / "guard.toml"
    path.write_text(rule)
    return path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A snapshot, in which the member is very likely."""
    return make_world(tmp_path_factory.mktemp("world"))


def test_a_decision_names_the_tier_and_what_it_asks_for(world: World) -> None:
    """So that the record says which defences ran, and the enforcer knows their parameters."""
    guard = assemble(load_core_configuration(written(world.folder, RULE + SNAPSHOT)))
    facts = RequestFacts(arrived_at=datetime.now(UTC), request_id="r", account_id=MEMBER)
    decision = guard.decider.decide(facts)
    assert decision.enforced_action == "degrade"
    assert decision.degradations == ("drop_logprobs", "summarise_reasoning")
    assert decision.defence_tiers == ("likely",)
    settings = guard.deciding.degrade
    degrading = Degrading(decision.degradations, decision.defence_tiers, settings)
    assert degrading.shown_reasoning("I add. So it is.") in {"I add.", "So it is."}
    guard.close()


def test_in_shadow_nothing_is_done(world: World) -> None:
    """The record says what would have been; the answer is let through."""
    path = written(world.folder, RULE.replace('"enforce"', '"shadow"') + SNAPSHOT)
    guard = assemble(load_core_configuration(path))
    facts = RequestFacts(arrived_at=datetime.now(UTC), request_id="r", account_id=MEMBER)
    decision = guard.decider.decide(facts)
    assert (decision.action, decision.enforced_action) == ("degrade", "allow")
    assert (decision.degradations, decision.defence_tiers) == ((), ())
    guard.close()


@pytest.mark.parametrize(
    ("rule", "tiers", "words"),
    [
        (RULE.replace('"likely"\n', '"sampled"\n'), TIERS, "cannot carry out product-of-experts"),
        (RULE.replace('"likely"\n', '"ordinary"\n'), TIERS, "the tier has no defence"),
        (RULE.replace('"likely"\n', '"unlikely"\n'), TIERS, "there is no tier 'unlikely'"),
        (RULE, TIERS.replace("drop-logprobs", "drop-everything"), "drop-everything"),
        (RULE, TIERS.replace("drop-logprobs", "hide-reasoning"), "clash"),
        (RULE, TIERS.replace("most_share", "most_shares"), "most_shares"),
        (RULE, "tiers = 1", "not a file of tiers"),
    ],
    ids=["sampling", "nothing", "unknown tier", "unknown defence", "clash", "parameter", "schema"],
)
def test_what_cannot_be_carried_out_is_refused(
    tmp_path: Path, rule: str, tiers: str, words: str
) -> None:
    """What, where and what next; never a guard that does less than it is told."""
    path = written(tmp_path, rule, tiers)
    with pytest.raises(CauteryError) as caught:
        assemble(load_core_configuration(path))
    assert words in caught.value.what
    assert "tiers.toml" in (caught.value.where or "")


def house(folder: Path, tier: str) -> str:
    """Write a policy set of one rule that names a tier."""
    (folder / "policy").mkdir(exist_ok=True)
    rule_text = rule('context.account.status == "active"', more=f'\n@defence_tier("{tier}")')
    enforced = 'default_mode = "enforce"\n[enforcement]\noverride = { reason = "r", owner = "o" }\n'
    write_house(folder / "policy", rule_text.replace('"block"', '"degrade"'), policy=enforced)
    section = '[policy]\nfile = "policy/policy.toml"\n'
    return RULE.partition("[[band]]")[0] + SNAPSHOT + AUDIT + section


def test_a_policy_may_name_a_tier(world: World) -> None:
    """The guard says what it asks for."""
    world.publish(f"{STRANGER},active")
    path = written(world.folder, house(world.folder, "likely"))
    guard = assemble(load_core_configuration(path))
    facts = RequestFacts(arrived_at=datetime.now(UTC), request_id="r", account_id=STRANGER)
    decision = guard.decider.decide(facts)
    assert decision.enforced_action == "degrade"
    assert decision.degradations == ("drop_logprobs", "summarise_reasoning")
    assert decision.defence_tiers == ("likely",)
    guard.close()


@pytest.mark.parametrize("tier", ["sampled", "ordinary", "nothing"])
def test_a_policy_may_name_only_what_is_there(world: World, tier: str) -> None:
    """A tier that the guard does not have, or cannot carry out, is refused with the rule's line."""
    path = written(world.folder, house(world.folder, tier))
    with pytest.raises(ConfigurationError) as caught:
        assemble(load_core_configuration(path))
    assert "house.cedar:" in caught.value.where
    assert caught.value.hint == "[degrade] tiers has: likely."


def test_other_tiers_of_the_file_do_not_matter(tmp_path: Path) -> None:
    """The file is that of the laboratory too, which tries defences that no gateway has."""
    settings = degrade_settings(load_core_configuration(written(tmp_path)))
    assert list(settings.tiers) == ["likely"]


def test_without_a_file_nothing_is_read(tmp_path: Path) -> None:
    """The default is as ever."""
    path = tmp_path / "guard.toml"
    path.write_text("[degrade]\nreasoning_begins_inside = true\n")
    settings = degrade_settings(load_core_configuration(path))
    assert settings.reasoning_begins_inside
    assert settings.tiers == {}


def test_check_says_it_before_a_guard_begins(tmp_path: Path) -> None:
    """The verb that looks a configuration over finds it too."""
    serving = '[guard]\nlisten = "127.0.0.1:0"\n[upstream]\nurl = "http://127.0.0.1:8000"\n'
    path = written(tmp_path, serving + RULE.replace('"likely"\n', '"sampled"\n'))
    lines, code = check_lines(path, "text")
    assert code == Exit.UNREADABLE
    assert "product-of-experts" in "\n".join(lines)
