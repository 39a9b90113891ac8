"""Tests that compiled code gives what its references in NumPy, RE2 and Python give."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.slow_sketches import slow_sketch
from tests.ingest.texts import (
    FRAGMENTS,
    PHRASE_TEXTS,
    RAW_TEXTS,
    long_text,
    raw_array,
    text_arrays,
    texts_of,
)

from cautery.ingest import intents, shingles
from cautery.ingest.intents import PHRASES, Intent
from cautery.ingest.literal_automaton import make_automaton
from cautery.ingest.shingles import MOST_SHINGLES, PIECE_BYTES, Sketches
from cautery.ingest.whole_literals import WholeLiteral
from cautery.ingest.word_hashes import fold

pytest.importorskip("numba", reason="the extra 'fast' is not installed")

from cautery.ingest import compiled, compiled_phrases

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
MATCHES = st.sampled_from(sorted(PHRASES.values())).flatmap(st.from_regex)
ASKING = st.one_of(PHRASE_TEXTS, MATCHES.map(str.lower)).map(str.encode)


def assert_equal(left: Sketches, right: Sketches) -> None:
    """Compare every part of two sketches, types included."""
    assert left.shingles.type == right.shingles.type
    assert left.shingles.to_pylist() == right.shingles.to_pylist()
    for one, other in ((left.sums, right.sums), (left.word_counts, right.word_counts)):
        assert one.dtype == other.dtype
        assert one.tolist() == other.tolist()


def assert_same_sketches(texts: Any) -> None:
    found = compiled.sketch_texts(texts)
    found.shingles.validate(full=True)
    assert_equal(found, shingles.sketch_texts(texts))


def assert_same_flags(texts: Any) -> None:
    found = compiled_phrases.phrase_flags(texts)
    assert found.dtype == np.int64
    assert found.tolist() == intents.phrase_flags(texts).tolist()


@given(texts=text_arrays())
def test_sketches_equal_the_reference(texts: Any) -> None:
    """Texts of any bytes, lengths and slices give the same shingles, sums and counts."""
    assert_same_sketches(texts)


@given(texts=text_arrays(), piece_bytes=st.sampled_from([1, 16, 500]))
def test_pieces_of_the_reference_do_not_show(texts: Any, piece_bytes: int) -> None:
    """Compiled code takes a batch whole, and gives what the reference gives in pieces."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shingles, "PIECE_BYTES", piece_bytes)
        assert_same_sketches(texts)


@given(texts=text_arrays(st.one_of(ASKING, RAW_TEXTS)))
def test_phrases_equal_the_reference(texts: Any) -> None:
    """Texts without a necessary literal are passed over, and no family is lost by it."""
    assert_same_flags(texts)


@given(
    texts=text_arrays(RAW_TEXTS),
    bits_of=st.dictionaries(
        st.one_of(st.sampled_from(FRAGMENTS), st.text("ab é", min_size=1, max_size=4)),
        st.integers(1, 2**62),
        max_size=8,
    ),
)
def test_literals_equal_the_reference(texts: Any, bits_of: dict[str, int]) -> None:
    """Compiled code walks the automaton as Python does."""
    automaton = make_automaton(bits_of)
    expected = [automaton.scan(text) for text in texts_of(texts)]
    assert compiled_phrases.literal_bits(texts, automaton).tolist() == expected


@pytest.mark.parametrize("length", [23, 24, 25, 26, 27, 90])
def test_literals_are_found_wherever_they_stand(length: int) -> None:
    """No literal is lost where a text is cut into quarters, and none is made up there."""
    automaton = make_automaton({"abcde": 1, "f": 2})
    held = [b"." * place + b"abcde" + b"." * (length - place - 5) for place in range(length - 4)]
    split = [b"." * place + b"abc.de" + b"." * (length - place - 6) for place in range(length - 5)]
    texts = pa.array([text.decode() for text in (*held, *split)], pa.large_string())
    found = compiled_phrases.literal_bits(texts, automaton).tolist()
    assert found == [1] * len(held) + [0] * len(split)


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param([], id="none"),
        pytest.param([b""], id="empty"),
        pytest.param([b"", b"", b""], id="all empty"),
        pytest.param([b" .,\n", b"---"], id="only separators"),
        pytest.param([b"a", b"b", b"c"], id="single letters"),
        pytest.param([b"a b c", b"a b c d", b"a b c d e f g", b"a b c d e f g h"], id="ends"),
        pytest.param([b"\xff\xfe\x80 \xc3", b"\x00\x00"], id="no UTF-8"),
        pytest.param([b"a " * 5_000, b"data " * 5_000], id="repeated"),
        pytest.param([b"x" * 100_000, b"", b" " * 100_000], id="one word"),
        pytest.param([b"tail", b"a b c d " * 20, b"head"], id="long between short"),
    ],
)
def test_edges(texts: list[bytes]) -> None:
    """The ends of what a text can be give the same, whole and as a slice."""
    for array in (raw_array(texts), raw_array([b"left", *texts, b"right"]).slice(1, len(texts))):
        assert_same_sketches(array)
        assert_same_flags(array)


@pytest.mark.parametrize("count", [100, 241, 400, 8_001, 40_000])
def test_long_texts_are_cut_alike(count: int) -> None:
    """Of more shingles than the bound, the same lowest ones stay."""
    texts = raw_array([long_text(count, step).encode() for step in (1, 977)])
    assert_same_sketches(texts)
    longest = max(map(len, compiled.sketch_texts(texts).shingles.to_pylist()))
    assert (longest == MOST_SHINGLES + 4) == (count > 300)


def test_a_batch_of_many_pieces() -> None:
    """A batch several times as long as a piece of the reference gives the same."""
    texts = [long_text(1 + number % 700, number) for number in range(1_000)]
    texts[500] = long_text(300_000, 3)
    array = pa.array(texts, pa.large_string())
    assert array.nbytes > 4 * PIECE_BYTES
    assert_same_sketches(array)
    assert_same_flags(array)


def test_threads_do_not_meet() -> None:
    """Batches that are sketched side by side, as a reading does it, do not mix."""
    batches = [raw_array([long_text(50 + step, step).encode()] * 50) for step in range(1, 40)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(compiled.sketch_texts, batches))
        flags = list(pool.map(compiled_phrases.phrase_flags, batches))
    for batch, one, bits in zip(batches, found, flags, strict=True):
        slow = slow_sketch(texts_of(batch)[0])
        assert one.shingles.to_pylist() == [slow.shingles] * 50
        assert one.sums.tolist() == [slow.total] * 50
        assert bits.tolist() == [0] * 50


def test_real_texts() -> None:
    """This repository's own prose and code, by paragraph and by file, give the same."""
    paths = [*ROOT.glob("docs/**/*.md"), *ROOT.glob("src/**/*.py"), *ROOT.glob("tests/**/*.py")]
    files = [path.read_text(encoding="utf-8") for path in sorted(paths)]
    paragraphs = [part for file in files for part in file.split("\n\n")]
    for texts in (files, paragraphs):
        array = fold(pa.array(texts, pa.string()), 6_000, 2_000)
        assert_same_sketches(array)
        assert_same_flags(array)
    every = int(np.bitwise_or.reduce(compiled_phrases.phrase_flags(array)))
    assert every == sum(Intent)


@pytest.mark.skipif(
    not DATA.is_dir(), reason="the data pack beside the repository (../shared/data) is not there"
)
@pytest.mark.parametrize("kind", ["prompts", "recordings"])
def test_recorded_texts(kind: str) -> None:
    """Published prompts, and what real harvesting programs sent, give the same."""
    packed = [path.read_bytes() for path in sorted((DATA / kind).glob("*.jsonl.gz"))]
    lines = [line for file in packed for line in gzip.decompress(file).decode().splitlines()]
    assert len(lines) > 1_000
    array = fold(pa.array(lines, pa.string()), 6_000, 2_000)
    assert_same_sketches(array)
    assert_same_flags(array)


def test_every_family_is_filtered() -> None:
    """No family is searched for in every text, and most are not searched for at all."""
    automaton, searched = compiled_phrases._PHRASES
    assert "" not in searched.values()
    assert len(searched) == 3
    assert automaton.scan(b"the cat sat on the mat") == 0
    assert int(np.bitwise_or.reduce(automaton.found)) == sum(Intent)


BOUNDED = st.dictionaries(
    st.builds(WholeLiteral, st.text("ab_ é", min_size=1, max_size=3), st.booleans(), st.booleans()),
    st.integers(1, 2**62),
    max_size=6,
)


@given(texts=text_arrays(st.text("ab_ é", max_size=60).map(str.encode)), whole=BOUNDED)
def test_word_boundaries_equal_the_reference(texts: Any, whole: dict[WholeLiteral, int]) -> None:
    """Literals that want a word boundary are told apart in quarters as in Python, and as by RE2."""
    automaton = make_automaton({}, whole)
    held = texts_of(texts)
    found = compiled_phrases.literal_bits(texts, automaton).tolist()
    assert found == [automaton.scan(text) for text in held]
    expected = np.zeros(len(held), dtype=np.int64)
    for literal, bits in whole.items():
        pattern = ("\\b" if literal.boundary_before else "") + literal.text
        pattern += "\\b" if literal.boundary_after else ""
        expected[pc.match_substring_regex(texts, pattern=pattern).to_numpy(False)] |= bits
    assert found == expected.tolist()
