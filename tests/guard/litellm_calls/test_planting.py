"""Planting in chat answers: whole or streamed, where nothing is broken by it, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.guard.litellm_calls.calls import KEY, call
from tests.watermark.test_markers import KEY as SECRET
from tests.watermark.test_markers import SORTING

from cautery.guard.canary_files import Canary, CanaryFiles
from cautery.guard.litellm_calls import planting
from cautery.guard.litellm_calls.planting import Planting
from cautery.watermark.markers import PlantedMarker, choice_of

PHRASE = SORTING.choices[choice_of(SECRET, "C-1", SORTING)]
QUESTION = {"role": "user", "content": [{"type": "text", "text": "Sort this list."}]}
JSON_WANTED = {"type": "json_schema"}


class Files:
    """Files that hold one marker, and change when they are told to."""

    def __init__(self, campaigns: Mapping[str, str]) -> None:
        self.is_new, self.reads = False, 0
        self.canary = Canary(
            key=SECRET,
            planted={"C-1": (PlantedMarker(campaign_id="C-1", marker=SORTING),)},
            campaigns=campaigns,
        )

    def changed(self) -> bool:
        return self.is_new

    def read(self) -> None:
        self.is_new, self.reads = False, self.reads + 1


def planting_for(**campaigns: str) -> Planting:
    """Plant for accounts of campaigns."""
    found = {name.replace("_", "-"): campaign for name, campaign in campaigns.items()}
    return Planting(cast("CanaryFiles", Files(found)))


def choice(content: Any, finish_reason: str | None = "stop", index: int = 0) -> Any:
    message = SimpleNamespace(content=content)
    return SimpleNamespace(index=index, message=message, finish_reason=finish_reason)


def piece(content: Any, finish_reason: str | None = None, index: int = 0) -> Any:
    delta = SimpleNamespace(content=content)
    one = SimpleNamespace(index=index, delta=delta, finish_reason=finish_reason)
    return SimpleNamespace(choices=[one])


def asked(**fields: Any) -> dict[str, Any]:
    return call(messages=[QUESTION, {"role": "assistant", "content": "..."}], **fields)


def planted(answer: Any, data: Any = None, **campaigns: str) -> Any:
    by = planting_for(**(campaigns or {"user_1": "C-1"}))
    return asyncio.run(by.planted(KEY, data or asked(), answer))


def streamed(pieces: list[Any], data: Any = None) -> list[Any]:
    async def spoken() -> AsyncIterator[Any]:
        for one in pieces:
            yield one

    async def collect() -> list[Any]:
        stream = planting_for(user_1="C-1").stream(KEY, data or asked(), spoken())
        return [one async for one in stream]

    return asyncio.run(collect())


def test_a_whole_answer_ends_with_the_phrase() -> None:
    """Each choice that the model ended; what LiteLLM holds, and may cache, is as it was."""
    answer = SimpleNamespace(choices=[choice("So."), choice("Cut", "length"), choice("Thus.")])
    given = planted(answer)
    said = [one.message.content for one in given.choices]
    assert said == [f"So.\n\n{PHRASE}", "Cut", f"Thus.\n\n{PHRASE}"]
    assert [one.message.content for one in answer.choices] == ["So.", "Cut", "Thus."]


@pytest.mark.parametrize(
    ("answer", "data", "campaigns"),
    [
        (SimpleNamespace(choices=[choice("So.")]), None, {"user_2": "C-1"}),
        (SimpleNamespace(choices=[choice("So.")]), None, {"user_1": "C-2"}),
        (SimpleNamespace(choices=[choice(PHRASE)]), None, {}),
        (SimpleNamespace(choices=[choice(None, "tool_calls")]), None, {}),
        (SimpleNamespace(choices=[choice("{}")]), asked(response_format=JSON_WANTED), {}),
        (SimpleNamespace(choices=[choice("So.")]), call(), {}),
        (SimpleNamespace(choices=[choice("So.")]), call(messages="Sort this list."), {}),
        ({"type": "message", "content": [{"type": "text", "text": "So."}]}, None, {}),
        (SimpleNamespace(choices=7), None, {}),
    ],
    ids=["stranger", "no-marker", "said", "tool", "json", "other", "odd", "anthropic", "broken"],
)
def test_any_other_answer_is_the_same_object(
    answer: Any, data: Any, campaigns: dict[str, str]
) -> None:
    """Whom nothing is given, what would break, and what is no chat: untouched."""
    assert planted(answer, data, **campaigns) is answer


def test_a_stream_ends_with_the_phrase() -> None:
    """In its last piece, after all that was said; choices are told apart."""
    pieces = [piece("Sor"), piece("ted."), piece("Cut", None, 1), piece(None, "stop")]
    pieces.append(piece("", "length", 1))
    given = streamed(pieces)
    assert given[:3] == pieces[:3]
    assert given[3].choices[0].delta.content == f"\n\n{PHRASE}"
    assert given[4] is pieces[4]
    assert pieces[3].choices[0].delta.content is None


def test_a_phrase_across_pieces_is_seen() -> None:
    """An answer that holds it already gets no other."""
    half = len(PHRASE) // 2
    pieces = [piece(PHRASE[:half]), piece(PHRASE[half:], "stop")]
    assert all(one is other for one, other in zip(streamed(pieces), pieces, strict=True))


def test_other_streams_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes of Anthropic's events, pieces without a choice, and answers beyond the bound."""
    monkeypatch.setattr(planting, "MOST_CHARACTERS", 3)
    pieces = [b"event: x\n\n", SimpleNamespace(choices=[]), piece("Sorted."), piece(None, "stop")]
    pieces.append(SimpleNamespace(choices=[SimpleNamespace(index=0)]))
    assert all(one is other for one, other in zip(streamed(pieces), pieces, strict=True))


def test_files_that_changed_are_read_before() -> None:
    """By a thread, so that no other call waits for the disk."""
    files = Files({"user-1": "C-1"})
    files.is_new = True
    answer = SimpleNamespace(choices=[choice("So.")])
    by = Planting(cast("CanaryFiles", files))
    assert asyncio.run(by.planted(KEY, asked(), answer)) is not answer
    assert files.reads == 1
