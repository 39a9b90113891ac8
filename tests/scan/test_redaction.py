"""Redacted templates show the frame and none of the words that people filled in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.small_logs import HOSTILE
from tests.scan.worlds import TEMPLATES, made_up_words

from cautery.scan.redaction import (
    FEWEST_EXAMPLES,
    MOST_CHARACTERS,
    NEIGHBOURHOOD_WORDS,
    SLOT,
    redact,
)

WORDS = st.lists(st.sampled_from("alpha beta gamma delta".split()), max_size=12).map(" ".join)


def filled(frame: str, count: int, words: int = 6) -> list[str]:
    """Fill a frame with items that nobody else has."""
    generator = np.random.default_rng(17)
    return [frame.format(made_up_words(generator, words)) for _item in range(count)]


@pytest.mark.parametrize("frame", TEMPLATES)
def test_frame_stays_and_items_go(frame: str) -> None:
    """What all examples share is printed, and what each has of its own is a slot."""
    assert redact(filled(frame, 8)) == frame.format(SLOT)


@pytest.mark.parametrize("frame", TEMPLATES)
def test_no_word_of_an_item_is_shown(frame: str) -> None:
    """Not a single word of any item stands in the evidence."""
    examples = filled(frame, 8)
    items = {word for text in examples for word in text.split()} - set(frame.split())
    assert items.isdisjoint(redact(examples).split())


def test_a_word_of_most_items_needs_its_neighbours() -> None:
    """A name that many items hold is no frame unless the words around it come back as well."""
    generator = np.random.default_rng(18)
    parts = [
        [made_up_words(generator, 4), "Smith", made_up_words(generator, 4)] for _item in range(9)
    ]
    examples = [TEMPLATES[0].format(" ".join(part)) for part in parts]
    assert "Smith" not in redact(examples)


def test_too_few_examples() -> None:
    """Two texts may be alike by their content, so nothing of them is shown."""
    for count in range(FEWEST_EXAMPLES):
        assert redact(filled(TEMPLATES[0], count)) == ""


def test_nothing_in_common() -> None:
    """Texts that share no words in a row give no frame, and neither do empty ones."""
    assert redact(filled("{}", 9)) == ""
    assert redact(["", " ", "\n"]) == ""
    assert redact(["two words"] * 9) == ""


def test_order_of_examples() -> None:
    """The frame does not depend on which example comes first."""
    examples = filled(f"{TEMPLATES[1]} and nothing else", 7)
    assert {redact(examples[turn:] + examples[:turn]) for turn in range(7)} == {redact(examples)}


def test_minority_of_strangers() -> None:
    """A few other texts among the examples neither hide the frame nor show themselves."""
    examples = filled(TEMPLATES[0], 8) + filled("{}", 3)
    assert redact(examples) == TEMPLATES[0].format(SLOT)


def test_bounds() -> None:
    """Long templates are cut, and long examples cost no more than their first words."""
    long = redact([" ".join(f"word{place}" for place in range(5_000))] * 4)
    assert len(long) <= MOST_CHARACTERS
    assert long.endswith(" ...")
    assert redact(["x" * 1_000_000] * 4) == ""


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_frames(text: str) -> None:
    """Whatever stands in a frame is text; only its white space is made plain."""
    words = f"{text} one two three".split()[: NEIGHBOURHOOD_WORDS + 4]
    assert redact([" ".join(words)] * 4).startswith(" ".join(words)[:40])


@given(st.lists(WORDS, max_size=8))
def test_any_texts(examples: list[str]) -> None:
    """Every printed word stands in one of the examples, and the length is bounded."""
    shown = redact(examples)
    assert len(shown) <= MOST_CHARACTERS
    known = {word for text in examples for word in text.split()}
    assert set(shown.split()) - {SLOT} <= known
    assert f"{SLOT} {SLOT}" not in shown
