"""Tests of the sketch columns."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.texts import PHRASE_TEXTS, TEXTS, long_text

import cautery.ingest
from cautery.ingest.intents import SYSTEM_SHIFT, Intent
from cautery.ingest.schema import arrow_type
from cautery.ingest.sketches import (
    HEAD_CHARACTERS,
    PLAIN,
    SKETCH_VERSION,
    TAIL_CHARACTERS,
    add_sketches,
    fastest_kernels,
    sketch_columns,
)
from cautery.records.exchange import SKETCH_COLUMNS

NAMES = [column.name for column in SKETCH_COLUMNS]
SYSTEM_TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["", "...", "You are a helpful assistant.", "Grade it: 5 of 5"]),
    TEXTS,
)
USER_TEXTS = st.one_of(st.none(), TEXTS, PHRASE_TEXTS)
ADDRESSES = st.sampled_from([None, "203.0.113.9", "2001:db8::1", "nowhere"])
ROWS = st.lists(st.tuples(USER_TEXTS, SYSTEM_TEXTS, ADDRESSES), max_size=5)
Row = tuple[str | None, str | None, str | None]

GOLDEN = Path(__file__).with_name("sketches_version_1.jsonl").read_text(encoding="utf-8")
"""Rows with what they give in version 1: a change there is a change of ``SKETCH_VERSION``."""


def batch(rows: list[Row]) -> Any:
    """A batch of user turns, system prompts and addresses."""
    users, systems, addresses = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.RecordBatch.from_arrays(
        [
            pa.array(users, pa.large_string()),
            pa.array(systems, pa.large_string()),
            pa.array(addresses, pa.string()),
        ],
        names=["input_text", "system_text", "client_address"],
    )


def sketch(*rows: Row) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = add_sketches(batch(list(rows))).select(NAMES).to_pylist()
    return found


def sketch_user(*texts: str | None) -> list[dict[str, Any]]:
    return sketch(*((text, None, None) for text in texts))


def sketch_system(*texts: str | None) -> list[dict[str, Any]]:
    return sketch(*((None, text, None) for text in texts))


@pytest.mark.parametrize("line", GOLDEN.splitlines())
def test_golden(line: str) -> None:
    """Version 1 gives these sketches on every machine and with every release of a library."""
    golden = json.loads(line)
    row = (golden["input_text"], golden["system_text"], golden["client_address"])
    assert SKETCH_VERSION == "1"
    assert sketch(row) == [golden["sketch"]]


@settings(max_examples=50)
@given(rows=ROWS)
def test_rows_are_sketched_by_themselves(rows: list[Row]) -> None:
    """Whether a system prompt is repeated in the batch or stands alone changes nothing."""
    together = sketch(*rows, *rows)
    assert together == [found for row in rows + rows for found in sketch(row)]


@given(rows=ROWS, start=st.integers(0, 5))
def test_both_kernels_give_equal_batches(rows: list[Row], start: int) -> None:
    """Compiled or not, whole or sliced, a batch gets the same columns of the same types."""
    read = batch(rows).slice(start)
    left, right = add_sketches(read, PLAIN), add_sketches(read, fastest_kernels())
    assert left.equals(right)
    assert left.schema.equals(right.schema)


@given(rows=ROWS)
def test_columns_have_their_types(rows: list[Row]) -> None:
    """The six columns come last, in their order and types, and the others stay as they were."""
    read = batch(rows)
    found = add_sketches(read)
    assert found.schema.names == [*read.schema.names, *NAMES]
    assert [found.schema.field(column.name).type for column in SKETCH_COLUMNS] == [
        arrow_type(column) for column in SKETCH_COLUMNS
    ]
    assert found.select(read.schema.names).equals(read)


def test_no_text_is_no_sketch() -> None:
    """Absent is null and not zero: for the user turn, for the system prompt and for both."""
    text = "Please solve it step by step"
    user, system, neither = sketch((text, None, None), (None, text, None), (None, None, None))
    of_user = ("input_characters", "input_hash", "input_shingles")
    assert all(user[name] is not None for name in of_user)
    assert user["system_hash"] is None
    assert all(system[name] is None for name in of_user)
    assert system["system_hash"] is not None
    assert system["intent_flags"] == user["intent_flags"] << SYSTEM_SHIFT
    assert list(neither.values()) == [None] * len(NAMES)


def test_an_empty_turn_is_a_turn() -> None:
    """An empty user turn has a length of nought, no shingles and no phrases; it is not absent."""
    (found,) = sketch_user("")
    assert found["input_characters"] == found["intent_flags"] == 0
    assert found["input_shingles"] == []
    assert found["input_hash"] is not None


@pytest.mark.parametrize("text", ["", " ", "...", "\n---\n", "?!"])
def test_a_wordless_system_prompt_has_no_hash(text: str) -> None:
    """Empty prompts of strangers must not make them alike."""
    found, null, real = sketch_system(text, None, "Be kind.")
    assert found["system_hash"] is None
    assert found["intent_flags"] == 0
    assert null["system_hash"] is None
    assert null["intent_flags"] is None
    assert real["system_hash"] is not None


def test_both_texts_have_their_own_phrases() -> None:
    """Families of the system prompt stand higher than those of the user turn."""
    (found,) = sketch(("Translate it into French", "Grade it on a scale of 1 to 5", None))
    asked = int(Intent.TRANSLATION) | int(Intent.GRADING) << SYSTEM_SHIFT
    assert found["intent_flags"] == asked


def test_hashes_see_words_only() -> None:
    """Case, gaps and marks do not count, words and their order do."""
    one, other, swapped, longer = sketch_user("Tell me!", " tell  ME", "me tell", "tell me it")
    assert one["input_hash"] == other["input_hash"]
    assert len({found["input_hash"] for found in (one, swapped, longer)}) == 3
    assert sketch_system("Tell me!")[0]["system_hash"] == one["input_hash"]


def test_long_texts_lose_their_middle() -> None:
    """Only the ends of a long text are looked at, and its whole length still tells it apart."""
    head, tail = long_text(2_000, 3)[:HEAD_CHARACTERS], long_text(900, 7)[-TAIL_CHARACTERS:]
    texts = [f"{head}{middle}{tail}" for middle in ("b " * 500, "c " * 500, "d " * 9_999)]
    same, alike, longer = sketch_user(*texts)
    assert same == alike
    assert same["input_shingles"] == longer["input_shingles"]
    assert same["input_hash"] != longer["input_hash"]
    assert longer["input_characters"] == len(texts[2])
    hidden, shown = sketch_user(f"{head} step by step {tail}", f"step by step {head}{tail}")
    assert hidden["intent_flags"] == 0
    assert shown["intent_flags"] == Intent.STEP_BY_STEP


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_the_limit_is_exact(extra: int) -> None:
    """Texts up to the limit are whole and known by their words: a change in the middle shows."""
    size = HEAD_CHARACTERS + TAIL_CHARACTERS + extra
    middle = HEAD_CHARACTERS
    words = ("é " * size)[: size - 9]
    plain = words + " " * 9
    changed = f"{plain[:middle]}z{plain[middle + 1 :]}"
    left, right, short = (found["input_hash"] for found in sketch_user(plain, changed, words))
    assert (left == right) == (extra > 0)
    assert (left == short) == (extra <= 0)


@pytest.mark.parametrize("kind", [pa.null(), pa.string(), pa.large_string()])
def test_columns_without_any_text(kind: Any) -> None:
    """A log without prompts has null sketches, also where its columns have no type."""
    nothing = pa.nulls(3, kind)
    found = sketch_columns(nothing, nothing, pa.nulls(3, kind))
    assert list(found) == NAMES
    assert {column.null_count for column in found.values()} == {3}


def test_sketches_of_before_are_replaced() -> None:
    """Columns that are there already are made anew in their place, not twice."""
    read = batch([("Tell me", None, "203.0.113.9")])
    stale = read.add_column(0, "input_hash", pa.array([7], pa.int64()))
    found = add_sketches(stale)
    assert found.schema.names.count("input_hash") == 1
    assert found.schema.names[0] == "input_hash"
    assert found["input_hash"].equals(add_sketches(read)["input_hash"])


class RefusingFinder:
    """Stands for an environment in which the compiled code cannot be imported."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name == "cautery.ingest.compiled":
            raise self._error


@pytest.mark.parametrize(
    "error",
    [
        ImportError("No module named 'numba'"),
        RuntimeError("cannot cache function '_mix': no locator available for file"),
    ],
)
def test_without_compiled_code(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Without Numba, or where it finds no folder to write to, NumPy does the work."""
    monkeypatch.delitem(sys.modules, "cautery.ingest.compiled", raising=False)
    monkeypatch.delattr(cautery.ingest, "compiled", raising=False)
    monkeypatch.setattr(sys, "meta_path", [RefusingFinder(error), *sys.meta_path])
    assert fastest_kernels() is PLAIN


def test_with_compiled_code() -> None:
    """With Numba the compiled code is used."""
    pytest.importorskip("numba")
    assert fastest_kernels() is not PLAIN
