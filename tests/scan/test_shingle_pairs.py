"""Shingles are counted by account in bounded memory as if each were counted by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.shingle_parts import ACCOUNTS, KEYS, ROWS, Row, shingle_facts

from cautery.scan import shingle_pairs
from cautery.scan.facts import Facts
from cautery.scan.shingle_pairs import _counted, repeated_shingles


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shingles")


def counted(facts: Facts, fewest: int, piece_pairs: int) -> dict[tuple[int, int], int]:
    """Count with pieces of about so many pairs.

    What was written on the way must be gone, but the account numbers, which the next pass reads.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shingle_pairs, "PIECE_PAIRS", piece_pairs)
        found = repeated_shingles(facts, fewest)
    assert not set(facts.scratch.folder.iterdir()) - set(facts.number_files.values())
    facts.scratch.close()
    assert {each.dtype for each in (found.account, found.token, found.exchanges)} == {
        np.dtype(np.int64)
    }
    pairs = list(zip(found.account.tolist(), found.token.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    return dict(zip(pairs, found.exchanges.tolist(), strict=True))


def by_hand(parts: Sequence[Sequence[Row]], fewest: int) -> dict[tuple[int, int], int]:
    """Count one shingle after another."""
    every = Counter(
        (account, shingle) for rows in parts for account, some in rows for shingle in some or ()
    )
    return {pair: count for pair, count in every.items() if count >= fewest}


@given(st.lists(ROWS, max_size=3), st.integers(1, 3), st.sampled_from([1, 3, 10, 10**6]))
@settings(max_examples=60)
def test_counts_are_those_by_hand(
    folder: Path, parts: list[list[Row]], fewest: int, piece_pairs: int
) -> None:
    """One piece or many, parts with and without prompts: the counts are the same."""
    found = counted(shingle_facts(folder, *parts), fewest, piece_pairs)
    assert found == by_hand(parts, fewest)


def test_accounts_of_many_pieces(folder: Path) -> None:
    """Every account is in one piece, however many pieces there are for few accounts."""
    rows: list[Row] = [(number % ACCOUNTS, list(range(number % 7))) for number in range(120)]
    for piece_pairs in (1, 2, 17, 119, 10**6):
        assert counted(shingle_facts(folder, rows), 2, piece_pairs) == by_hand([rows], 2)


def test_pieces_are_small(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more pairs are sorted at once than a piece holds, if accounts are alike."""
    sizes: list[int] = []

    def noted(path: Path, fewest: int) -> Any:
        sizes.append(path.stat().st_size // 8)
        return _counted(path, fewest)

    monkeypatch.setattr(shingle_pairs, "_counted", noted)
    rows: list[Row] = [(account, [1, 2, 3, -4]) for account in range(ACCOUNTS) for _turn in "ab"]
    for piece_pairs, pieces in ((8, [8] * 9), (24, [24] * 3), (72, [72]), (71, [32, 40])):
        sizes.clear()
        assert counted(shingle_facts(folder, rows), 2, piece_pairs) == by_hand([rows], 2)
        assert sorted(sizes) == pieces


@pytest.mark.parametrize("shingles", [None, []])
@pytest.mark.parametrize("piece_pairs", [1, 10**6])
def test_no_shingles(folder: Path, shingles: list[int] | None, piece_pairs: int) -> None:
    """Exchanges without a prompt, or with one too short, repeat nothing."""
    assert counted(shingle_facts(folder, [(0, shingles), (1, shingles)]), 1, piece_pairs) == {}
    assert counted(shingle_facts(folder, []), 1, piece_pairs) == {}


def test_nulls_among_lists(folder: Path) -> None:
    """An exchange without a prompt shifts nobody's shingles to somebody else."""
    rows: list[Row] = [(0, None), (1, [5, -5]), (2, None), (1, [5]), (3, []), (0, [-5]), (4, None)]
    assert counted(shingle_facts(folder, rows), 1, 2) == {(1, 5): 2, (1, -5): 1, (0, -5): 1}


@pytest.mark.parametrize("shingle", [-(2**31), -1, 0, 1, 2**31 - 1])
def test_signs_stay(folder: Path, shingle: int) -> None:
    """A shingle comes back with the sign that it is stored with, with the largest account too."""
    rows: list[Row] = [(ACCOUNTS - 1, [shingle]), (ACCOUNTS - 1, [shingle]), (0, [shingle])]
    assert counted(shingle_facts(folder, rows), 2, 1) == {(ACCOUNTS - 1, shingle): 2}


def test_files_are_closed_after_an_error(folder: Path) -> None:
    """A part that cannot be read midway is an error; what was written goes with the folder."""
    good = shingle_facts(folder, [(0, [1, 2])])
    pq.write_table(pa.table({"account_key": KEYS}), folder / "without.parquet")
    facts = replace(good, parts=(*good.parts, folder / "without.parquet"))
    with pytest.raises(KeyError, match="input_shingles"):
        repeated_shingles(facts, 1)
    facts.scratch.close()
    assert not facts.scratch.folder.exists()
