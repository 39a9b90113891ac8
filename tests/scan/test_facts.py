"""Facts say what the log says, by account, whatever the order of rows and files."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ibis import _
from tests.scan.conftest import ReadLog
from tests.scan.small_logs import (
    BEGIN,
    HOSTILE,
    SmallLog,
    account_table,
    accounts_of,
    exchange,
    exchanges_of,
    ingested,
    moment,
    releases_of,
)
from tests.scan.worlds import DAY, ordinary, planted

from cautery.scan import facts as facts_module
from cautery.scan.facts import NO_TIME, AccountNumbers, Facts, Scratch
from cautery.scan.reading import read_facts
from cautery.scan.run import present_columns

MIDNIGHT = int(BEGIN.timestamp())


def narrow(facts: Facts) -> list[tuple[object, ...]]:
    """All rows of the exchange facts in an order of their own."""
    table = facts.exchanges.drop("shingles").to_pyarrow()
    return sorted(map(tuple, (row.values() for row in table.to_pylist())), key=repr)


def test_accounts_are_numbered_by_their_ids(read_log: ReadLog) -> None:
    """The number of an account is the place of its id among all sorted ids."""
    facts = read_log(SmallLog(exchanges=tuple(exchange(name) for name in ("b", "a", "C", "b"))))
    assert facts.account_ids == ("C", "a", "b")
    assert facts.account_count == 3
    assert facts.totals["exchanges"].tolist() == [1, 1, 2]


def test_totals(read_log: ReadLog) -> None:
    """Exchanges, output, active days and times are added up by account."""
    rows = (
        exchange("a", 5, output_tokens=100),
        exchange("a", 2 * DAY + 1.5, output_tokens=None),
        exchange("a", 2 * DAY + 7, output_tokens=11),
        exchange("b", 9),
    )
    totals = read_log(SmallLog(exchanges=rows)).totals
    assert totals["exchanges"].tolist() == [3, 1]
    assert totals["output_tokens"].tolist() == [111, 0]
    assert totals["active_days"].tolist() == [2, 1]
    assert totals["first_us"].tolist() == [(MIDNIGHT + 5) * 10**6, (MIDNIGHT + 9) * 10**6]
    assert totals["last_us"].tolist() == [(MIDNIGHT + 2 * DAY + 7) * 10**6, (MIDNIGHT + 9) * 10**6]


def test_narrow_table(read_log: ReadLog) -> None:
    """An exchange is told by its whole second, its day, its client and its turns."""
    columns = {"max_tokens": 7, "user_agent": "x", "system_text": "Be brief please now."}
    rows = (exchange("a", DAY + 1.9, message_count=2, **columns), exchange("a", message_count=3))
    first, second = sorted(
        read_log(SmallLog(exchanges=rows)).exchanges.to_pyarrow().to_pylist(),
        key=lambda row: -int(row["second"]),
    )
    assert (first["second"], first["day"]) == (MIDNIGHT + DAY + 1, (MIDNIGHT + DAY) // DAY)
    assert first["style"] != second["style"]
    # The system prompt is a message but no turn.
    assert (first["single_turn"], second["single_turn"]) == (True, False)


def test_absent_columns_are_null(read_log: ReadLog) -> None:
    """What the log does not carry is null in the facts, never false or zero."""
    facts = read_log(SmallLog(exchanges=(exchange("a"),)))
    (row,) = facts.exchanges.to_pyarrow().to_pylist()
    assert {row[name] for name in ("style", "single_turn", "input_hash", "flags", "tools")} == {
        None
    }
    assert facts.share_by_account(_.single_turn)[0].tolist() == [0]


def test_presence(read_log: ReadLog) -> None:
    """Only columns that hold something count as present, accounts' and releases too."""
    log = ordinary(3) + SmallLog(releases=({"model": "m-2", "released_at": moment(0)},))
    facts = read_log(log.without("tls_ja4", "accounts.created_at"))
    assert facts.missing(("client_address", "accounts.email_domain", "releases")) == ()
    wanted = ("tls_ja4", "accounts.created_at", "accounts.org_id", "system_hash", "max_tokens")
    assert facts.missing(wanted) == wanted[:-1]
    assert facts.releases == (("m-2", MIDNIGHT * 10**6),)


def test_dropped_text_counts_as_present(read_log: ReadLog) -> None:
    """The sketches of a text are enough, so dropping it loses no fact."""
    log = ordinary(4)
    kept, dropped = read_log(log), read_log(log, drop_text=True)
    assert dropped.missing(("input_text",)) == ()
    assert narrow(dropped) == narrow(kept)


def test_order_of_rows_changes_nothing(read_log: ReadLog) -> None:
    """The same exchanges give the same facts, whatever their order."""
    log = ordinary(6) + planted(6)
    plain, turned = read_log(log), read_log(log.reversed())
    assert plain.account_ids == turned.account_ids
    assert narrow(plain) == narrow(turned)
    assert {name: values.tolist() for name, values in plain.totals.items()} == {
        name: values.tolist() for name, values in turned.totals.items()
    }
    assert plain.account_columns == turned.account_columns


def test_several_parts(tmp_path: Path, read_log: ReadLog) -> None:
    """Parts in any order are one table."""
    log = ordinary(5)
    halves = [SmallLog(exchanges=log.exchanges[part::2]) for part in range(2)]
    tables = [ingested(tmp_path / f"half-{part}", half) for part, half in enumerate(halves)]
    parts = [part for table in reversed(tables) for part in table.parts]
    accounts = account_table(tmp_path, log)
    facts = read_facts(
        parts, present_columns(tables[0]), accounts, releases_of(tmp_path, log), None
    )
    whole = read_log(log)
    assert narrow(facts) == narrow(whole)
    facts.close()


def test_account_table_is_aligned(read_log: ReadLog) -> None:
    """Rows go to their accounts; accounts without a row are empty, rows without one left out."""
    log = accounts_of("email_domain", {"b": "b.example", "c": "c.example"})
    rows = (exchange("a"), exchange("b"))
    facts = read_log(SmallLog(exchanges=rows, accounts=log.accounts))
    assert facts.account_texts("email_domain").tolist() == ["", "b.example"]
    assert facts.account_texts("referral").tolist() == ["", ""]
    assert facts.account_times("created_at").tolist() == [NO_TIME, NO_TIME]


def test_account_times(read_log: ReadLog) -> None:
    """Times of the account table are microseconds since 1970; an empty one is none."""
    facts = read_log(accounts_of("closed_at", {"a": moment(1), "b": None}))
    assert facts.account_times("closed_at").tolist() == [(MIDNIGHT + 1) * 10**6, NO_TIME]


def test_organisations(read_log: ReadLog) -> None:
    """The account table's organisation wins over the log's; either alone is enough."""
    rows = (exchange("a", org_id="log"), exchange("b", org_id="log"), exchange("c"))
    table = ({"account_id": "b", "org_id": "table"},)
    facts = read_log(SmallLog(exchanges=rows, accounts=table))
    assert facts.organisations.tolist() == ["log", "table", ""]


def test_customers(read_log: ReadLog) -> None:
    """One organisation, or one card and one private domain, is one customer; else each its own."""
    table = (
        {"account_id": "a", "org_id": "acme"},
        {"account_id": "b", "org_id": "acme"},
        {"account_id": "c", "payment_fingerprint": "p", "email_domain": "corp.example"},
        {"account_id": "d", "payment_fingerprint": "p", "email_domain": "corp.example"},
        {"account_id": "e", "payment_fingerprint": "p", "email_domain": "other.example"},
        {"account_id": "f", "email_domain": "corp.example"},
        {"account_id": "g"},
    )
    rows = tuple(exchange(row["account_id"]) for row in table)
    facts = read_log(SmallLog(exchanges=rows, accounts=table))
    assert facts.customers.tolist() == [0, 0, 1, 1, 2, 3, 4]


def test_unpaid_fleet_is_one_customer(read_log: ReadLog) -> None:
    """A few accounts of one private domain that pay nothing, as an institute's, are one."""
    table = tuple({"account_id": f"a{i}", "email_domain": "inst.example"} for i in range(3))
    rows = tuple(exchange(name) for name in ("a0", "a1", "a2", "b"))
    assert read_log(SmallLog(exchanges=rows, accounts=table)).customers.tolist() == [0, 0, 0, 1]


def test_public_domain_is_no_customer(read_log: ReadLog) -> None:
    """A card shared under everybody's mail domain is a secret worth a link, not an open pair."""
    table = tuple(
        {"account_id": f"a{i}", "payment_fingerprint": "p", "email_domain": "mail.example"}
        for i in range(12)
    )
    rows = tuple(exchange(row["account_id"]) for row in table)
    facts = read_log(SmallLog(exchanges=rows, accounts=table))
    assert facts.customers.tolist() == list(range(12))


def test_empty_organisation_hides_no_other(read_log: ReadLog) -> None:
    """An empty value in one exchange is no organisation and leaves the declared one."""
    facts = read_log(exchanges_of("org_id", {"a": ["", "acme"], "b": ["acme"]}))
    assert facts.organisations.tolist() == ["acme", "acme"]


def test_hostile_ids_and_values(read_log: ReadLog) -> None:
    """Ids and names of any text stay what they are and never become part of a query."""
    ids = [f"{text}{place}" for place, text in enumerate(HOSTILE)]
    rows = tuple(exchange(name, org_id=name, request_model=name) for name in ids)
    facts = read_log(SmallLog(exchanges=rows, accounts=({"account_id": ids[0], "org_id": "x"},)))
    assert facts.account_ids == tuple(sorted(ids))
    assert set(facts.organisations) == {*ids[1:], "x"}


def test_scratch_goes_when_closed(tmp_path: Path) -> None:
    """The folder stands where it was asked for, with a name for each file, until it is closed."""
    scratch = Scratch(tmp_path / "not" / "there yet")
    assert scratch.folder.parent == tmp_path / "not" / "there yet"
    paths = [scratch.new_path("part", suffix) for suffix in (".parquet", ".parquet", "")]
    assert len(set(paths)) == 3
    assert [path.suffix for path in paths] == [".parquet", ".parquet", ""]
    assert not any(path.exists() for path in paths)
    paths[0].write_bytes(b"x")
    paths[2].mkdir()
    (paths[2] / "inner").write_bytes(b"x")
    scratch.close()
    assert not scratch.folder.exists()
    scratch.close()
    assert list((tmp_path / "not" / "there yet").iterdir()) == []


def test_scratch_goes_when_forgotten(tmp_path: Path) -> None:
    """Whoever forgets to close it leaves nothing behind; others' folders stay."""
    scratch, other = Scratch(tmp_path), Scratch(tmp_path)
    scratch.new_path("part", "").write_bytes(b"x")
    folder = scratch.folder
    assert folder.exists()
    del scratch
    gc.collect()
    assert list(tmp_path.iterdir()) == [other.folder]


def test_scratch_of_the_system() -> None:
    """Without a place of the caller's it stands in the system's, and goes as well."""
    scratch = Scratch(None)
    assert scratch.folder.is_dir()
    scratch.close()
    assert not scratch.folder.exists()


def test_facts_close_their_scratch(read_log: ReadLog) -> None:
    """Closing facts removes what was written on the way, and closing them again is fine."""
    facts = read_log(ordinary(2))
    assert facts.scratch.folder.is_dir()
    facts.close()
    assert not facts.scratch.folder.exists()
    facts.close()


KEYED = st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20, unique=True)


@given(KEYED, st.data())
def test_account_numbers(keys: list[int], data: st.DataObject) -> None:
    """Every key finds its own account, asked for in any order and as often as one likes."""
    numbers = dict(zip(keys, data.draw(st.permutations(range(len(keys)))), strict=True))
    ordered = sorted(keys)
    found = AccountNumbers(
        keys=np.array(ordered, dtype=np.int64),
        number=np.array([numbers[key] for key in ordered], dtype=np.int64),
    )
    asked = data.draw(st.lists(st.sampled_from(keys), max_size=30))
    assert found.of(np.array(asked, dtype=np.int64)).tolist() == [numbers[key] for key in asked]


def test_batches(read_log: ReadLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches are short, hold the columns asked for that there are, and number every account."""
    monkeypatch.setattr(facts_module, "BATCH_ROWS", 7)
    log = ordinary(5) + planted(3)
    facts = read_log(log)
    batches = list(facts.batches(["input_hash", "account_id", "invented"]))
    assert [batch.num_rows for _numbers, batch in batches] == [7] * 9 + [1]
    for numbers, batch in batches:
        assert set(batch.schema.names) == {"account_id", "input_hash"}
        ids = [facts.account_ids[number] for number in numbers.tolist()]
        assert ids == batch.column("account_id").to_pylist()
    told = [name for _numbers, batch in batches for name in batch.column("account_id").to_pylist()]
    assert told == [row["account_id"] for row in log.exchanges]
    assert [batch.schema.names for _n, batch in facts.batches([])] == [["account_key"]] * 10


@pytest.mark.parametrize("chosen", [[], [0], [1, 3, 4], [4, 4, 0]])
def test_exchanges_of(read_log: ReadLog, chosen: list[int]) -> None:
    """The exchanges of some accounts are all of theirs, each once, and nobody else's."""
    facts = read_log(ordinary(5))
    rows = facts.exchanges.to_pyarrow().to_pylist()
    found = facts.exchanges_of(np.array(chosen, dtype=np.int64)).to_pyarrow().to_pylist()
    expected = [row for row in rows if row["account"] in chosen]
    assert sorted(map(repr, found)) == sorted(map(repr, expected))
