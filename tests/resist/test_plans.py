"""Defences put together: in order, with an audit, and not against each other."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tests.resist.answer_cases import CASES, SECRET

from cautery.errors import ConfigurationError, UsageError
from cautery.resist.defences.summarise_reasoning import SummariseReasoning
from cautery.resist.plans import Plan, make_plan


def names_of(plan: Plan) -> list[str]:
    """Name the defences in their order."""
    return [step.defence.name for step in plan.steps]


def test_order_does_not_depend_on_the_file() -> None:
    """The same defences in any order are the same plan."""
    first = make_plan({"answer-only": {}, "hide_reasoning": {}, "single-choice": {}})
    second = make_plan({"single-choice": {}, "hide-reasoning": {}, "answer_only": {}})
    assert names_of(first) == names_of(second)
    assert names_of(first) == ["single-choice", "hide-reasoning", "answer-only"]


def test_every_defence_leaves_a_line_of_counts() -> None:
    """The audit says in order what each got and left, and repeats no text."""
    plan = make_plan({"single-choice": {}, "hide-reasoning": {}, "drop-logprobs": {}})
    answer, changes = plan.apply(CASES["several"])
    assert [change.defence for change in changes] == names_of(plan)
    assert [change.changed for change in changes] == [True, True, True]
    assert (changes[0].before.choices, changes[0].after.choices) == (3, 1)
    for one, following in pairwise(changes):
        assert one.after == following.before
    assert SECRET not in repr(changes)
    assert SECRET not in repr(answer)


def test_a_defence_that_finds_nothing_to_do_says_so() -> None:
    """``changed`` is false where the answer stayed as it was."""
    _, changes = make_plan({"hide-reasoning": {}, "single-choice": {}}).apply(CASES["no reasoning"])
    assert [change.changed for change in changes] == [False, False]


def test_streams_stand_one_behind_the_other() -> None:
    """A stream through a plan gives what the plan makes of the whole text."""
    plan = make_plan({"summarise-reasoning": {"most_share": 0.5}, "drop-logprobs": {}})
    text = CASES["in tags"].choices[0].text
    stream = plan.open_stream()
    shown = "".join(map(stream.feed, text)) + stream.finish()
    assert shown == plan.apply(CASES["in tags"])[0].choices[0].text
    both = make_plan({"hide-reasoning": {}, "answer-only": {}}).open_stream()
    assert "".join(map(both.feed, text)) + both.finish() == "12."


def test_sampling_is_kept_apart() -> None:
    """What an engine carries out changes no answer and stands in ``sampling``."""
    plan = make_plan({"product-of-experts": {}})
    assert [step.defence.name for step in plan.sampling] == ["product-of-experts"]
    assert plan.apply(CASES["in tags"]) == (CASES["in tags"], ())
    assert plan.open_stream().feed("a") == "a"


def test_a_defence_of_ones_own_stands_in() -> None:
    """A summariser with a rewriter takes the place of the built-in one."""
    own = SummariseReasoning(rewrite=lambda _: "Short.")
    plan = make_plan({"summarise-reasoning": {"most_share": 0.9}}, instead=[own])
    assert plan.apply(CASES["apart"])[0].choices[0].reasoning == "Short."


@pytest.mark.parametrize("other", ["hide-reasoning", "answer-only"])
def test_clashes_are_refused(other: str) -> None:
    """A summary of what is hidden is nobody's wish."""
    with pytest.raises(ConfigurationError, match="clash"):
        make_plan({"summarise-reasoning": {}, other: {}})


def test_twice_and_unknown_are_refused() -> None:
    """Two spellings are one defence; a misspelt one is named."""
    with pytest.raises(ConfigurationError, match="twice"):
        make_plan({"hide-reasoning": {}, "hide_reasoning": {}})
    with pytest.raises(UsageError, match="hide-reasonin"):
        make_plan({"hide-reasonin": {}})
