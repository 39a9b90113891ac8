"""With a state, a new day's scan asks the new parts only, and says what one scan of all says."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from ibis import _
from tests.scan.replay_worlds import signed
from tests.scan.scanning import attacked, rendered
from tests.scan.small_logs import SmallLog, account_table, ingested

from cautery.ingest.table import ExchangeTable
from cautery.records.case import Case
from cautery.scan import reading
from cautery.scan.facts import Facts
from cautery.scan.kept_sums import KeptSums
from cautery.scan.needs import SCAN_COLUMNS
from cautery.scan.questions import Question
from cautery.scan.reading import read_facts
from cautery.scan.run import ScanOptions, present_columns, scan

DAYS = 7
PROMPTED = Question(
    of="exchanges",
    by=("model",),
    where=_.input_hash.notnull(),
    sums={"exchanges": _.count()},
    most={"last": _.second.max()},
)


@dataclass(frozen=True, slots=True)
class Daily:
    """A log with one part a day."""

    table: ExchangeTable
    accounts: Any

    def until(self, day: int) -> ExchangeTable:
        """The table of the first days."""
        parts = self.table.parts[:day]
        rows = sum(pq.read_metadata(part).num_rows for part in parts)
        return replace(self.table, parts=parts, rows=rows)


@pytest.fixture(scope="module", name="daily")
def _daily(tmp_path_factory: pytest.TempPathFactory) -> Daily:
    folder = tmp_path_factory.mktemp("daily") / "log"
    log: SmallLog = signed(attacked(), pool="planted", every=2)
    table = ingested(folder, log, columns=SCAN_COLUMNS)
    rows = pa.concat_tables([pq.read_table(part) for part in table.parts])
    day = pc.day_of_year(rows["time_start"])
    first = pc.min(day).as_py()
    parts = []
    for number in range(DAYS):
        chosen = rows.filter(
            pc.equal(pc.min_element_wise(pc.subtract(day, first), pa.scalar(DAYS - 1)), number)
        )
        parts.append(folder / f"day-{number}.parquet")
        pq.write_table(chosen, parts[-1])
    return Daily(replace(table, parts=tuple(parts)), account_table(folder, log))


@pytest.fixture(name="opened")
def _opened(monkeypatch: pytest.MonkeyPatch) -> list[KeptSums]:
    """All kept sums that scans open, in order."""
    found: list[KeptSums] = []

    class Noted(KeptSums):
        def __init__(self, *words: Any, **chosen: Any) -> None:
            super().__init__(*words, **chosen)
            found.append(self)

    monkeypatch.setattr(reading, "KeptSums", Noted)
    return found


def scanned(daily: Daily, day: int, folder: Path | None) -> Case:
    """Scan the first days."""
    return scan(daily.until(day), daily.accounts, None, ScanOptions(kept_folder=folder))


def asked(opened: KeptSums) -> set[str]:
    """Names of the parts that were asked anything."""
    return {part.name for _name, parts in opened.asked_parts for part in parts}


def test_a_new_day_is_all_that_is_counted(
    daily: Daily, tmp_path: Path, opened: list[KeptSums]
) -> None:
    """Every sum and every shingle of the second scan comes from the new part; then from none."""
    scanned(daily, DAYS - 1, tmp_path)
    last = scanned(daily, DAYS, tmp_path)
    again = scanned(daily, DAYS, tmp_path)
    first, second, third = opened
    assert asked(first) == {f"day-{number}.parquet" for number in range(DAYS - 1)}
    assert asked(second) == {f"day-{DAYS - 1}.parquet"}
    assert len(second.asked_parts) == len(second.used) - len(_runs(second)) >= 15
    assert third.asked_parts == []
    assert rendered(last) == rendered(again) == rendered(scanned(daily, DAYS, None))
    assert {path.name for path in tmp_path.iterdir()} == third.used
    assert last.campaigns


def _runs(kept: KeptSums) -> list[str]:
    return [name for name in kept.used if name.endswith(".run")]


@pytest.fixture(name="facts_until")
def _facts_until(daily: Daily, tmp_path: Path) -> Iterator[Callable[..., Facts]]:
    opened: list[Facts] = []

    def read(day: int, *, kept: bool = True, without: frozenset[str] = frozenset()) -> Facts:
        table = daily.until(day)
        present = present_columns(table) - without
        folder = tmp_path / "sums" if kept else None
        opened.append(read_facts(table.parts, present, None, (), None, kept_folder=folder))
        return opened[-1]

    yield read
    for facts in opened:
        facts.close()


def lines(found: pa.Table) -> list[str]:
    """Rows in an order that does not depend on the engine."""
    return sorted(map(repr, found.to_pylist()))


@pytest.mark.parametrize("damage", [b"", b"something else", None])
def test_damaged_sums_are_counted_anew(
    facts_until: Callable[..., Facts], tmp_path: Path, damage: bytes | None
) -> None:
    """Files that were cut off, replaced or changed by a bit cost time and change no answer."""
    facts_until(2).answer(PROMPTED)
    for path in (tmp_path / "sums").iterdir():
        content = path.read_bytes()
        path.write_bytes(content[:-40] + b"\0" + content[-39:] if damage is None else damage)
    facts = facts_until(3)
    plain = facts_until(3, kept=False)
    assert lines(facts.answer(PROMPTED)) == lines(plain.answer(PROMPTED))
    assert {name: each.tolist() for name, each in facts.totals.items()} == {
        name: each.tolist() for name, each in plain.totals.items()
    }
    assert facts.kept is not None
    assert asked(facts.kept) == {f"day-{number}.parquet" for number in range(3)}


def test_a_day_that_is_taken_out_is_forgotten(facts_until: Callable[..., Facts]) -> None:
    """What covers a part that is gone is not used."""
    facts_until(4).answer(PROMPTED)
    facts = facts_until(2)
    assert lines(facts.answer(PROMPTED)) == lines(facts_until(2, kept=False).answer(PROMPTED))
    assert facts.kept is not None
    assert asked(facts.kept) == {"day-0.parquet", "day-1.parquet"}


def test_what_nobody_asks_goes(facts_until: Callable[..., Facts], tmp_path: Path) -> None:
    """Answers to questions of another day and half-written files are removed."""
    facts_until(2).answer(PROMPTED)
    (tmp_path / "sums" / "half.sums.new").write_bytes(b"")
    facts = facts_until(2)
    assert facts.kept is not None
    facts.kept.forget_unused()
    assert {path.name for path in (tmp_path / "sums").iterdir()} == facts.kept.used
    assert len(facts.kept.used) == 3


def test_another_question_is_another_file(facts_until: Callable[..., Facts]) -> None:
    """A switched-off column or another condition never takes the answer of the first question."""
    prompted = facts_until(2).answer(PROMPTED)
    assert prompted.num_rows
    assert not facts_until(3, without=frozenset({"input_text"})).answer(PROMPTED).num_rows
    other = replace(PROMPTED, where=_.input_hash.isnull())
    facts = facts_until(3)
    assert lines(facts.answer(other)) == lines(facts_until(3, kept=False).answer(other))


def test_a_part_that_stands_twice_is_counted_twice(daily: Daily, tmp_path: Path) -> None:
    """A copy with the same time of change is no reason to count less, also when it comes later."""
    part = daily.table.parts[0]
    copy = tmp_path / "copy.parquet"
    shutil.copy2(part, copy)
    present = present_columns(daily.table)
    rows = pq.read_metadata(part).num_rows
    for parts in ((part,), (part, copy), (part, copy), (copy,)):
        facts = read_facts(parts, present, None, (), None, kept_folder=tmp_path / "sums")
        assert int(facts.totals["exchanges"].sum()) == len(parts) * rows
        facts.close()
