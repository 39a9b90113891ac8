"""Pools read one exchange after another: what each carries, and what is written of the groups."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.grouping import groups_of, named
from tests.scan.small_logs import Row, SmallLog, exchange, facts_of
from tests.scan.worlds import TEMPLATES, ordinary, planted

from cautery.scan.candidates import Candidates
from cautery.scan.engines import duckdb
from cautery.scan.facts import Facts
from cautery.scan.groups import NO_GROUP, Groups
from cautery.scan.harvest import _carries, make_groups


def two_groups() -> SmallLog:
    """Make strangers, two groups that share a template and send other prompts too, or none."""
    one = planted(6, name="one", exchanges=10, cover=0.4)
    two = planted(6, name="two", block=3, exchanges=10, templates=TEMPLATES[1:], cover=0.2)
    silent = tuple(exchange("one-001", second, input_text=None) for second in range(4))
    return ordinary(30) + one + two + SmallLog(exchanges=silent)


@pytest.fixture(scope="module", name="facts")
def _facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    found = facts_of(tmp_path_factory.mktemp("pools") / "log", two_groups())
    yield found
    found.close()


@pytest.fixture(scope="module", name="silent")
def _silent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    log = two_groups().without("input_text")
    found = facts_of(tmp_path_factory.mktemp("silent") / "log", log)
    yield found
    found.close()


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("carried")


SHINGLES = st.integers(-3, 3) | st.sampled_from([-(2**31), 2**31 - 1])


@given(
    st.lists(st.tuples(st.integers(0, 2), st.none() | st.lists(SHINGLES, max_size=4)), max_size=12),
    st.sets(st.tuples(st.integers(0, 2), SHINGLES), max_size=6),
    st.integers(0, 3),
)
def test_what_exchanges_carry(
    rows: list[tuple[int, list[int] | None]], own: set[tuple[int, int]], start: int
) -> None:
    """An exchange carries a shingle of its own group's, never of another's, in slices too."""
    keys = np.array([(group << 32) | token % 2**32 for group, token in own], dtype=np.uint64)
    shingles = pa.array([some for _group, some in rows], pa.list_(pa.int32())).slice(start)
    groups = np.array([group for group, _some in rows[start:]], dtype=np.int64)
    assert _carries(shingles, groups, np.sort(keys)).tolist() == [
        any((group, shingle) in own for shingle in some or ()) for group, some in rows[start:]
    ]


def joined(facts: Facts, groups: Groups) -> list[Row]:
    """Join exchanges with their groups row by row, and look for templates in each."""
    own: dict[int, set[int]] = {}
    for group, token in zip(groups.template_group, groups.template_token, strict=True):
        own.setdefault(int(group), set()).add(int(token))
    rows = []
    for row in facts.exchanges.to_pyarrow().to_pylist():
        group = int(groups.group_of[row["account"]])
        shingles = set(row.pop("shingles") or ())
        if group != NO_GROUP:
            carried = group not in own or bool(own[group] & shingles)
            rows.append(row | {"group": group, "harvest": carried})
    return rows


@pytest.mark.parametrize("batch_rows", [5, 65_536])
@pytest.mark.parametrize(
    "begins",
    [("one", "ordinary-00", "two"), ("ordinary-00", "one"), ("one", "ordinary-00"), ()],
)
def test_exchanges_of_groups_equal_a_plain_join(
    facts: Facts, monkeypatch: pytest.MonkeyPatch, batch_rows: int, begins: tuple[str, ...]
) -> None:
    """What is written down of the groups is every exchange of theirs, with what it carries."""
    monkeypatch.setattr(duckdb, "BATCH_ROWS", batch_rows)
    groups = groups_of(facts, *(named(facts, begin) for begin in begins))
    speaking = {place for place, begin in enumerate(begins) if begin != "ordinary-00"}
    assert set(groups.template_group.tolist()) == speaking
    columns = sorted({*facts.exchanges.columns, "group", "harvest"} - {"shingles"})
    assert sorted(groups.exchanges.columns) == columns
    found = groups.exchanges.select(columns).to_pyarrow().to_pylist()
    expected = [{name: row[name] for name in columns} for row in joined(facts, groups)]
    assert sorted(found, key=repr) == sorted(expected, key=repr)


def test_exchanges_of_groups_without_text(silent: Facts) -> None:
    """Of a log without prompts all exchanges of the groups are harvest, and all are written."""
    groups = groups_of(silent, named(silent, "one"), named(silent, "two"))
    found = groups.exchanges.to_pyarrow().to_pylist()
    columns = groups.exchanges.columns
    expected = [{name: row[name] for name in columns} for row in joined(silent, groups)]
    assert sorted(map(repr, found)) == sorted(map(repr, expected))
    assert all(row["harvest"] for row in found)


def test_two_sets_of_groups_keep_apart(facts: Facts) -> None:
    """Groups that are made anew leave the exchanges of the former ones as they were."""
    first = groups_of(facts, named(facts, "one"))
    before = first.exchanges.count().to_pyarrow().as_py()
    second = groups_of(facts, named(facts, "ordinary-00"))
    assert first.exchanges.count().to_pyarrow().as_py() == before == 6 * 10 + 4
    assert second.exchanges.count().to_pyarrow().as_py() == 10 * 8


def test_counted_only(facts: Facts) -> None:
    """Groups whose exchanges are only counted have as many of each account, marked alike."""
    groups = groups_of(facts, named(facts, "one"), named(facts, "two"))
    candidates = Candidates(
        group_of=groups.group_of, basis=groups.basis, speaking=np.zeros(0, dtype=np.int64)
    )
    counted = make_groups(facts, candidates, groups.incidences, counted_only=True)
    assert counted.exchanges.columns == ("account", "group", "harvest")
    columns = ["account", "group", "harvest"]
    whole, marked = (one.exchanges.select(columns).to_pyarrow() for one in (groups, counted))
    assert sorted(map(repr, marked.to_pylist())) == sorted(map(repr, whole.to_pylist()))
