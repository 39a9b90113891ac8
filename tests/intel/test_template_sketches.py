"""Sketches of templates: alike ones share bands, others do not, and nobody reads them."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st
from tests.intel.indicators import epoch_key

from cautery.intel.template_sketches import (
    BANDS,
    LEAST_BANDS,
    ROWS,
    common_bands,
    shingles_of,
    sketch_of,
    template_bands,
    template_value,
)

TEMPLATE = (
    "You are a meticulous tutor. Solve the task below step by step, show the full internal "
    "reasoning, check every step twice, and put the final answer on the last line. Task: {...}"
)
KEY = epoch_key()


def test_one_template_in_two_spellings() -> None:
    """Case, punctuation, spaces and what stands in the slot make no difference."""
    other = TEMPLATE.upper().replace(",", " ;").replace("  ", " ")
    assert template_bands(other, KEY) == template_bands(TEMPLATE, KEY)
    assert len(template_bands(TEMPLATE, KEY)) == BANDS


def test_a_changed_word_leaves_enough_bands() -> None:
    """A template with a word exchanged is still found."""
    changed = TEMPLATE.replace("meticulous", "patient")
    common = common_bands(template_bands(TEMPLATE, KEY), template_bands(changed, KEY))
    assert LEAST_BANDS <= common < BANDS


def test_another_template_shares_nothing() -> None:
    """Two templates without a run of three words in common agree in no band."""
    other = "Translate this German letter into plain English and keep the tone polite: {...}"
    assert common_bands(template_bands(TEMPLATE, KEY), template_bands(other, KEY)) == 0


def test_bands_are_keyed() -> None:
    """Under another key nothing agrees, so that who lacks the key cannot compare."""
    assert common_bands(template_bands(TEMPLATE, KEY), template_bands(TEMPLATE, epoch_key(1))) == 0


def test_short_templates_have_no_bands() -> None:
    """A phrase that many write is not told from a template."""
    assert template_bands("Explain step by step: {...}", KEY) == ()
    assert template_bands("", KEY) == ()


def test_no_run_reaches_over_a_slot() -> None:
    """Words on both sides of a slot never stood together."""
    assert shingles_of("one two {...} three four") == frozenset()
    assert shingles_of("one two three ...") == frozenset({"one two three"})


def test_sketches_agree_as_their_sets_do() -> None:
    """The share of equal numbers estimates the Jaccard likeness (Broder 1997)."""
    draw = random.Random(5)
    agreeing = total = 0
    for _pair in range(60):
        words = [f"w{draw.randrange(10**6)}" for _word in range(90)]
        common, one, other = set(words[:30]), set(words[30:60]), set(words[60:])
        first, second = sketch_of(frozenset(common | one)), sketch_of(frozenset(common | other))
        agreeing += sum(a == b for a, b in zip(first, second, strict=True))
        total += BANDS * ROWS
    share = agreeing / total
    assert abs(share - 1 / 3) < 4 * (1 / 3 * 2 / 3 / total) ** 0.5 + 0.02


@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    """Whatever a template holds, its bands are digests and its value holds no control character."""
    bands = template_bands(text, KEY)
    assert all(len(band) == 16 and set(band) <= set("0123456789abcdef") for band in bands)
    assert len(bands) in {0, BANDS}
    assert "\x1b" not in template_value(text)
