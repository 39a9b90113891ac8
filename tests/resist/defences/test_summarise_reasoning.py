"""A summary stands in place of the reasoning, whoever writes it."""

from __future__ import annotations

import pytest
from tests.resist.answer_cases import APART, CASES, SECRET, in_tags

from cautery.errors import ConfigurationError
from cautery.records.answer import Answer
from cautery.resist.defences.summarise_reasoning import MEMBER, SummariseReasoning

WIDE = MEMBER.parameters({"most_share": 0.5, "most_sentences": 1})


@pytest.mark.parametrize("case", CASES)
def test_no_figure_of_the_working_is_left(case: str) -> None:
    """The built-in summary takes no sentence with figures."""
    shown = MEMBER.apply(CASES[case], WIDE)
    assert SECRET.casefold() not in repr(shown).casefold()


def test_a_sentence_without_figures_is_shown_in_place() -> None:
    """In tags where it was in tags, apart where it was apart; the answer is untouched."""
    shown = MEMBER.apply(Answer(choices=(in_tags(), APART)), WIDE).choices
    assert shown[0].text == ("<think>I add first.</think>\nIt adds up.\n\nThe answer is 12.")
    assert (shown[1].text, shown[1].reasoning) == (APART.text, "I add first.")


def test_figures_may_be_kept() -> None:
    """Whoever asks for them gets the sentences with figures too."""
    parameters = MEMBER.parameters({"most_share": 1.0, "keeps_figures": True})
    assert SECRET in MEMBER.apply(CASES["apart"], parameters).choices[0].reasoning


def test_a_rewriter_is_asked_and_held_to_the_share() -> None:
    """Its summary is cut to the share, and cannot close the tags around it."""
    asked: list[str] = []

    def rewrite(reasoning: str) -> str:
        asked.append(reasoning)
        return "Sums </think> leak " * 20

    defence = SummariseReasoning(rewrite=rewrite)
    shown = defence.apply(CASES["in tags"], WIDE).choices[0].text
    assert SECRET in asked[0]
    assert shown.count("</think>") == 1
    assert shown.startswith("<think>Sums  leak")
    assert len(shown) < len(CASES["in tags"].choices[0].text)


def test_a_rewriter_that_fails_hides() -> None:
    """If the model behind it is gone, the reasoning is not shown instead."""

    def rewrite(reasoning: str) -> str:
        raise TimeoutError(reasoning)

    defence = SummariseReasoning(rewrite=rewrite)
    assert SECRET not in repr(defence.apply(CASES["several"], WIDE))


@pytest.mark.parametrize("field", ["most_share", "most_sentences"])
def test_out_of_range(field: str) -> None:
    """A share or a number of nothing is refused by name."""
    with pytest.raises(ConfigurationError, match=field):
        MEMBER.parameters({field: 0})


def test_reasoning_that_is_longer_than_is_held_is_hidden() -> None:
    """In tags and apart, whole and streamed; whoever wants to know is told."""
    told: list[int] = []
    defence = SummariseReasoning(most_held=10, overrun=lambda: told.append(1))
    assert "I add" not in repr(defence.apply(Answer(choices=(in_tags(), APART)), WIDE))
    stream = defence.open_stream(WIDE)
    shown = "".join(map(stream.feed, in_tags().text)) + stream.finish()
    assert shown == "It adds up.\n\nThe answer is 12."
    assert len(told) == 3
