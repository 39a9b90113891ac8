"""The attribute names of three generations of GenAI telemetry, for the OTLP writer.

Generation 1 is OpenLLMetry's before the standard, 2 the conventions up to 1.36 (events carry the
messages), 3 those of 2026 (messages in attributes).
"""

from __future__ import annotations

from typing import Final

COMMON: Final = {
    "account_id": "user.id",
    "org_id": "organization.id",
    "key_id": "api_key.id",
    "end_user_id": "enduser.id",
    "client_address": "client.address",
    "country": "client.geo.country_iso_code",
    "user_agent": "user_agent.original",
    "status_code": "http.response.status_code",
    "error_type": "error.type",
}
"""Names that all generations share: who and from where."""
FIRST: Final = {
    "request_id": "gen_ai.response.id",
    "conversation_id": "traceloop.association.properties.session_id",
    "operation": "llm.request.type",
    "provider": "gen_ai.system",
    "request_model": "gen_ai.request.model",
    "response_model": "gen_ai.response.model",
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "max_tokens": "gen_ai.request.max_tokens",
    "stream": "llm.is_streaming",
    "input_tokens": "gen_ai.usage.prompt_tokens",
    "output_tokens": "gen_ai.usage.completion_tokens",
    "cache_read_tokens": "gen_ai.usage.cache_read_input_tokens",
    "finish_reason": "gen_ai.completion.0.finish_reason",
}
SECOND: Final = {
    "request_id": "gen_ai.response.id",
    "conversation_id": "gen_ai.conversation.id",
    "operation": "gen_ai.operation.name",
    "provider": "gen_ai.system",
    "request_model": "gen_ai.request.model",
    "response_model": "gen_ai.response.model",
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "max_tokens": "gen_ai.request.max_tokens",
    "n": "gen_ai.request.choice.count",
    "seed": "gen_ai.request.seed",
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
    "finish_reason": "gen_ai.response.finish_reasons",
}
THIRD: Final = {
    **SECOND,
    "provider": "gen_ai.provider.name",
    "stream": "gen_ai.request.stream",
    "cache_read_tokens": "gen_ai.usage.cache_read.input_tokens",
    "reasoning_tokens": "gen_ai.usage.reasoning.output_tokens",
}
NAMES: Final = {1: FIRST, 2: SECOND, 3: THIRD}
"""Attribute names by generation."""
