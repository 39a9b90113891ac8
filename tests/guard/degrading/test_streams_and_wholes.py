"""Whoever streams gets what it gets without streaming, in every dialect, and no more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.guard.degrading.answer_cases import DIALECTS, HIDING, Read, events_in

from cautery.guard.degrading.plans import Degrading
from cautery.guard.degrading.settings import DegradeSettings
from cautery.guard.degrading.stream import StreamDegrader
from cautery.guard.degrading.undegradable import UndegradableError
from cautery.guard.degrading.whole import degrade_answer
from cautery.records.decision import Degradation

PLANS: dict[str, tuple[Degradation, ...]] = {
    "hidden": ("hide_reasoning",),
    "as before": HIDING,
    "summarised": ("summarise_reasoning", "drop_logprobs", "single_choice"),
    "answer": ("answer_only",),
    "all": ("hide_reasoning", "answer_only", "drop_logprobs", "single_choice"),
    "chances": ("drop_logprobs",),
}
PIECES = st.lists(
    st.sampled_from(["<think>", "<reasoning>", "I add. ", "7 is 8.\n\n", "So it is.", "é😀", "<th"])
    | st.text(max_size=3),
    max_size=8,
)
CLOSING = st.lists(
    st.sampled_from(["</think>", "<think>", "The answer is 4.", "</", "It adds up. ", " "]),
    max_size=6,
)
SECRET = "Zwischenschritt 7"


def streamed(stream: bytes, cuts: Sequence[int], degrading: Degrading) -> bytes:
    """Degrade a stream that comes in pieces."""
    degrader, out, start = StreamDegrader(degrading), b"", 0
    for end in [*sorted(min(cut, len(stream)) for cut in cuts), len(stream)]:
        out += degrader.feed(stream[start:end])
        start = end
    return out + degrader.finish()


@dataclass(frozen=True)
class Said:
    """What a server says, in pieces."""

    thoughts: Sequence[str]
    texts: Sequence[str]
    cuts: Sequence[int] = ()


SAID = st.builds(
    Said,
    PIECES,
    PIECES,
    st.lists(st.integers(0, 5_000), max_size=6),
)


def both(
    name: str, plan: str, said: Said, options: DegradeSettings | None = None
) -> tuple[Read, Read]:
    """Give what a client reads of the whole, and of the stream."""
    case, thoughts, texts, cuts = DIALECTS[name], said.thoughts, said.texts, said.cuts
    content = json.dumps(case.whole("".join(thoughts), "".join(texts))).encode()
    whole = degrade_answer(content, Degrading(PLANS[plan], (), options))
    stream = streamed(case.stream(thoughts, texts), cuts, Degrading(PLANS[plan], (), options))
    return case.read_whole(json.loads(whole)), case.read_stream(events_in(stream))


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("name", DIALECTS)
@settings(max_examples=8)
@given(said=SAID, more=CLOSING)
def test_a_stream_gives_what_the_whole_gives(
    name: str, plan: str, said: Said, more: list[str]
) -> None:
    """However texts and bytes are cut: the same text, and the same in place of the reasoning."""
    whole, stream = both(name, plan, replace(said, texts=["<th", "ink>", *said.texts, *more]))
    assert stream == whole
    whole, stream = both(name, plan, said)
    assert stream == whole


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("name", DIALECTS)
@settings(max_examples=4)
@given(said=SAID, more=CLOSING)
def test_texts_that_begin_in_their_reasoning(
    name: str, plan: str, said: Said, more: list[str]
) -> None:
    """The same of models whose template opens the reasoning."""
    options = DegradeSettings(reasoning_begins_inside=True)
    whole, stream = both(name, plan, replace(said, texts=[*said.texts, *more]), options)
    assert stream == whole


@pytest.mark.parametrize("plan", [plan for plan in PLANS if plan != "chances"])
@pytest.mark.parametrize("name", DIALECTS)
def test_no_secret_of_the_reasoning_gets_out(name: str, plan: str) -> None:
    """Neither in tags nor apart, neither whole nor in pieces; the answer does."""
    thoughts = [f"I add first. {SECRET[:9]}", f"{SECRET[9:]} and on. Then I check the sum again."]
    texts = [f"<think>{thoughts[0]}", f"{thoughts[1]}</thi", "nk>It adds up.\n\n", "It is 12."]
    for read in both(name, plan, Said(thoughts, texts)):
        assert SECRET not in read.text + read.reasoning
        assert read.text.endswith("It is 12.")
        assert ("It adds up." in read.text) == ("answer_only" not in PLANS[plan])
        summarised = "summarise_reasoning" in PLANS[plan]
        assert ("I add first." in read.reasoning) == summarised
        assert ("I add first." in read.text) == summarised


@pytest.mark.parametrize("plan", ["hidden", "summarised", "answer"])
@pytest.mark.parametrize("name", DIALECTS)
def test_a_huge_reasoning_is_not_held(name: str, plan: str) -> None:
    """What is longer than may be held is hidden, and the answer behind it comes."""
    options = DegradeSettings(most_held=1_000)
    thoughts = [f"Step {number} of many. " for number in range(1_000)]
    texts = ["<think>", *thoughts, "</think>", "It is 12."]
    whole, stream = both(name, plan, Said(thoughts, texts), options)
    assert stream == whole == Read("It is 12.", "")


@pytest.mark.parametrize("name", DIALECTS)
def test_a_huge_reasoning_can_end_the_stream(name: str) -> None:
    """Where the operator wants an error."""
    options = DegradeSettings(most_held=1_000, overflow="refuse")
    stream = DIALECTS[name].stream(["Step of many. "] * 1_000, ["12"])
    with pytest.raises(UndegradableError):
        streamed(stream, (), Degrading(PLANS["summarised"], (), options))


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("name", DIALECTS)
def test_what_went_in_and_out_is_counted_alike(name: str, plan: str) -> None:
    """The audit says of a stream what it says of the whole, but for what only one of them has."""
    case, thoughts, texts = (
        DIALECTS[name],
        ["I add. 7 is", " 8."],
        ["It adds up. The ans", "wer is 4."],
    )
    one, other = Degrading(PLANS[plan]), Degrading(PLANS[plan])
    degrade_answer(json.dumps(case.whole("".join(thoughts), "".join(texts))).encode(), one)
    streamed(case.stream(thoughts, texts), (), other)
    if plan != "chances":
        for side in ("before", "after"):
            first, second = getattr(one.tally, side), getattr(other.tally, side)
            assert (first.text_words, first.reasoning_words) == (
                second.text_words,
                second.reasoning_words,
            )
        assert one.tally.before.text_words == 7
        assert one.tally.before.reasoning_words == 5
    assert one.tally.before.choices == other.tally.before.choices == {0}
    assert other.tally.after.token_chances == 0
