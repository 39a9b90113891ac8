"""Events of chat and text completions, as servers send them and as they should not."""

from __future__ import annotations

from typing import Any

import pytest

from cautery.guard.degrading.choices import MOST_CHOICES, ChoicesStream
from cautery.guard.degrading.plans import Degrading
from cautery.guard.degrading.undegradable import UndegradableError
from cautery.guard.degrading.whole import degrade_object
from cautery.records.decision import Degradation

SUMMARISES: tuple[Degradation, ...] = ("summarise_reasoning",)
THOUGHT = (
    "I add the columns. Then 7 and 5 is 12, and with the carry 1 and 3 is 5, so that it is 52."
)
GIST = "I add the columns."


def event(delta: dict[str, Any], index: int = 0, finish: str | None = None) -> dict[str, Any]:
    return {"id": "c", "choices": [{"index": index, "delta": delta, "finish_reason": finish}]}


def deltas(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [choice["delta"] for one in events for choice in one["choices"]]


def test_the_summary_comes_with_the_first_of_the_text() -> None:
    """Reasoning is over once the text begins, or a tool is called."""
    for spoken in ({"content": "52"}, {"tool_calls": [{"index": 0}]}):
        stream = ChoicesStream(Degrading(SUMMARISES))
        assert stream.change(event({"reasoning_content": THOUGHT})) == []
        (shown,) = deltas(stream.change(event(dict(spoken))))
        assert shown == {**spoken, "reasoning_content": GIST}


def test_each_text_has_reasoning_of_its_own() -> None:
    """Texts that come by turns are not mixed up."""
    stream = ChoicesStream(Degrading(SUMMARISES))
    for index in (0, 1):
        assert stream.change(event({"reasoning": f"{index} {THOUGHT}"}, index)) == []
        assert stream.change(event({"reasoning": " And so on."}, index)) == []
    for index in (1, 0):
        (shown,) = stream.change(event({"content": str(index)}, index))
        assert shown["choices"][0]["index"] == index
        assert shown["choices"][0]["delta"]["content"] == str(index)


def test_a_text_without_an_end_is_given_at_the_streams() -> None:
    """Some servers never say why a text ended."""
    stream = ChoicesStream(Degrading(["answer_only"]))
    assert stream.change(event({"content": "It adds up.\n\nIt is 52."})) == []
    (last,) = stream.finish()
    assert (last["id"], deltas([last])) == ("c", [{"content": "It is 52."}])
    assert stream.finish() == []


def test_a_text_is_not_said_twice() -> None:
    """A delta with the same text beside it: nobody would look into that."""
    stream = ChoicesStream(Degrading(["hide_reasoning"]))
    (shown,) = stream.change({"choices": [{"delta": {"content": "52"}, "text": "<think>SECRET"}]})
    assert shown["choices"] == [{"delta": {"content": "52"}, "text": ""}]


def test_a_text_completion_of_anthropics_without_an_end() -> None:
    """It is of its kind as well."""
    stream = ChoicesStream(Degrading(["answer_only"]))
    assert stream.change({"type": "completion", "completion": "Well.\n\n52"}) == []
    assert stream.finish() == [{"type": "completion", "completion": "52"}]


def test_a_text_completion_without_an_end_as_well() -> None:
    """There the text stands in the choice itself."""
    stream = ChoicesStream(Degrading(["answer_only"]))
    assert stream.change({"choices": [{"index": 0, "text": "Well.\n\n52"}]}) == []
    (last,) = stream.finish()
    assert last["choices"][0]["text"] == "52"


def test_a_whole_message_in_a_stream_is_degraded_too() -> None:
    """Some servers send the message once more at the end."""
    stream = ChoicesStream(Degrading(["hide_reasoning"]))
    message = {"content": "<think>SECRET</think>52", "reasoning": "SECRET"}
    (shown,) = stream.change({"choices": [{"index": 0, "message": message}]})
    assert shown["choices"][0]["message"] == {"content": "52"}


@pytest.mark.parametrize(
    ("asked", "shown"), [("hide_reasoning", "Well.\n\n52"), ("answer_only", "52")]
)
def test_a_text_completion_of_anthropics(asked: Degradation, shown: str) -> None:
    """Whole and streamed, though its tag is cut between two events."""
    degrading = Degrading([asked])
    stream = ChoicesStream(degrading)
    pieces = ["<thi", "nk>SECRET</th", "ink>Well.\n\n", "52"]
    events: list[dict[str, Any]] = [{"type": "completion", "completion": one} for one in pieces]
    events.append({"type": "completion", "completion": "", "stop_reason": "stop_sequence"})
    passed = [one for event in events for one in stream.change(event)]
    assert "".join(one["completion"] for one in passed) == shown
    assert passed[-1]["stop_reason"] == "stop_sequence"
    assert degrading.tally.after.record().choices == 1
    answer = {"type": "completion", "completion": "".join(pieces)}
    degrade_object(answer, Degrading([asked]))
    assert answer["completion"] == shown


def test_content_in_parts() -> None:
    """Parts that think are summarised, the others shown; a tag may be cut between two events."""
    stream = ChoicesStream(Degrading(SUMMARISES))
    thinking = {"type": "thinking", "thinking": THOUGHT}
    assert stream.change(event({"content": [thinking]})) == []
    (shown,) = deltas(stream.change(event({"content": [{"type": "text", "text": "5<thi"}]})))
    assert [part.get("thinking") or part.get("text") for part in shown["content"]] == [GIST, "5"]
    cut = event({"content": [{"type": "text", "text": "nk>SECRET</think>2"}]})
    (rest,) = deltas(stream.change(cut))
    assert rest["content"] == [{"type": "text", "text": "2"}]


def test_texts_under_way_are_bounded() -> None:
    """No API gives that many."""
    stream = ChoicesStream(Degrading(SUMMARISES))
    for index in range(MOST_CHOICES):
        stream.change(event({"content": "x"}, index))
    with pytest.raises(UndegradableError):
        stream.change(event({"content": "x"}, MOST_CHOICES))
