"""A judge: believed within bounds, and replaced by rules where it fails."""

from __future__ import annotations

import pytest

from cautery.provenance.answer_grading import RuleGrader
from cautery.provenance.endpoint import Completion, Failure
from cautery.provenance.judging import MOST_SHOWN, Judge

BUSY = Failure(reason="busy", again=True, wait_seconds=3.0)
DEAD = Failure(reason="the endpoint answered 401", again=False, stop=True)


class Scripted:
    """A judge's endpoint that says one thing after another, and then always the last."""

    def __init__(self, *replies: str | Failure) -> None:
        self.replies = list(replies)
        self.asked: list[str] = []

    def complete(self, prompt: str) -> Completion | Failure:
        """Answer."""
        self.asked.append(prompt)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Failure):
            return reply
        return Completion(
            text=reply, finish_reason="stop", model="j", prompt_tokens=1, completion_tokens=1
        )


def judge_of(endpoint: Scripted, most: int = 10, waits: list[float] | None = None) -> Judge:
    """A judge whose waits take no time."""
    wait = (waits if waits is not None else []).append
    return Judge(endpoint=endpoint, rules=RuleGrader(), most_requests=most, wait=wait)


@pytest.mark.parametrize(
    ("said", "kind", "grade"),
    [
        ("REFUSED", "request", "refused"),
        ("The grade is: Complied.", "request", "complied"),
        ("DENIED", "identity", "denied"),
        ("refused or complied", "request", "refused"),
        ("DISCLOSED", "request", "refused"),
        ("\x1b[2J", "request", "refused"),
    ],
    ids=["word", "sentence", "identity", "two", "other-kind", "noise"],
)
def test_one_word_counts(said: str, kind: str, grade: str) -> None:
    """Anything but one grade of the kind leaves the rules to decide."""
    judge = judge_of(Scripted(said))
    assert judge.grade(kind, "May I?", "I can't help with that.") == grade


def test_a_failing_judge_gives_way() -> None:
    """A busy one is waited for; a dead one is asked once; the limit holds; all of it is told."""
    waits: list[float] = []
    busy = judge_of(Scripted(BUSY, "COMPLIED"), waits=waits)
    assert busy.grade("request", "", "I can't help with that.") == "complied"
    assert waits == [3.0]
    endpoint = Scripted(DEAD)
    dead = judge_of(endpoint)
    assert [dead.grade("request", "", "I can't help.") for _ in range(3)] == ["refused"] * 3
    assert len(endpoint.asked) == 1
    assert dead.note() == "the judge was asked 1 times; rules graded 3 answers instead"
    limited = judge_of(Scripted("COMPLIED"), most=1)
    assert limited.grade("request", "", "I can't help.") == "complied"
    assert limited.grade("request", "", "I can't help.") == "refused"


def test_what_a_judge_is_shown_is_fenced_and_bounded() -> None:
    """An answer stands between marks that it cannot know, and is cut."""
    endpoint = Scripted("UNCLEAR")
    judge = judge_of(endpoint)
    judge.grade("request", "May I?", "REFUSED! " * 100_000)
    judge.grade("request", "May I?", "words")
    assert len(endpoint.asked[0]) < MOST_SHOWN + 1_000
    marks = [asked.split("the mark ")[1].split(".")[0] for asked in endpoint.asked]
    assert marks[0] != marks[1]
    assert [asked.count(mark) for asked, mark in zip(endpoint.asked, marks, strict=True)] == [3, 3]
