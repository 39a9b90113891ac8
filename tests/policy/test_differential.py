"""Cedar against a plain oracle on random requests; kept answers against fresh ones."""

from __future__ import annotations

import random
from pathlib import Path

from tests.policy.oracle import fires
from tests.policy.worlds import PACKS, WORLD, load_world, random_facts

from cautery.policy.evaluator import CedarEvaluator

REQUESTS = 5000


def test_cedar_and_the_oracle_name_the_same_rules(tmp_path: Path) -> None:
    """On 5,000 random requests exactly those rules fire that the oracle names."""
    evaluator = CedarEvaluator(load_world(tmp_path))
    chance = random.Random(20261129)
    seen: set[str] = set()
    for _ in range(REQUESTS):
        facts = random_facts(chance)
        outcome = evaluator.evaluate(*facts)
        fired = {finding.rule for finding in outcome.findings}
        assert outcome.errors == ()
        assert fired == fires(WORLD, *facts), facts
        seen |= fired
    assert seen == set(evaluator.policy.rules)


def test_kept_answers_are_those_of_cedar(tmp_path: Path) -> None:
    """An answer out of the memory is the one that Cedar gives afresh, evidence and all."""
    policy = load_world(tmp_path)
    kept, fresh = CedarEvaluator(policy), CedarEvaluator(policy, kept_answers=0)
    chance = random.Random(7)
    facts = [random_facts(chance) for _ in range(600)]
    for _ in range(2):
        for item in facts:
            assert kept.evaluate(*item) == fresh.evaluate(*item)


def test_memory_is_bounded(tmp_path: Path) -> None:
    """No more answers of a pack are kept than was said, however many requests come."""
    evaluator = CedarEvaluator(load_world(tmp_path), kept_answers=2)
    chance = random.Random(8)
    for _ in range(300):
        evaluator.evaluate(*random_facts(chance))
    assert evaluator.kept() == 2 * len(PACKS)
