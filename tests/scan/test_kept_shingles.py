"""Repeated shingles of parts that come one after another are those of all parts counted at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.shingle_parts import ROWS, Row, shingle_facts

from cautery.scan import kept_shingles, shingle_pairs
from cautery.scan.kept_shingles import PAIRS_FILE, kept_repeated_shingles
from cautery.scan.kept_sums import KeptSums

DAYS: list[list[Row]] = [
    [(0, [1, 2]), (1, [1]), (0, [1, 3])],
    [(0, [2, 4]), (2, [1, -5])],
    [(2, [-5]), (0, [4, 1]), (3, None)],
]


def kept_pairs(
    folder: Path, days: Sequence[Sequence[Row]], count: int, *, rewrite: bool = True
) -> tuple[dict[tuple[int, int], int], KeptSums]:
    """Count the first days, with what ``folder`` keeps of earlier calls."""
    parts = folder / "parts"
    if rewrite:
        parts.mkdir(exist_ok=True)
        shingle_facts(parts, *days).scratch.close()
    chosen = tuple(sorted(parts.glob("*.parquet")))[:count]
    facts = replace(shingle_facts(folder), parts=chosen)
    kept = KeptSums(
        folder / "sums",
        cast("Any", None),
        parts=facts.parts,
        schema=None,
        view=lambda table: (table, table),
        rows_held=0,
    )
    found = kept_repeated_shingles(facts, kept)
    kept.forget_unused()
    facts.scratch.close()
    pairs = list(zip(found.account.tolist(), found.token.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    return dict(zip(pairs, found.exchanges.tolist(), strict=True)), kept


def by_hand(days: Sequence[Sequence[Row]]) -> dict[tuple[int, int], int]:
    """Count one shingle after another."""
    every = Counter(
        (account, shingle) for rows in days for account, some in rows for shingle in some or ()
    )
    return {pair: count for pair, count in every.items() if count >= 2}


@given(st.lists(ROWS, min_size=1, max_size=5), st.sampled_from([1, 10, 10**6]), st.data())
@settings(max_examples=40, deadline=None)
def test_day_by_day_is_all_at_once(
    tmp_path_factory: pytest.TempPathFactory,
    days: list[list[Row]],
    pairs: int,
    data: st.DataObject,
) -> None:
    """Whatever days come together, and however short pieces and runs are, counts are the same."""
    folder = tmp_path_factory.mktemp("shingles")
    stops = sorted({*data.draw(st.sets(st.integers(1, len(days)))), len(days)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shingle_pairs, "PIECE_PAIRS", pairs)
        patch.setattr(kept_shingles, "RUN_PAIRS", 4 * pairs)
        for place, stop in enumerate(stops):
            found, kept = kept_pairs(folder, days, stop, rewrite=place == 0)
            assert found == by_hand(days[:stop])
            begin = stops[place - 1] if place else 0
            assert [len(parts) for _name, parts in kept.asked_parts] == [stop - begin]


def test_nothing_new_is_not_read(tmp_path: Path) -> None:
    """A second scan of the same parts reads none of them."""
    first, _kept = kept_pairs(tmp_path, DAYS, 3)
    again, kept = kept_pairs(tmp_path, DAYS, 3, rewrite=False)
    assert again == first == by_hand(DAYS)
    assert kept.asked_parts == []


@pytest.mark.parametrize("fault", ["cut", "flip", "gone", "foreign"])
@pytest.mark.parametrize("which", ["pairs", "run"])
def test_damage_is_counted_anew(tmp_path: Path, fault: str, which: str) -> None:
    """A damaged, missing or foreign file costs time and changes no count."""
    kept_pairs(tmp_path, DAYS, 2)
    name = PAIRS_FILE if which == "pairs" else "shingles-*.run"
    path = next((tmp_path / "sums").glob(name))
    content = path.read_bytes()
    if fault == "cut":
        path.write_bytes(content[:-1])
    elif fault == "flip":
        path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    elif fault == "gone":
        path.unlink()
    else:
        path.write_bytes(b"something else")
    found, kept = kept_pairs(tmp_path, DAYS, 3, rewrite=False)
    assert found == by_hand(DAYS)
    assert [len(parts) for _name, parts in kept.asked_parts] == [3]


def test_a_part_that_is_gone_is_not_counted(tmp_path: Path) -> None:
    """When a log is taken out of the state, its pairs go with it."""
    kept_pairs(tmp_path, DAYS, 3)
    found, _kept = kept_pairs(tmp_path, DAYS, 1, rewrite=False)
    assert found == by_hand(DAYS[:1])
