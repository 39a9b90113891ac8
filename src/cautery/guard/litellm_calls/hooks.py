"""What LiteLLM's hooks do: the guard's side of a plug-in, for LiteLLM's own base class to call."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, MutableMapping
from typing import TYPE_CHECKING, Any, Final

from cautery.guard.answers import Answer, answer_refusal
from cautery.guard.degrading.undegradable import UndegradableError
from cautery.guard.litellm_calls.call import LiteLlmCall
from cautery.guard.structured_logs import log

if TYPE_CHECKING:
    from cautery.guard.embedded import EmbeddedGuard

MARK: Final = "cautery_request_id"
"""Name under which a call's own log object carries its request id, where no client reaches it."""
_MOST_CALLS: Final = 20_000
_SERVER_FAULT: Final = 500


class RefusedError(Exception):
    """A call that may not go on.

    Args:
        answer: What the client gets.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.code)
        self.answer = answer


class Hooks:
    """The guard behind LiteLLM's hooks.

    Args:
        guard: The guard of this process.
    """

    def __init__(self, guard: EmbeddedGuard) -> None:
        self.guard = guard
        self._calls: OrderedDict[str, LiteLlmCall] = OrderedDict()

    async def before(self, key: Any, data: MutableMapping[str, Any], call_type: str) -> None:
        """Decide on a call, and change it as decided.

        Args:
            key: LiteLLM's ``UserAPIKeyAuth``.
            data: The call.
            call_type: As LiteLLM names it.

        Raises:
            RefusedError: The call may not go on.
        """
        call = await self._begin(key, data, call_type)
        try:
            answer = await call.decide()
        except Exception as error:  # noqa: BLE001 - what fails here must not let a call pass
            log("request failed", logging.ERROR, error=type(error).__name__)
            answer = call.refusal("internal_error")
        if answer is not None:
            raise RefusedError(answer)
        self._remember(call, data)

    async def _begin(self, key: Any, data: MutableMapping[str, Any], call_type: str) -> LiteLlmCall:
        try:
            begun = await self.guard.begin()
        except Exception as error:  # noqa: BLE001 - the same
            log("guard did not begin", logging.ERROR, error=type(error).__name__)
            raise RefusedError(answer_refusal("internal_error", "")) from None
        return LiteLlmCall(begun.service, begun.settings, data, key=key, call_type=call_type)

    def _remember(self, call: LiteLlmCall, data: MutableMapping[str, Any]) -> None:
        """Keep a call until its answer has ended, found by a name that only LiteLLM's log bears."""
        details = _details_of(data)
        if details is None:
            # Nobody could find it again, so its answer could not be changed either.
            if call.degrades:
                raise RefusedError(call.refusal("internal_error"))
            call.fail(0, "not_followed")
            return
        details[MARK] = call.request_id
        self._calls[call.request_id] = call
        while len(self._calls) > _MOST_CALLS:
            _, oldest = self._calls.popitem(last=False)
            oldest.cancel()

    def _find(self, data: Any) -> LiteLlmCall | None:
        details = _details_of(data)
        return None if details is None else self._calls.get(str(details.get(MARK)))

    def _forget(self, call: LiteLlmCall) -> None:
        self._calls.pop(call.request_id, None)

    def request_id_of(self, data: Any) -> str:
        """Give the request id of a call that may go on; empty for others."""
        call = self._find(data)
        return "" if call is None else call.request_id

    def changed(self, data: Any, answer: Any) -> Any:
        """Take out of a whole answer what it is to leave out.

        Args:
            data: The call.
            answer: As LiteLLM has it.

        Returns:
            The same, or a new one.

        Raises:
            RefusedError: It cannot be changed as it must be.
        """
        call = self._find(data)
        if call is None:
            return answer
        try:
            changed = call.changed(answer)
        except UndegradableError:
            raise self._undegradable(call) from None
        call.tell_degraded()
        return changed

    async def stream(self, data: Any, pieces: AsyncIterator[Any]) -> AsyncGenerator[Any, None]:
        """Pass a stream on, changed as decided.

        Args:
            data: The call.
            pieces: As LiteLLM has them.

        Yields:
            What the client may have.

        Raises:
            RefusedError: It cannot be changed as it must be.
        """
        call = self._find(data)
        change = None if call is None else call.stream_change()
        try:
            async for piece in pieces:
                if call is not None:
                    call.events += 1
                for given in [piece] if change is None else change.take(piece):
                    yield given
            for given in [] if change is None else change.finish():
                yield given
        except UndegradableError:
            if call is None:
                raise
            raise self._undegradable(call) from None
        except (GeneratorExit, asyncio.CancelledError):
            if call is not None:
                self._forget(call)
                call.cancel()
            raise
        finally:
            if call is not None:
                call.tell_degraded()

    def _undegradable(self, call: LiteLlmCall) -> RefusedError:
        self._forget(call)
        call.service.metrics.count("upstream_failures_total", "undegradable")
        return RefusedError(call.refusal("upstream_failed"))

    def ended(self, details: Any, answer: Any) -> None:
        """Settle and record a call whose answer has ended.

        Args:
            details: What LiteLLM logs of it.
            answer: The whole of it.
        """
        call = self._calls.pop(str(details.get(MARK)), None)
        if call is not None:
            call.succeed(answer, details.get("standard_logging_object"))

    def failed(self, data: Any, error: BaseException) -> None:
        """Settle and record a call that failed for good.

        Args:
            data: The call.
            error: Why.
        """
        call = self._find(data)
        if call is None:
            return
        self._forget(call)
        if isinstance(error, asyncio.CancelledError) or _status_of(error) == _CLIENT_LEFT:
            call.cancel()
        else:
            call.fail(_status_of(error), type(error).__name__)


_CLIENT_LEFT: Final = 499


def _status_of(error: BaseException) -> int:
    for name in ("status_code", "code"):
        value = str(getattr(error, name, ""))
        if value.isdigit() and len(value) == len("500"):
            return int(value)
    return _SERVER_FAULT


def _details_of(data: Any) -> MutableMapping[str, Any] | None:
    """Find what LiteLLM logs of a call; its own object, in which no field of a client is."""
    log_object = data.get("litellm_logging_obj") if isinstance(data, MutableMapping) else None
    details = getattr(log_object, "model_call_details", None)
    return details if isinstance(details, MutableMapping) else None
