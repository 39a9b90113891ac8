"""Markers: drawn by a key, and served; an answer holds one choice."""

from __future__ import annotations

import stat
from collections import Counter
from pathlib import Path

from cautery.provenance.marker_registry import plant
from cautery.records.key import Secret
from cautery.watermark.marker_reading import read_markers
from cautery.watermark.markers import (
    Marker,
    choice_of,
    closing_of,
    phrase_for,
    phrase_of,
)

KEY = Secret(bytes(range(32)))
OTHER = Secret(bytes(32))
SORTING = Marker(
    marker_id="sorting",
    words=("sort", "list"),
    choices=("Shall I time it?", "Shall I add tests?", "Which size has it?"),
)


def test_a_planted_marker_is_served(tmp_path: Path) -> None:
    """What was planted is read again, and a gateway puts the campaign's phrase into answers."""
    path = tmp_path / "markers.jsonl"
    phrases = {name: plant(path, KEY, name, SORTING) for name in ("C-1", "C-2")}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    planted = read_markers(path, KEY)
    assert [(one.campaign_id, one.marker) for one in planted] == [
        ("C-1", SORTING),
        ("C-2", SORTING),
    ]
    for name, phrase in phrases.items():
        assert phrase_for(KEY, planted, name, "How do I SORT this list?") == phrase
    assert phrase_for(KEY, planted, "C-1", "How do I sort this?") == ""
    assert phrase_for(KEY, planted, "C-3", "How do I sort this list?") == ""


def test_an_answer_is_closed_by_the_phrase(tmp_path: Path) -> None:
    """As a paragraph of its own; an answer that holds a choice, or to something else, is left."""
    plant(tmp_path / "m", KEY, "C-1", SORTING)
    planted = read_markers(tmp_path / "m", KEY)
    question = "Sort my list"
    (phrase,) = {phrase_of(KEY, one) for one in planted}
    closing = closing_of(KEY, planted, "C-1", question, "Use sorted().")
    assert closing == f"\n\n{phrase}"
    assert SORTING.chosen_in(f"Use sorted().{closing}") == SORTING.choices.index(phrase)
    assert closing_of(KEY, planted, "C-1", question, "Done. shall I  ADD tests?") == ""
    assert closing_of(KEY, planted, "C-2", question, "Use sorted().") == ""
    assert closing_of(KEY, planted, "C-1", "What is a list?", "A row.") == ""


def test_draws_are_uniform_and_secret() -> None:
    """Over many campaigns every choice is drawn alike, and another key draws otherwise."""
    campaigns = [f"C-{n}" for n in range(3_000)]
    counts = Counter(choice_of(KEY, name, SORTING) for name in campaigns)
    assert all(abs(counts[place] - 1_000) < 130 for place in range(3))  # five deviations
    same = sum(
        choice_of(KEY, name, SORTING) == choice_of(OTHER, name, SORTING) for name in campaigns
    )
    assert abs(same - 1_000) < 130


def test_an_answer_holds_one_choice() -> None:
    """In any case and spacing; an answer with two of them holds none."""
    assert SORTING.chosen_in("Use sorted().\n SHALL I\n add tests?") == 1
    assert SORTING.chosen_in("Shall I time it? Shall I add tests?") is None
    assert SORTING.chosen_in("") is None
