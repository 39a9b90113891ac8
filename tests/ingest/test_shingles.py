"""Tests of shingles in NumPy, the reference that compiled code must equal."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.slow_sketches import slow_sketch
from tests.ingest.texts import long_text, raw_array, text_arrays, texts_of

from cautery.ingest import shingles
from cautery.ingest.shingles import MOST_SHINGLES, PIECE_BYTES, Sketches, sketch_texts
from cautery.ingest.word_hashes import hash_words


def sketch(*texts: str) -> Sketches:
    return sketch_texts(pa.array(texts, pa.large_string()))


def lists(*texts: str) -> list[set[int]]:
    return [set(found) for found in sketch(*texts).shingles.to_pylist()]


@given(texts=text_arrays(), piece_bytes=st.sampled_from([1, 7, 64, 1000, PIECE_BYTES]))
def test_sketches_equal_the_slow_ones(texts: Any, piece_bytes: int) -> None:
    """Arrays over a batch, in pieces of any size, give what plain Python gives text by text."""
    slow = [slow_sketch(text) for text in texts_of(texts)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shingles, "PIECE_BYTES", piece_bytes)
        found = sketch_texts(texts)
    assert found.shingles.to_pylist() == [each.shingles for each in slow]
    assert found.sums.tolist() == [each.total for each in slow]
    assert found.word_counts.tolist() == [len(each.words) for each in slow]


@given(texts=text_arrays(), piece_bytes=st.sampled_from([1, 7, 64, 1000]))
def test_pieces_hold_every_text_once(texts: Any, piece_bytes: int) -> None:
    """Pieces are in order, and none is longer than its share and one text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shingles, "PIECE_BYTES", piece_bytes)
        pieces = list(shingles._pieces(texts))
    assert [text for piece in pieces for text in texts_of(piece)] == texts_of(texts)
    longest = max((len(text) for text in texts_of(texts)), default=0)
    assert all(sum(map(len, texts_of(piece))) <= piece_bytes + longest for piece in pieces)


def test_a_batch_of_many_pieces() -> None:
    """Real pieces, with a text across each of their borders, change nothing."""
    texts = [long_text(1 + number % 700, number) for number in range(1_000)]
    whole = pa.array(texts, pa.large_string())
    assert len(list(shingles._pieces(whole))) >= 3
    found = sketch_texts(whole)
    for place in range(0, len(texts), 37):
        slow = slow_sketch(texts[place].encode())
        assert found.shingles[place].as_py() == slow.shingles
        assert found.sums[place] == slow.total


def test_nothing_to_sketch() -> None:
    """No texts, and texts without a word, give empty lists and not an error."""
    assert sketch().shingles.to_pylist() == []
    assert sketch().sums.size == sketch().word_counts.size == 0
    found = sketch("", " .,-", "\n")
    assert found.shingles.to_pylist() == [[], [], []]
    assert found.sums.tolist() == [0, 0, 0]


@pytest.mark.parametrize(("count", "ends"), [(3, 0), (4, 2), (7, 2), (8, 4)])
def test_ends_need_their_words(count: int, ends: int) -> None:
    """Three words have no shingle, four have a head and a tail, eight have longer ones too."""
    slow = slow_sketch(long_text(count, 1).encode())
    body = shingles._sampled(hash_words(pa.array([long_text(count, 1)], pa.large_string())))
    assert len(slow.shingles) == ends + body[0].size
    assert lists(long_text(count, 1)) == [set(slow.shingles)]


@given(words=st.lists(st.sampled_from("abcdefgh"), min_size=20, max_size=60))
def test_the_frame_of_a_template_is_kept(words: list[str]) -> None:
    """Two fillings of one template share its head and its tail, whatever the words are."""
    head, tail = " ".join(words[:8]), " ".join(words[-8:])
    first, second = lists(f"{head} one thing {tail}", f"{head} quite another {tail}")
    assert len(first & second) >= 4


def test_sampling_ignores_what_stands_around() -> None:
    """The body shingles of a passage are kept in every text that holds it."""
    passage = long_text(60, 17)
    body = set(slow_sketch(passage.encode()).shingles)
    inside, far = lists(f"before it stands this {passage} and then comes that", "quite other words")
    assert len(inside & body) >= len(body) - 4
    assert len(body) > 8
    assert not far & body


def test_a_body_shingle_is_not_an_end() -> None:
    """Four words at the start are told from the same four words in the middle."""
    words = "one two three four"
    (alone,) = lists(words)
    (middle,) = lists(f"zero {words} five six seven")
    assert not alone & middle


def test_a_long_text_keeps_the_lowest() -> None:
    """Of more shingles than the bound the lowest stay, however long the text is."""
    counts = [len(found) for found in lists(*(long_text(count, 3) for count in (100, 800, 9_000)))]
    assert counts[0] < MOST_SHINGLES
    assert counts[1:] == [MOST_SHINGLES + 4] * 2


def test_repeated_words_are_kept_once() -> None:
    """A word said ten thousand times leaves a handful of hashes."""
    (found,) = sketch("data " * 10_000).shingles.to_pylist()
    assert len(found) == len(set(found)) <= 5


@given(words=st.lists(st.sampled_from("abcd"), min_size=2, max_size=12), seed=st.randoms())
def test_sums_know_the_order(words: list[str], seed: Any) -> None:
    """Equal words in equal order give equal sums, another order another sum."""
    shuffled = list(words)
    seed.shuffle(shuffled)
    found = sketch(" ".join(words), "--".join(words), " ".join(shuffled)).sums
    assert found[0] == found[1]
    assert (found[0] == found[2]) == (words == shuffled)


def test_shingles_ascend_as_unsigned_numbers() -> None:
    """Lists are sorted by their bits, so that negative numbers stand last."""
    (found,) = sketch_texts(raw_array([long_text(800, 3).encode()])).shingles.to_pylist()
    assert found == sorted(found, key=lambda value: value & 0xFFFFFFFF)
    assert min(found) < 0 < max(found)
