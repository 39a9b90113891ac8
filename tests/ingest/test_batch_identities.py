"""Tests of identities of whole batches: they equal those of one row at a time."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.ingest import batch_identities
from cautery.ingest.batch_identities import BatchIdentities
from cautery.ingest.findings import Findings, RecordRejected
from cautery.ingest.identities import Identity, IdentityReader, protect_credential
from cautery.ingest.json_lines import RowContext
from cautery.ingest.options import ReadOptions

KEY = "sk-" + "a" * 20
NAMES = ("a", "b ", "", "  ", "-", "None", "anonymous", "203.0.113.7", KEY, f"Bearer {KEY}")
ADDRESSES = (
    "203.0.113.7",
    "203.0.113.7:443",
    " 203.0.113.7\n",
    "6.6.6.6, 203.0.113.7, 10.0.0.3",
    "10.0.0.3",
    "10.0.0.3, 10.0.0.4",
    "203.0.113.256",
    "::ffff:203.0.113.7",
    "[2001:DB8::1]:443",
    "unknown",
    "",
)
IDENTITIES = st.none() | st.sampled_from(NAMES) | st.text(max_size=4)
CLIENTS = st.none() | st.sampled_from(ADDRESSES) | st.ip_addresses().map(str) | st.text(max_size=4)
KNOWN_SOURCES = ("account", "key", "address")
SOURCES = st.sampled_from([None, "other", "", *KNOWN_SOURCES])
OTHERS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "number": (pa.int64(), st.none() | st.integers(-2, 2)),
    "fraction": (pa.float64(), st.none() | st.sampled_from([0.5, 2.0, 1e300, float("nan")])),
    "truth": (pa.bool_(), st.none() | st.booleans()),
    "nothing": (pa.null(), st.none()),
    "list": (pa.list_(pa.string()), st.none() | st.lists(st.sampled_from(NAMES), max_size=2)),
}
PROXIES = st.sampled_from([(), ("10.0.0.0/8",), ("10.0.0.3", "203.0.113.7")])
Columns = dict[str, Any]


@st.composite
def arrays(draw: st.DrawFn, texts: st.SearchStrategy[str | None], size: int) -> Any:
    """Draw a column of texts in some form, or of something else."""
    kind = draw(st.sampled_from(["string", "large_string", "dictionary", *OTHERS]))
    if kind in OTHERS:
        type_, values = OTHERS[kind]
        return pa.array(draw(st.lists(values, min_size=size, max_size=size)), type_)
    held = pa.array(draw(st.lists(texts, min_size=size, max_size=size)), pa.string())
    return held.dictionary_encode() if kind == "dictionary" else held.cast(kind)


@st.composite
def batches(draw: st.DrawFn) -> tuple[Columns, int]:
    """Draw the columns of a batch that identities are read from; each may be missing."""
    size = draw(st.integers(0, 8))
    columns: Columns = {}
    for name, texts in (
        ("account_id", IDENTITIES),
        ("key_id", IDENTITIES),
        ("client_address", CLIENTS),
        ("account_id_source", SOURCES),
        ("end_user_id", IDENTITIES),
    ):
        if draw(st.integers(0, 5)):
            columns[name] = draw(arrays(texts, size))
    return columns, size


def decided(reader: IdentityReader, row: dict[str, Any]) -> tuple[str | None, ...]:
    """Decide one row by itself; a list of addresses is none, as Parquet's are not read."""
    address = row.get("client_address")
    try:
        found = reader.decide(
            account=row.get("account_id"),
            key=row.get("key_id"),
            address=address if isinstance(address, str) else None,
        )
    except RecordRejected:
        return (None,) * len(Identity._fields)
    source = row.get("account_id_source")
    if found.account_id_source == "account" and source in KNOWN_SOURCES:
        return found._replace(account_id_source=source)
    return found


def one_by_one(columns: Columns, size: int, options: ReadOptions) -> list[tuple[str | None, ...]]:
    """Decide every row by itself, and protect its end user."""
    reader = IdentityReader(options)
    held = {name: column.to_pylist() for name, column in columns.items()}
    rows = [{name: values[row] for name, values in held.items()} for row in range(size)]
    return [(*decided(reader, row), reader.protect(row.get("end_user_id"))) for row in rows]


def filled(identities: BatchIdentities, columns: Columns, size: int) -> list[tuple[Any, ...]]:
    """Fill a batch and list its rows: the four columns and the end user."""
    copied = dict(columns)
    identities.fill(copied, size)
    users = copied.get("end_user_id", pa.nulls(size))
    named = [copied[name] for name in Identity._fields]
    assert {column.type for column in named} == {pa.string()}
    return list(zip(*(column.to_pylist() for column in (*named, users)), strict=True))


def reading(**changes: Any) -> BatchIdentities:
    """Identities of the batches of a file."""
    return BatchIdentities(RowContext(ReadOptions(**changes)))


def texts(**columns: list[str | None]) -> Columns:
    """Make columns of texts."""
    return {name: pa.array(values, pa.string()) for name, values in columns.items()}


@given(st.lists(batches(), max_size=3), PROXIES, st.sampled_from([1, 3, 500_000]))
def test_equals_one_row_at_a_time(
    drawn: list[tuple[Columns, int]], proxies: tuple[str, ...], most: int
) -> None:
    """Columns of any kind give every row what it would get alone, in every batch of the file."""
    identities = reading(trusted_proxies=proxies)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch_identities, "MOST_DECIDED", most)
        for columns, size in drawn:
            options = ReadOptions(trusted_proxies=proxies)
            assert filled(identities, columns, size) == one_by_one(columns, size, options)


def test_only_an_address_names_the_row() -> None:
    """Who has neither account nor key is named by the address, and nobody by no address."""
    columns = texts(
        account_id=["a", None, "none", None, None],
        key_id=[None, "k", None, None, None],
        client_address=["203.0.113.7", "203.0.113.7", "2001:DB8::1", "198.51.100.4:80", "unknown"],
    )
    assert [row[:4] for row in filled(reading(), columns, 5)] == [
        ("a", "account", None, "203.0.113.7"),
        ("k", "key", "k", "203.0.113.7"),
        ("2001:db8::1", "address", None, "2001:db8::1"),
        ("198.51.100.4", "address", None, "198.51.100.4"),
        (None, None, None, None),
    ]


def test_only_addresses() -> None:
    """A log of addresses alone is read as if each were an account."""
    columns = texts(client_address=["203.0.113.7", None])
    found = filled(reading(), columns, 2)
    assert found == [("203.0.113.7", "address", None, "203.0.113.7", None), (None,) * 5]


def test_where_an_account_came_from_is_kept() -> None:
    """A table that was read before keeps saying that its accounts were keys or addresses."""
    columns = texts(
        account_id=["k", "203.0.113.7", "a", None],
        account_id_source=["key", "address", "invented", "account"],
        key_id=["k", None, None, "k"],
    )
    assert [row[1] for row in filled(reading(), columns, 4)] == ["key", "address", "account", "key"]


@pytest.mark.parametrize("form", ["string", "large_string", "dictionary"])
def test_raw_keys_are_hidden(form: str) -> None:
    """No column of a batch shows a raw API key, and each that was hidden is counted."""
    findings = Findings()
    plain = pa.array([KEY, f"Bearer {KEY}", "a"])
    array = plain.dictionary_encode() if form == "dictionary" else plain.cast(form)
    columns: Columns = {"account_id": array, "key_id": array, "end_user_id": array}
    identities = BatchIdentities(RowContext(ReadOptions(findings=findings)))
    hidden = protect_credential(KEY)
    named = [(name, "account", name, None, name) for name in (hidden, hidden, "a")]
    assert filled(identities, columns, 3) == named
    assert findings.hidden_keys == 6


def test_fields_of_ones_own() -> None:
    """The caller's columns take the place of the format's, which serve where those are missing."""
    columns = texts(
        account_id=["format"], client_address=["203.0.113.7"], org=["own"], peer=["192.0.2.1"]
    )
    own = reading(account_field="org", client_address_field="peer")
    assert filled(own, columns, 1)[0][:4] == ("own", "account", None, "192.0.2.1")
    missing = reading(account_field="team", client_address_field="hop")
    assert filled(missing, columns, 1)[0][:4] == ("format", "account", None, "203.0.113.7")


def test_end_users_that_nobody_has() -> None:
    """A column of end users without any stays as it is."""
    columns: Columns = {"account_id": pa.array(["a"]), "end_user_id": pa.nulls(1)}
    reading().fill(columns, 1)
    assert columns["end_user_id"].to_pylist() == [None]
