"""Streams, cut into events."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.server_sent_events import (
    MOST_EVENT_BYTES,
    EventSplitter,
    EventTooLongError,
    data_of,
    with_data,
)

STREAM = (
    b'data: {"a":1}\n\n: ping\n\nevent: x\r\ndata: 2\r\n\r\ndata:3\ndata: 4\n\ndata: [DONE]\n\n'
)


@given(st.lists(st.integers(1, len(STREAM)), max_size=12))
def test_any_pieces_give_the_same_bytes(cuts: list[int]) -> None:
    """However a stream is cut, its events together are the stream."""
    splitter, start = EventSplitter(), 0
    events: list[bytes] = []
    for end in [*sorted(cuts), len(STREAM)]:
        events.extend(splitter.feed(STREAM[start:end]))
        start = end
    assert b"".join(events) + splitter.rest() == STREAM
    assert [data_of(event) for event in events if data_of(event)] == [
        b'{"a":1}',
        b"2",
        b"3\n4",
        b"[DONE]",
    ]


def test_an_event_without_end_is_refused() -> None:
    """Memory is bounded."""
    splitter = EventSplitter()
    with pytest.raises(EventTooLongError):
        list(splitter.feed(b"x" * (MOST_EVENT_BYTES + 1)))


def test_keeps_names_and_ids() -> None:
    """Only the data is changed."""
    assert with_data(b"id: 7\nevent: a\ndata: 1\ndata: 2\n\n", b"3") == (
        b"id: 7\nevent: a\ndata: 3\n\n"
    )
