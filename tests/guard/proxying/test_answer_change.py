from __future__ import annotations

import pytest
from tests.guard.degrading.answer_cases import HIDING

from cautery.guard.degrading.plans import Degrading
from cautery.guard.degrading.undegradable import UndegradableError
from cautery.guard.proxying.answer_change import AnswerChange, AnswerTooLargeError


def test_a_whole_answer_is_held_until_its_end() -> None:
    """Its length is known only then."""
    change = AnswerChange(Degrading(HIDING), streamed=False, most_bytes=1000)
    assert change.holds
    assert change.feed(b'{"choices":[{"message":{"content":"4","reason') == b""
    assert change.feed(b'ing":"x"}}]}') == b""
    assert change.finish() == b'{"choices":[{"message":{"content":"4"}}]}'


def test_a_stream_goes_on_event_by_event() -> None:
    """Nothing waits for the end."""
    change = AnswerChange(Degrading(HIDING), streamed=True, most_bytes=10)
    assert not change.holds
    event = b'data: {"choices":[{"index":0,"delta":{"content":"4"}}]}\n\n'
    assert change.feed(event + event[:9]) == event
    assert change.feed(event[9:]) == event
    assert change.finish() == b""


def test_what_is_held_is_bounded() -> None:
    """A longer answer is not sent."""
    change = AnswerChange(Degrading(HIDING), streamed=False, most_bytes=10)
    with pytest.raises(AnswerTooLargeError):
        change.feed(b"x" * 11)


def test_an_empty_answer_stays_empty() -> None:
    """There is nothing in it to hide."""
    assert AnswerChange(Degrading(HIDING), streamed=False, most_bytes=10).finish() == b""


@pytest.mark.parametrize("content", [b"text", b"[1]"])
def test_what_is_no_object_is_not_sent(content: bytes) -> None:
    """Nobody knows what it holds."""
    change = AnswerChange(Degrading(HIDING), streamed=False, most_bytes=10)
    change.feed(content)
    with pytest.raises(UndegradableError):
        change.finish()
