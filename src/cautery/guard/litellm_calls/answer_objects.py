"""Changes and reads answers as LiteLLM's hooks have them: its models, plain objects, or bytes.

LiteLLM hands over an object of its own for OpenAI's API, a plain one for Anthropic's, and the bytes
of events for Anthropic's streams. A model is changed as its plain form is, and made anew of it, so
that what LiteLLM keeps elsewhere (a cache, a log) stays as it was.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cautery.guard.answer_reading import AnswerFacts, AnswerReader
from cautery.guard.degrading.undegradable import UndegradableError

if TYPE_CHECKING:
    from cautery.guard.degrading.plans import Degrading

_PRIVATE: Final = ("_hidden_params", "_response_headers")
"""What LiteLLM keeps at an answer, and reads after the hooks."""
_ENCODER: Final = msgspec.json.Encoder(enc_hook=str)


def plain(answer: Any) -> dict[str, Any]:
    """Give the plain form of an answer.

    Args:
        answer: One of LiteLLM's models, or a plain object.

    Returns:
        A new object of JSON's kinds.

    Raises:
        UndegradableError: It is neither.
    """
    dump = getattr(answer, "model_dump", None)
    content = dump(mode="json", warnings=False) if callable(dump) else answer
    if not isinstance(content, dict):
        raise UndegradableError("the answer is of an unknown kind")
    copied = msgspec.json.decode(_ENCODER.encode(content))
    if not isinstance(copied, dict):
        raise UndegradableError("the answer is no object")
    return copied


def changed_answer(answer: Any, degrading: Degrading) -> Any:
    """Do to a whole answer what is to be done.

    Args:
        answer: As LiteLLM has it; it is not changed.
        degrading: What is done.

    Returns:
        A new answer of the same kind.

    Raises:
        UndegradableError: It is of a kind that cannot be changed.
    """
    from cautery.guard.degrading.whole import degrade_object

    content = plain(answer)
    degrade_object(content, degrading)
    return _like(answer, content)


def _like(answer: Any, content: dict[str, Any]) -> Any:
    """Make an answer of the same kind."""
    if isinstance(answer, dict):
        return content
    try:
        made = type(answer)(**content)
    except (TypeError, ValueError) as error:
        # Messages of such errors quote what they could not read.
        raise UndegradableError(f"the answer cannot be made anew: {type(error).__name__}") from None
    for name in _PRIVATE:
        kept = getattr(answer, name, None)
        if kept is not None:
            with suppress(AttributeError, TypeError, ValueError):
                setattr(made, name, kept)
    return made


class StreamChange:
    """Changes one stream, piece by piece, whatever LiteLLM makes pieces of.

    Args:
        degrading: What is done.
    """

    def __init__(self, degrading: Degrading) -> None:
        from cautery.guard.degrading.stream import StreamDegrader

        self._degrader = StreamDegrader(degrading)
        self._last: Any = None

    def take(self, piece: Any) -> list[Any]:
        """Take a piece, and give what the client may have of it.

        Raises:
            UndegradableError: It is of a kind that cannot be changed.
        """
        self._last = piece
        if isinstance(piece, bytes | bytearray):
            changed = self._degrader.feed(bytes(piece))
            return [changed] if changed else []
        if isinstance(piece, str):
            text = self._degrader.feed(piece.encode()).decode()
            return [text] if text else []
        content = plain(piece)
        before = msgspec.json.encode(content)
        given = self._degrader.change(content)
        if len(given) == 1 and msgspec.json.encode(given[0]) == before:
            return [piece]
        return [_like(piece, one) for one in given]

    def finish(self) -> list[Any]:
        """Give what is left now that the stream has ended.

        Raises:
            UndegradableError: What is left is no event.
        """
        if not isinstance(self._last, bytes | bytearray | str | None):
            return [_like(self._last, one) for one in self._degrader.left()]
        rest: Any = self._degrader.finish()
        rest = rest.decode() if isinstance(self._last, str) else rest
        return [rest] if rest else []


def facts_of(answer: Any, most_characters: int) -> AnswerFacts:
    """Read what an answer says of itself; never raises.

    Args:
        answer: As LiteLLM has it.
        most_characters: Of the text to keep; 0 keeps none.

    Returns:
        What is known.
    """
    reader = AnswerReader(streamed=False, most_characters=most_characters)
    with suppress(UndegradableError, TypeError, ValueError, RecursionError):
        reader.feed(_ENCODER.encode(plain(answer)))
    return reader.finish()
