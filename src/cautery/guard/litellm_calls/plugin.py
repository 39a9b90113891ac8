"""The plug-in itself: of LiteLLM's own base class, so it can be imported inside LiteLLM only."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import ProxyException

from cautery.guard.answers import Answer
from cautery.guard.litellm_calls.hooks import Hooks, RefusedError


class Refused(ProxyException):  # type: ignore[misc]
    """An answer of the guard's own, in the words that LiteLLM can send."""

    def __init__(self, answer: Answer) -> None:
        body = json.loads(answer.body)
        self.error = body["error"]
        # LiteLLM passes a message that is an error of Anthropic's on as it stands, and takes
        # OpenAI's from `to_dict`.
        super().__init__(
            message=answer.body.decode(),
            type=self.error["type"],
            param=None,
            code=answer.status_code,
            headers={name: value for name, value in answer.headers if name != "content-type"},
        )

    def to_dict(self) -> dict[str, Any]:
        """Give the error as OpenAI's client reads it."""
        return dict(self.error)


class CauteryPlugin(CustomLogger):  # type: ignore[misc]
    """The hooks, by LiteLLM's names for them."""

    def __init__(self, hooks: Hooks) -> None:
        super().__init__()
        self.hooks = hooks

    async def async_pre_call_hook(
        self, user_api_key_dict: Any, cache: Any, data: Any, call_type: Any
    ) -> Any:
        """Before the call: decide, and change it."""
        try:
            await self.hooks.before(
                user_api_key_dict, data, str(getattr(call_type, "value", call_type))
            )
        except RefusedError as refused:
            raise Refused(refused.answer) from None
        return data

    async def async_post_call_success_hook(
        self, data: Any, user_api_key_dict: Any, response: Any
    ) -> Any:
        """After a whole answer: leave out what was decided."""
        try:
            return self.hooks.changed(data, response)
        except RefusedError as refused:
            raise Refused(refused.answer) from None

    async def async_post_call_streaming_iterator_hook(
        self, user_api_key_dict: Any, response: Any, request_data: Any
    ) -> AsyncIterator[Any]:
        """Along a stream: leave out what was decided."""
        try:
            async for piece in self.hooks.stream(request_data, response):
                yield piece
        except RefusedError as refused:
            raise Refused(refused.answer) from None

    async def async_post_call_response_headers_hook(
        self,
        data: Any,
        user_api_key_dict: Any,
        response: Any,
        request_headers: Any = None,
        litellm_call_info: Any = None,
    ) -> dict[str, str] | None:
        """With an answer's head: the guard's request id."""
        request_id = self.hooks.request_id_of(data)
        return {"x-request-id": request_id, "request-id": request_id} if request_id else None

    async def async_post_call_failure_hook(
        self,
        request_data: Any,
        original_exception: Any,
        user_api_key_dict: Any,
        traceback_str: Any = None,
    ) -> None:
        """After a failure that no other try made good: settle and record."""
        self.hooks.failed(request_data, original_exception)

    async def async_log_success_event(
        self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """After the answer's end: settle and record."""
        self.hooks.ended(kwargs, response_obj)


# A client can ask LiteLLM not to log its call (`no-log`), which is not for the guard's counters and
# records to obey. LiteLLM calls the log hooks of its own accounting all the same, and knows it by
# this part of a class's name (1.106, `Logging.should_run_callback`).
CauteryPlugin.__name__ = "_PROXY_CauteryPlugin"
