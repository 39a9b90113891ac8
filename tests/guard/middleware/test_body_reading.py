from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cautery.guard.middleware.body_reading import BodyReading, ClientLeftError, HeldBytes
from cautery.guard.middleware.messages import Receive
from cautery.guard.proxying.settings import Limits

LEFT = {"type": "http.disconnect"}


def piece(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def receiving(*messages: dict[str, Any]) -> Receive:
    """Give messages, and then nothing for ever."""
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    return receive


@pytest.mark.parametrize(
    ("limits", "refusal"),
    [
        (Limits(), None),
        (Limits(body_bytes=5), "body_too_large"),
        (Limits(buffered_bytes=5), "overloaded"),
    ],
    ids=["within", "too-large", "too-much-at-once"],
)
def test_a_body_is_bounded(limits: Limits, refusal: str | None) -> None:
    """By itself and together with all others; what it held is given back."""

    async def scenario() -> None:
        held = HeldBytes()
        reading = BodyReading(receiving(piece(b"abc", more=True), piece(b"def")), limits, held)
        assert await reading.read() == (b"" if refusal else b"abcdef", refusal)
        assert held.total == 6
        reading.end()
        assert held.total == 0

    asyncio.run(scenario())


def test_a_slow_body_is_given_up() -> None:
    """Memory is not held for whoever sends nothing."""

    async def scenario() -> None:
        reading = BodyReading(
            receiving(piece(b"a", more=True)), Limits(body_seconds=0.01), HeldBytes()
        )
        assert await reading.read() == (b"", "request_timeout")

    asyncio.run(scenario())


def test_a_client_that_leaves_within_its_body() -> None:
    """Nothing was asked."""

    async def scenario() -> None:
        reading = BodyReading(receiving(piece(b"a", more=True), LEFT), Limits(), HeldBytes())
        with pytest.raises(ClientLeftError):
            await reading.read()

    asyncio.run(scenario())


def test_the_application_finds_the_new_body_and_learns_who_leaves() -> None:
    """One that is cancelled while it waits does not keep others from learning it."""

    async def scenario() -> None:
        reading = BodyReading(receiving(piece(b"old"), LEFT), Limits(), HeldBytes())
        await reading.read()
        receive = reading.pass_on(b"new")
        assert await receive() == piece(b"new")
        waiting = asyncio.ensure_future(receive())
        waiting.cancel()
        assert await receive() == LEFT
        assert reading.left
        reading.end()
        assert await receive() == LEFT

    asyncio.run(scenario())
