"""Markers: planted once, read by the owner alone, changed by nobody."""

from __future__ import annotations

import stat
from collections import Counter
from pathlib import Path

import pytest

from cautery.errors import ConfigurationError, MalformedFileError, NoInputError
from cautery.provenance.markers import (
    Marker,
    choice_of,
    closing_of,
    phrase_for,
    phrase_of,
    plant,
    plant_all,
    read_markers,
)
from cautery.records.key import Secret

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


def test_many_are_planted_at_once(tmp_path: Path) -> None:
    """Each campaign and marker once; what is there stays; another marker of its name is refused."""
    path = tmp_path / "markers.jsonl"
    others = [Marker(marker_id=f"m{n}", words=("x",), choices=("a", "b")) for n in range(3)]
    assert plant_all(path, KEY, ["C-1", "C-2", "C-1"], others) == 6
    before = path.read_bytes()
    assert plant_all(path, KEY, ["C-1", "C-2"], others) == 0
    assert path.read_bytes() == before
    assert plant_all(path, KEY, ["C-3", "C-1"], [*others, SORTING]) == 5
    assert path.read_bytes().startswith(before)
    changed = Marker(marker_id="m0", words=("x",), choices=("a", "c"))
    with pytest.raises(ConfigurationError, match="has another marker 'm0'"):
        plant_all(path, KEY, ["C-9", "C-1"], [changed])
    assert len(read_markers(path, KEY)) == 11


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


@pytest.mark.parametrize(
    "damage",
    [
        lambda row: row.replace(b"C-1", b"C-9"),
        lambda row: row.replace(b"time it", b"time  it"),
        lambda row: row[:-20] + b"\n",
        lambda row: b"[]\n" * bool(row),
        lambda row: row.replace(b'"code":"', b'"code":"\xc3\xa9'),
        lambda row: b"\xff" + row,
    ],
    ids=["campaign", "choice", "cut", "shape", "code", "bytes"],
)
def test_a_changed_line_is_refused(tmp_path: Path, damage: object) -> None:
    """The message names the line; nothing more is planted into such a file."""
    path = tmp_path / "markers.jsonl"
    plant(path, KEY, "C-1", SORTING)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(MalformedFileError, match="marker") as caught:
        read_markers(path, KEY)
    assert f"{path}:1" in str(caught.value)
    with pytest.raises(MalformedFileError):
        plant(path, KEY, "C-2", SORTING)


def test_registries_that_are_refused(tmp_path: Path) -> None:
    """Another key, no file, one that others may read, a marker that is there already."""
    path = tmp_path / "markers.jsonl"
    plant(path, KEY, "C-1", SORTING)
    with pytest.raises(MalformedFileError, match="another key"):
        read_markers(path, OTHER)
    with pytest.raises(NoInputError, match="cannot be read"):
        read_markers(tmp_path / "none", KEY)
    with pytest.raises(ConfigurationError, match="already"):
        plant(path, KEY, "C-1", SORTING)
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="others may read"):
        read_markers(path, KEY)
    with pytest.raises(ConfigurationError, match="too short"):
        read_markers(path, Secret(b"short"))


@pytest.mark.parametrize(
    ("words", "choices", "said"),
    [
        ((), ("a", "b"), "has a word"),
        (("x",), ("a",), "from 2 to 64"),
        (("x",), ("a", "a b"), "part of another"),
        (("x",), ("a", "A"), "part of another"),
        (("x",), ("a", " "), "empty or too long"),
        (("x" * 1_001,), ("a", "b"), "empty or too long"),
    ],
    ids=["no-word", "one-choice", "part", "case", "blank", "long"],
)
def test_markers_that_are_refused(
    tmp_path: Path, words: tuple[str, ...], choices: tuple[str, ...], said: str
) -> None:
    """And no file is made."""
    path = tmp_path / "markers.jsonl"
    with pytest.raises(ConfigurationError, match=said):
        plant(path, KEY, "C-1", Marker(marker_id="m", words=words, choices=choices))
    assert not path.exists()
