"""The built-in summary takes sentences of the text, in order, within its share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.resist.summarising import extractive_summary

TEXT = (
    "First the columns are added. 7 + 5 = 12. The columns are added from the right. "
    "Elephants sleep standing. So the sum is known."
)


@given(st.text(max_size=200), st.floats(0.05, 1.0), st.integers(1, 5))
def test_within_its_share(text: str, share: float, sentences: int) -> None:
    """Never longer than asked for, whatever the text."""
    summary = extractive_summary(
        text, most_share=share, most_sentences=sentences, keeps_figures=True
    )
    assert len(summary) <= max(0, int(share * len(text)))


def test_what_the_text_is_about() -> None:
    """The sentence of the commonest words is taken, not the odd one out."""
    summary = extractive_summary(TEXT, most_share=0.5, most_sentences=1, keeps_figures=False)
    assert "columns are added" in summary


def test_sentences_stand_in_their_order() -> None:
    """What is taken stands as it stood, without figures."""
    summary = extractive_summary(TEXT, most_share=1.0, most_sentences=9, keeps_figures=False)
    assert summary == TEXT.replace(" 7 + 5 = 12.", "")


@pytest.mark.parametrize("text", ["", "   ", "1 = 1.", "12\n13\n14"])
def test_nothing_to_take(text: str) -> None:
    """A text without a sentence in words has no summary."""
    assert extractive_summary(text, most_share=1.0, most_sentences=3, keeps_figures=False) == ""
