"""The names that three generations of GenAI telemetry give to one thing.

OpenTelemetry's GenAI conventions moved to a repository of their own in 2026 and renamed much on
the way; OpenLLMetry and OpenInference have names of their own. Earlier names in a tuple win.
Our own table, because the constants of the Python package are deprecated with every move.
"""

from __future__ import annotations

from typing import Final

ATTRIBUTES: Final[dict[str, tuple[str, ...]]] = {
    "request_id": ("gen_ai.response.id", "llm.response.id"),
    "conversation_id": (
        "gen_ai.conversation.id",
        "session.id",
        "traceloop.association.properties.session_id",
    ),
    "operation": ("gen_ai.operation.name", "llm.request.type", "openinference.span.kind"),
    "provider": ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system"),
    "request_model": (
        "gen_ai.request.model",
        "llm.request.model",
        "llm.model_name",
        "embedding.model_name",
    ),
    "response_model": ("gen_ai.response.model", "llm.response.model"),
    "account_id": (
        "user.id",
        "account.id",
        "tenant.id",
        "metadata.user_api_key_user_id",
        "langfuse.user.id",
        "traceloop.association.properties.user_id",
        "enduser.id",
        "enduser.pseudo.id",
    ),
    "org_id": ("organization.id", "org.id", "metadata.user_api_key_org_id"),
    "team_id": ("team.id", "metadata.user_api_key_team_id"),
    "key_id": ("api_key.id", "api.key.id", "metadata.user_api_key_hash", "llm.api_key.id"),
    "end_user_id": ("enduser.id", "enduser.pseudo.id", "llm.user", "gen_ai.user"),
    "client_address": (
        "client.address",
        "http.client_ip",
        "metadata.requester_ip_address",
        "network.peer.address",
        "net.peer.ip",
        "net.sock.peer.addr",
    ),
    "asn": ("client.as.number", "source.as.number"),
    "country": ("client.geo.country_iso_code", "geo.country.iso_code"),
    "user_agent": ("user_agent.original", "http.user_agent"),
    "tls_ja4": ("tls.client.ja4", "client.ja4"),
    "temperature": ("gen_ai.request.temperature", "llm.request.temperature"),
    "top_p": ("gen_ai.request.top_p", "llm.request.top_p"),
    "max_tokens": ("gen_ai.request.max_tokens", "llm.request.max_tokens"),
    "n": ("gen_ai.request.choice.count",),
    "seed": ("gen_ai.request.seed", "gen_ai.openai.request.seed"),
    "stream": ("gen_ai.request.stream", "llm.is_streaming", "gen_ai.request.is_stream"),
    "logprobs": ("gen_ai.request.logprobs", "llm.request.logprobs"),
    "input_tokens": (
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "llm.usage.prompt_tokens",
        "llm.token_count.prompt",
    ),
    "output_tokens": (
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "llm.usage.completion_tokens",
        "llm.token_count.completion",
    ),
    "cache_read_tokens": (
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "llm.token_count.prompt_details.cache_read",
    ),
    "cache_write_tokens": (
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "llm.token_count.prompt_details.cache_write",
    ),
    "reasoning_tokens": (
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "llm.token_count.completion_details.reasoning",
    ),
    "finish_reason": (
        "gen_ai.response.finish_reasons",
        "llm.response.finish_reason",
        "gen_ai.completion.0.finish_reason",
        "llm.finish_reason",
    ),
    "error_type": ("error.type", "exception.type"),
    "status_code": ("http.response.status_code", "http.status_code"),
    "cost_usd": ("gen_ai.usage.cost", "llm.cost.total", "gen_ai.cost.total_cost"),
}
"""Attribute names by canonical column."""

SYSTEM_INSTRUCTIONS: Final = ("gen_ai.system_instructions",)
INPUT_MESSAGES: Final = ("gen_ai.input.messages", "gen_ai.prompt", "gen_ai.content.prompt")
OUTPUT_MESSAGES: Final = (
    "gen_ai.output.messages",
    "gen_ai.completion",
    "gen_ai.content.completion",
)
PLAIN_INPUT: Final = "input.value"
PLAIN_OUTPUT: Final = "output.value"
INVOCATION_PARAMETERS: Final = "llm.invocation_parameters"

INDEXED_INPUT: Final = ("gen_ai.prompt.", "llm.prompts.", "llm.input_messages.")
INDEXED_OUTPUT: Final = ("gen_ai.completion.", "llm.completions.", "llm.output_messages.")
"""Prefixes of one attribute a message, as OpenLLMetry and OpenInference write them."""

INPUT_EVENTS: Final[dict[str, str]] = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
"""Events of the second generation by the role of the message that they hold."""
CONTENT_EVENTS: Final = frozenset({"gen_ai.content.prompt", "gen_ai.content.completion"})
CHOICE_EVENT: Final = "gen_ai.choice"
DETAILS_EVENT: Final = "gen_ai.client.inference.operation.details"

INFERENCE_OPERATIONS: Final[dict[str, str]] = {
    "chat": "chat",
    "completion": "text_completion",
    "text_completion": "text_completion",
    "generate_content": "generate_content",
    "embeddings": "embeddings",
    "embedding": "embeddings",
    "rerank": "rerank",
    "llm": "chat",
}
"""Operations that call a model, by OpenTelemetry's own name; not those of agents and tools."""
