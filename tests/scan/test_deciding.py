"""Deciding templates: private ones of one group, and how many exchanges carry them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.arrays import hashes
from tests.scan.shingle_parts import ACCOUNTS, ROWS, shingle_facts
from tests.scan.shingle_parts import Row as ShingleRow

from cautery.scan import facts as facts_module
from cautery.scan.candidates import Candidates
from cautery.scan.deciding import carried_exchanges, deciding_templates
from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP
from cautery.scan.incidences import Incidences
from cautery.scan.known_templates import known_shingles

STOCK = [int(value) for value in known_shingles()[:2]]


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("deciding")


def of_groups(own: dict[int, Sequence[int]]) -> tuple[Incidences, Candidates]:
    """Make groups of ten accounts that live on templates, all of which speak."""
    uses = [
        (10 * group + place, token, 5)
        for group, tokens in own.items()
        for token in tokens
        for place in range(10)
    ]
    group_of = np.append(np.repeat(np.arange(len(own)), 10), np.full(200, NO_GROUP))
    templates = hashes(uses)
    candidates = Candidates(
        group_of=group_of,
        basis=tuple("both" for _group in own),
        speaking=np.unique(np.asarray(templates.names, dtype=np.int64)),
    )
    return templates, candidates


def decided(facts: Facts, own: dict[int, Sequence[int]]) -> list[tuple[int, int]]:
    """Choose among the templates of groups of ten accounts, all of which speak."""
    templates, candidates = of_groups(own)
    found = deciding_templates(facts, candidates, templates)
    return sorted(zip(found.owner.tolist(), found.tokens.tolist(), strict=True))


def test_stock_templates_decide_only_where_there_is_nothing_else(folder: Path) -> None:
    """A public pipeline's prompts say little of a group that has prompts of its own."""
    facts = shingle_facts(folder, [(0, [-5]), (0, STOCK)])
    assert decided(facts, {0: [*STOCK, -5]}) == [(0, -5)]
    assert decided(facts, {0: STOCK}) == sorted((0, value) for value in STOCK)
    facts.scratch.close()


def test_what_stands_beside_stock_is_stock(folder: Path) -> None:
    """A shingle that shares prompts with a stock shingle is another piece of the pipeline."""
    facts = shingle_facts(folder, [(0, [-5, STOCK[0]]), (0, [-5]), (1, [-6])])
    assert decided(facts, {0: [*STOCK, -5, -6]}) == [(0, -6)]
    facts.scratch.close()


def test_a_template_of_two_groups_decides_nothing(folder: Path) -> None:
    """What two campaigns share does not tell which one an account belongs to."""
    facts = shingle_facts(folder, [(0, [-5])])
    assert decided(facts, {0: [-5, -6], 1: [-6, -7]}) == [(0, -5), (1, -7)]
    facts.scratch.close()


SHINGLES = st.integers(-3, 3) | st.sampled_from([-(2**31), 2**31 - 1])
OWNERS = st.dictionaries(SHINGLES, st.integers(0, 3), min_size=1)


@given(st.lists(ROWS, min_size=1, max_size=2), OWNERS, st.sampled_from([3, 65_536]))
@settings(max_examples=60)
def test_carried_equals_a_dense_table(
    folder: Path, parts: list[list[ShingleRow]], owners: dict[int, int], batch_rows: int
) -> None:
    """Exchanges are counted once for each group of which they carry a shingle."""
    table = np.zeros((ACCOUNTS, 4), dtype=np.int64)
    for account, shingles in (row for part in parts for row in part):
        for group in {owners[shingle] for shingle in shingles or () if shingle in owners}:
            table[account, group] += 1
    tokens = np.array(sorted(owners), dtype=np.int64)
    owner = np.array([owners[token] for token in tokens.tolist()], dtype=np.int64)
    facts = shingle_facts(folder, *parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(facts_module, "BATCH_ROWS", batch_rows)
        accounts, groups, carried = carried_exchanges(facts, tokens, owner, 4)
    facts.scratch.close()
    found = np.zeros_like(table)
    found[accounts, groups] = carried
    assert found.tolist() == table.tolist()
    assert np.all(carried > 0)


def test_private_shingles_of_a_group_with_stock(folder: Path) -> None:
    """Own shingles that no stock prompt carries are private; groups without stock need none."""
    facts = shingle_facts(folder, [(0, [-5, STOCK[0]]), (0, [-5]), (1, [-6])])
    templates, candidates = of_groups({0: [*STOCK, -5, -6], 1: [-7]})
    assert deciding_templates(facts, candidates, templates).private.tolist() == [-6]
    facts.scratch.close()
