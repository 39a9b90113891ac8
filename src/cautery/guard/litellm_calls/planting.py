"""Plants markers in chat answers as LiteLLM's hooks have them; nothing here imports LiteLLM.

An answer that cannot be read, that calls a tool, that was cut off, or that was asked for as JSON is
passed on as it is: a canary is never worth a broken answer.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from cautery.guard.conversation_reading import text_of
from cautery.guard.litellm_calls.call_reading import identity_of
from cautery.guard.structured_logs import log

if TYPE_CHECKING:
    from cautery.guard.canary_files import Canary, CanaryFiles

MOST_CHARACTERS: Final = 1_000_000
"""Of an answer that streams by; in a longer one nothing is planted."""
_ENDED: Final = "stop"
_PLAIN_FORMATS: Final = (None, "text")


class Planting:
    """Plants by files that may change.

    Args:
        files: What is planted for whom.
    """

    def __init__(self, files: CanaryFiles) -> None:
        self._files = files

    async def _canary(self) -> Canary:
        if self._files.changed():
            await asyncio.to_thread(self._files.read)
        return self._files.canary

    async def planted(self, key: Any, data: Any, answer: Any) -> Any:
        """Append to a whole answer what its account is given.

        Args:
            key: LiteLLM's ``UserAPIKeyAuth``.
            data: The call.
            answer: As LiteLLM has it; it is not changed, since a cache may hold it.

        Returns:
            The same, or a new one.
        """
        try:
            question = _question(data)
            if not question:
                return answer
            canary, account = await self._canary(), identity_of(key).account_id
            closings = {
                index: closing
                for index, message in _ended_messages(answer)
                if (closing := canary.closing(account, question, message.content))
            }
            if not closings:
                return answer
            changed = _ending(answer, "message", closings)
        except Exception as error:  # noqa: BLE001 - what fails here must not break an answer
            log("nothing planted", logging.ERROR, error=type(error).__name__)
            return answer
        return changed

    async def stream(
        self, key: Any, data: Any, pieces: AsyncIterator[Any]
    ) -> AsyncGenerator[Any, None]:
        """Pass a stream on; its last piece of text ends with what its account is given.

        Args:
            key: LiteLLM's ``UserAPIKeyAuth``.
            data: The call.
            pieces: As LiteLLM has them.

        Yields:
            The pieces.
        """
        said = await self._begun(key, data)
        async for piece in pieces:
            yield piece if said is None else said.take(piece)

    async def _begun(self, key: Any, data: Any) -> _StreamedText | None:
        """Begin to follow a stream; None if nothing is planted in it."""
        try:
            question = _question(data)
            canary, account = await self._canary(), identity_of(key).account_id
        except Exception as error:  # noqa: BLE001 - as above
            log("nothing planted", logging.ERROR, error=type(error).__name__)
            return None
        if not question or account not in canary.campaigns:
            return None
        return _StreamedText(canary, account, question)


class _StreamedText:
    """What the choices of one stream have said."""

    def __init__(self, canary: Canary, account: str, question: str) -> None:
        self._canary, self._account, self._question = canary, account, question
        self._texts: defaultdict[int, str] = defaultdict(str)

    def take(self, piece: Any) -> Any:
        """Take a piece, and give the one that is passed on."""
        try:
            closings = dict(self._closings(piece))
            if not closings:
                return piece
            changed = _ending(piece, "delta", closings)
        except Exception as error:  # noqa: BLE001 - what fails here must not break an answer
            log("nothing planted", logging.ERROR, error=type(error).__name__)
            return piece
        return changed

    def _closings(self, piece: Any) -> Iterator[tuple[int, str]]:
        for place, choice in enumerate(getattr(piece, "choices", None) or ()):
            index = int(choice.index or 0)
            content = choice.delta.content
            if isinstance(content, str) and len(self._texts[index]) <= MOST_CHARACTERS:
                self._texts[index] += content
            said = self._texts[index]
            if choice.finish_reason == _ENDED and 0 < len(said) <= MOST_CHARACTERS:
                closing = self._canary.closing(self._account, self._question, said)
                if closing:
                    yield place, closing


def _ending(answer: Any, part: str, closings: Mapping[int, str]) -> Any:
    """Copy an answer, or a piece of one, with more text at the end of some choices."""
    changed = copy.copy(answer)
    changed.choices = list(answer.choices)
    for place, closing in closings.items():
        choice = changed.choices[place] = copy.copy(changed.choices[place])
        said = copy.copy(getattr(choice, part))
        said.content = (said.content or "") + closing
        setattr(choice, part, said)
    return changed


def _ended_messages(answer: Any) -> Iterator[tuple[int, Any]]:
    """Give the choices of a chat answer that a model ended by itself, with a text."""
    for place, choice in enumerate(getattr(answer, "choices", None) or ()):
        message = getattr(choice, "message", None)
        content = getattr(message, "content", None)
        if choice.finish_reason == _ENDED and isinstance(content, str) and content:
            yield place, message


def _question(data: Any) -> str:
    """Give the last turn of the user of a chat; empty for what nothing may be planted in."""
    if not isinstance(data, Mapping) or _wants_json(data.get("response_format")):
        return ""
    messages = data.get("messages")
    if not isinstance(messages, list):
        return ""
    for message in reversed(messages):
        if isinstance(message, Mapping) and message.get("role") == "user":
            return text_of(message.get("content"))
    return ""


def _wants_json(wanted: Any) -> bool:
    kind = wanted.get("type") if isinstance(wanted, Mapping) else wanted
    return kind not in _PLAIN_FORMATS
