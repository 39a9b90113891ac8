"""Circles in directed graphs."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from cautery.policy.strong_components import components_in_order


def reach(graph: dict[str, set[str]], start: str) -> set[str]:
    """Collect all that can be reached."""
    seen, waiting = {start}, [start]
    while waiting:
        for after in graph[waiting.pop()] - seen:
            seen.add(after)
            waiting.append(after)
    return seen


@given(seed=st.integers(0, 2**32))
def test_components_are_those_of_mutual_reach(seed: int) -> None:
    """Two nodes share a component if each reaches the other, and order respects reach."""
    chance = random.Random(seed)
    names = [str(place) for place in range(chance.randint(1, 9))]
    graph = {name: set(chance.sample(names, chance.randint(0, len(names) // 2))) for name in names}
    reached = {name: reach(graph, name) for name in names}
    found = components_in_order(graph)
    assert sorted(node for component in found for node in component) == sorted(names)
    done: set[str] = set()
    for component in found:
        mutual = {n for n in names if n in reached[component[0]] and component[0] in reached[n]}
        assert set(component) == mutual
        done |= mutual
        assert reached[component[0]] <= done


def test_a_long_chain_needs_no_recursion() -> None:
    """Twenty thousand in a row are no problem."""
    graph = {str(place): {str(place + 1)} for place in range(20_000)}
    graph["20000"] = set()
    assert len(components_in_order(graph)) == 20_001
