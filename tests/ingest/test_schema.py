"""Tests of the schemas: what parts hold, whatever was asked for."""

from __future__ import annotations

from itertools import chain

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.ingest.schema import (
    BATCH_SCHEMA,
    EXCHANGE_SCHEMA,
    PART_SCHEMA,
    SCAN_SCHEMA,
    part_schema,
)
from cautery.records.exchange import (
    EXCHANGE_COLUMNS,
    KEY_COLUMNS,
    SKETCH_COLUMNS,
    SOURCE_COLUMNS,
    TEXT_COLUMNS,
)


def test_every_schema_continues_the_last() -> None:
    """A reader's batch, a part and a part for a scan hold the same columns in the same order."""
    exchange, source, sketch, key = (
        [column.name for column in columns]
        for columns in (EXCHANGE_COLUMNS, SOURCE_COLUMNS, SKETCH_COLUMNS, KEY_COLUMNS)
    )
    assert EXCHANGE_SCHEMA.names == exchange
    assert BATCH_SCHEMA.names == [*exchange, source[1]]
    assert PART_SCHEMA.names == [*exchange, *source, *sketch]
    assert SCAN_SCHEMA.names == [*PART_SCHEMA.names, *key]
    assert len(set(SCAN_SCHEMA.names)) == len(SCAN_SCHEMA.names)
    assert {str(SCAN_SCHEMA.field(name).type) for name in key} == {"int64"}


def test_columns_have_one_type() -> None:
    """A column has the same type in every schema; texts may pass two gigabytes."""
    for field in chain(EXCHANGE_SCHEMA, BATCH_SCHEMA, PART_SCHEMA):
        assert SCAN_SCHEMA.field(field.name) == field
    assert {SCAN_SCHEMA.field(name).type for name in TEXT_COLUMNS} == {pa.large_string()}


@pytest.mark.parametrize("drop_text", [False, True])
def test_parts_by_default(drop_text: bool) -> None:
    """Nothing asked for is all that is promised: no keys, and no text if it is dropped."""
    left_out = TEXT_COLUMNS if drop_text else ()
    found = part_schema(drop_text=drop_text)
    assert found.names == [name for name in PART_SCHEMA.names if name not in left_out]


@given(st.sets(st.sampled_from(SCAN_SCHEMA.names)), st.booleans())
def test_parts_as_asked_for(columns: set[str], drop_text: bool) -> None:
    """Columns come in their own order and of their own type, and dropped text never comes."""
    found = part_schema(drop_text=drop_text, columns=frozenset(columns))
    left_out = TEXT_COLUMNS if drop_text else ()
    assert list(found) == [
        field for field in SCAN_SCHEMA if field.name in columns and field.name not in left_out
    ]


def test_columns_that_nobody_knows() -> None:
    """A name that is no column is no column of the parts either."""
    assert part_schema(drop_text=False, columns=frozenset({"invented"})).names == []
