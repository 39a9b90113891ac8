"""Answers of pieces make the answer of the whole."""

from __future__ import annotations

import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis import _

from cautery.scan.questions import Question

EVERYTHING = Question(
    of="rows",
    by=("token",),
    made={"odd": _.value % 2},
    where=_.value != 3,
    sums={"rows": _.count(), "total": _.value.sum().cast("int64"), "odds": _.odd.sum()},
    least={"first": _.value.min(), "name": _.text.min()},
    most={"last": _.value.max()},
    bits={"bits": _.value.bit_or()},
)
SHOWN = Question(of="rows", by=("token",))
ROWS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.none() | st.integers(0, 2),
        st.none() | st.integers(0, 7),
        st.none() | st.sampled_from(["a", "b", ""]),
    ),
    max_size=12,
)
SCHEMA = pa.schema(
    [("account", pa.int64()), ("token", pa.int64()), ("value", pa.int64()), ("text", pa.string())]
)


def table(rows: list[tuple[int | str | None, ...]]) -> pa.Table:
    """Make a table of rows."""
    names = SCHEMA.names
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], SCHEMA)


def answer(question: Question, rows: pa.Table) -> pa.Table:
    """Ask one table on an engine of its own."""
    return question.over(ibis.memtable(rows)).to_pyarrow()


def lines(found: pa.Table) -> list[str]:
    """Rows in an order that does not depend on the engine."""
    return sorted(map(repr, found.to_pylist()))


@given(st.lists(ROWS, min_size=1, max_size=3))
@settings(max_examples=25, deadline=None)
def test_pieces_make_the_whole(pieces: list[list[tuple[int | str | None, ...]]]) -> None:
    """Sums, extremes, bits and bare pairs of pieces, nulls among them, are those of all rows."""
    for question in (EVERYTHING, SHOWN):
        whole = answer(question, table([row for rows in pieces for row in rows]))
        parts = pa.concat_tables([answer(question, table(rows)) for rows in pieces])
        together = question.together(ibis.memtable(parts)).to_pyarrow()
        assert lines(together.cast(whole.schema)) == lines(whole)
