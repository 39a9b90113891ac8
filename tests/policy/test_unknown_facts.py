"""Unknown is never clean: taking a fact away never turns deny into allow."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.worlds import PACKS, load_world, random_facts

from cautery.policy.evaluator import CedarEvaluator
from cautery.policy.policy_set import load_policy_set
from cautery.policy.unknown_facts import facts_taken_away, softened
from cautery.records.decision import PolicyOutcome, RuleFinding


@pytest.fixture(scope="module")
def evaluator(tmp_path_factory: pytest.TempPathFactory) -> CedarEvaluator:
    """All packs; every class of models asks who owns an organisation, which is the default."""
    return CedarEvaluator(load_world(tmp_path_factory.mktemp("all"), small_asks=True))


@given(seed=st.integers(0, 2**32))
def test_a_fact_less_never_allows_more(evaluator: CedarEvaluator, seed: int) -> None:
    """With any one fact unknown, what was denied stays denied and what was hindered stays so."""
    facts = random_facts(random.Random(seed))
    before = evaluator.evaluate(*facts)
    for label, less in facts_taken_away(*facts):
        assert not softened(before, evaluator.evaluate(*less)), (label, facts)


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), order=st.integers(0, 2**32))
def test_facts_lost_one_after_another(evaluator: CedarEvaluator, seed: int, order: int) -> None:
    """However many facts are lost, in whatever order, the answer never gets milder in kind."""
    chance = random.Random(order)
    facts = random_facts(random.Random(seed))
    before = evaluator.evaluate(*facts)
    while left := list(facts_taken_away(*facts)):
        _, facts = chance.choice(left)
        after = evaluator.evaluate(*facts)
        assert not softened(before, after)
        before = after


@pytest.mark.parametrize("pack", PACKS)
def test_each_pack_alone_holds_it(pack: str, evaluator: CedarEvaluator, tmp_path: Path) -> None:
    """The property holds of every pack by itself, so it holds of any choice of packs."""
    source = Path(evaluator.policy.name)
    for file in source.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    lines = source.read_text().replace(source.read_text().splitlines()[1], f'packs = ["{pack}"]')
    if pack != "supported-regions":
        start, end = lines.index("[parameters"), lines.index("[classes.frontier]")
        lines = lines[:start] + lines[end:]
    (tmp_path / "policy.toml").write_text(lines)
    alone = CedarEvaluator(load_policy_set(tmp_path / "policy.toml"))
    chance = random.Random(3)
    for _ in range(60):
        facts = random_facts(chance)
        before = alone.evaluate(*facts)
        for label, less in facts_taken_away(*facts):
            assert not softened(before, alone.evaluate(*less)), (label, facts)


def outcome(*actions: str, errors: tuple[str, ...] = ()) -> PolicyOutcome:
    """Make an outcome of findings with these actions."""
    findings = tuple(
        RuleFinding(rule=f"r.{action}", action=action, mode="enforce", text="")  # type: ignore[arg-type]
        for action in actions
    )
    return PolicyOutcome(findings=findings, policy_version="", errors=errors)


def test_what_softer_means() -> None:
    """Fewer rules may fire, if one still denies; a request that was stopped must stay stopped."""
    assert softened(outcome("block"), outcome())
    assert softened(outcome("block"), outcome("tag"))
    assert softened(outcome("tag"), outcome())
    assert not softened(outcome("block"), outcome("challenge"))
    assert not softened(outcome("tag"), outcome("degrade"))
    assert not softened(outcome(), outcome())
    assert not softened(outcome("block"), outcome(errors=("an error",)))
