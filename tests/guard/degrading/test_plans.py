"""What is done to one answer: as the defences do it, bounded and counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.degrading.plans import Degrading
from cautery.guard.degrading.settings import DegradeSettings
from cautery.guard.degrading.undegradable import UndegradableError
from cautery.records.decision import DEGRADATIONS, Degradation
from cautery.records.degraded import AnswerCounts
from cautery.resist.plans import make_plan

TEXT = "a < b <think>secret < plan</think>\n shown <t <thinking>secret</thinking>end"
THOUGHT = "I add the columns. 7 and 5 is 12. Then I read the columns from the top."
HIDES: tuple[Degradation, ...] = ("hide_reasoning",)
SUMMARISES: tuple[Degradation, ...] = ("summarise_reasoning",)


@given(st.lists(st.integers(0, len(TEXT)), max_size=20))
def test_any_pieces_hide_the_same(cuts: list[int]) -> None:
    """However a text is cut, what is shown is the same and has no reasoning."""
    shown, start, visible = Degrading(HIDES).open_text(), 0, ""
    for end in [*sorted(cuts), len(TEXT)]:
        visible += shown.feed(TEXT[start:end])
        start = end
    assert visible + shown.finish() == "a < b shown <t end"


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("plain", "plain"),
        ("ends with <thi", "ends with <thi"),
        ("<think>never closed", ""),
        ("it began before</think>\n\nshown", "shown"),
        ("<think>secret</reasoning>secret</think>shown", "shown"),
        ("<Think>secret</THINK>shown", "shown"),
    ],
)
def test_whole_texts(text: str, visible: str) -> None:
    """What is never closed stays hidden, whatever the case or another tag that closes."""
    assert Degrading(HIDES).shown(text) == visible


@pytest.mark.parametrize("asked", [HIDES, SUMMARISES, ("answer_only",)])
def test_begins_inside(asked: tuple[Degradation, ...]) -> None:
    """Of models whose template opens the reasoning nothing is shown before its end."""
    settings = DegradeSettings(reasoning_begins_inside=True)
    shown = Degrading(asked, settings=settings).open_text()
    assert [shown.feed("secret"), shown.feed("</think>"), shown.feed("ok")] == ["", "", "ok"]


def test_a_summary_has_the_parameters_of_its_tier() -> None:
    """Of several tiers the strictest hold, and the usual tier's where none is named."""
    tiers = {
        "wide": make_plan({"summarise-reasoning": {"most_share": 1.0, "keeps_figures": True}}),
        "narrow": make_plan({"summarise-reasoning": {"most_share": 0.4, "most_sentences": 1}}),
    }
    settings = DegradeSettings(tiers=tiers)
    assert Degrading(SUMMARISES, ["wide"], settings).shown_reasoning(THOUGHT) == THOUGHT
    narrow = Degrading(SUMMARISES, ["wide", "narrow"], settings).shown_reasoning(THOUGHT)
    assert narrow == "I add the columns."
    usual = DegradeSettings(tiers=tiers, usual_tier="wide")
    assert Degrading(SUMMARISES, (), usual).shown_reasoning(THOUGHT) == THOUGHT


def test_of_two_that_clash_the_one_that_leaves_less_is_done() -> None:
    """Whoever asks for everything gets the least."""
    degrading = Degrading(DEGRADATIONS)
    assert not degrading.summarises
    assert degrading.shown_reasoning(THOUGHT) == ""


@pytest.mark.parametrize("piece_length", [1, 7, 1000])
def test_what_is_longer_than_is_held_is_hidden(piece_length: int) -> None:
    """Memory is bounded, and nobody gets more for having said more."""
    degrading = Degrading(SUMMARISES, settings=DegradeSettings(most_held=100))
    text = f"<think>{THOUGHT * 2}</think>shown"
    stream = degrading.open_text()
    pieces = [text[at : at + piece_length] for at in range(0, len(text), piece_length)]
    assert "".join(map(stream.feed, pieces)) + stream.finish() == "shown"
    apart = degrading.open_reasoning()
    for piece in pieces:
        apart.feed(piece)
    assert apart.finish() == ""
    answer = degrading.open_answer()
    for piece in pieces:
        answer.feed(piece)
    assert answer.finish() == ""
    assert degrading.tally.overruns == 3


def test_what_is_longer_than_is_held_can_end_the_answer() -> None:
    """Where the operator wants an error rather than an answer without its end."""
    settings = DegradeSettings(most_held=100, overflow="refuse")
    with pytest.raises(UndegradableError):
        Degrading(SUMMARISES, settings=settings).shown_reasoning(THOUGHT * 2)
    answer = Degrading(["answer_only"], settings=settings).open_answer()
    with pytest.raises(UndegradableError):
        answer.feed(THOUGHT * 2)


@given(st.text(alphabet="ab \n", max_size=40), st.integers(1, 5))
def test_words_are_counted_however_they_are_cut(text: str, length: int) -> None:
    """A word in two pieces is one word."""
    degrading = Degrading(HIDES)
    stream, held = degrading.open_text(), degrading.open_reasoning()
    for start in range(0, len(text), length):
        stream.feed(text[start : start + length])
        held.feed(text[start : start + length])
    words = len(text.split())
    counted = AnswerCounts(text_words=words, reasoning_words=words)
    assert degrading.tally.before.record() == counted
    assert degrading.tally.after.record().text_words == words
