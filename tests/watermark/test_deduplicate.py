from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import ConfigurationError
from cautery.watermark.deduplicate import (
    Corpus,
    Deduplicate,
    first_occurrences,
    position_fingerprints,
)
from cautery.watermark.positions import positions_after

TEXTS = st.lists(st.lists(st.integers(0, 5), max_size=60), max_size=8)


def firsts(rows: list[tuple[int, ...]], seen: set[tuple[int, ...]]) -> list[bool]:
    """Mark first occurrences one by one."""
    marks = []
    for row in rows:
        marks.append(row not in seen)
        seen.add(row)
    return marks


@given(texts=TEXTS, with_token=st.booleans())
def test_first_occurrences_as_a_person_would_mark_them(
    texts: list[list[int]], with_token: bool
) -> None:
    """Within a text and over texts, marks are those of a plain set of contexts (and tokens)."""
    mode = Deduplicate.CONTEXT_TOKEN if with_token else Deduplicate.CONTEXT
    corpus, seen = Corpus(), set[tuple[int, ...]]()
    for text in texts:
        positions = positions_after(np.asarray(text, dtype=np.int64), 2)
        rows = [
            (*context, token) if with_token else tuple(context)
            for context, token in zip(
                positions.context.tolist(), positions.token.tolist(), strict=True
            )
        ]
        prints = position_fingerprints(positions, mode)
        assert first_occurrences(prints).tolist() == firsts(rows, set())
        assert corpus.first(prints).tolist() == firsts(rows, seen)


def test_a_full_memory_still_counts_everything_once_at_most() -> None:
    """However many documents go by, nothing is scored twice and memory stays within bounds."""
    corpus = Corpus(capacity=1_000)
    generator = np.random.default_rng(3)
    scored = np.zeros(50_000, dtype=np.int64)
    for _ in range(400):
        prints = generator.integers(0, 50_000, size=300).astype(np.uint64)
        marks = corpus.first(prints)
        np.add.at(scored, prints[marks].astype(np.int64), 1)
        assert len(corpus) <= 1_000
    assert scored.max() == 1
    assert corpus.share_scored < 0.1
    # What survives is a share of the inputs that was not chosen by their order.
    assert scored.sum() > 1_000


def test_memory_is_the_same_however_the_text_is_cut() -> None:
    """Fed whole or piece by piece, the same positions are marked."""
    prints = np.random.default_rng(1).integers(0, 500, size=2_000).astype(np.uint64)
    whole = Corpus().first(prints)
    corpus = Corpus()
    pieces = [corpus.first(piece) for piece in np.array_split(prints, 37)]
    assert np.array_equal(np.concatenate(pieces), whole)


def test_an_unknown_way_is_refused_by_name() -> None:
    """The error lists what a profile may say."""
    assert Deduplicate.named("prf-input") is Deduplicate.PRF_INPUT
    with pytest.raises(ConfigurationError, match=r"deduplicate.*prf-input"):
        Deduplicate.named("contexts")
