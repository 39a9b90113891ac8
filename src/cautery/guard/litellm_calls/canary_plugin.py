"""The plug-in that plants canaries: of LiteLLM's own base class, so importable inside it only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from litellm.integrations.custom_logger import CustomLogger

from cautery.guard.litellm_calls.planting import Planting


class CanaryPlugin(CustomLogger):  # type: ignore[misc]
    """The hooks, by LiteLLM's names for them."""

    def __init__(self, planting: Planting) -> None:
        super().__init__()
        self.planting = planting

    async def async_post_call_success_hook(
        self, data: Any, user_api_key_dict: Any, response: Any
    ) -> Any:
        """After a whole answer: append what its account is given."""
        return await self.planting.planted(user_api_key_dict, data, response)

    async def async_post_call_streaming_iterator_hook(
        self, user_api_key_dict: Any, response: Any, request_data: Any
    ) -> AsyncIterator[Any]:
        """Along a stream: end it with what its account is given."""
        async for piece in self.planting.stream(user_api_key_dict, request_data, response):
            yield piece
