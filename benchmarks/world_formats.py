"""Write one exchange as a line of each log format.

Independent of ``cautery.simulate`` on purpose: its writers are made beside its readers, these
follow the log formats' own documentation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from benchmarks.world_records import WorldExchange, hash_text, iso


def _messages(exchange: WorldExchange) -> list[dict[str, str]]:
    messages = [{"role": "system", "content": exchange.system_text}] if exchange.system_text else []
    messages += [{"role": role, "content": text} for role, text in exchange.history]
    return [*messages, {"role": "user", "content": exchange.input_text}]


def _parameters(exchange: WorldExchange) -> dict[str, Any]:
    names = ("temperature", "top_p", "max_tokens", "seed", "stream")
    return {name: value for name in names if (value := getattr(exchange, name)) is not None}


def _without_empty(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value not in ("", None)}


def _canonical(exchange: WorldExchange, orgs: Mapping[str, str], text: bool) -> dict[str, Any]:
    row = {
        "time_start": iso(exchange.time_start),
        "time_end": iso(exchange.time_start + exchange.duration_seconds),
        "request_id": exchange.request_id,
        "operation": "chat",
        "provider": "openai",
        "request_model": exchange.request_model,
        "response_model": exchange.request_model,
        "account_id": exchange.account_id,
        "org_id": orgs.get(exchange.account_id, ""),
        "end_user_id": exchange.end_user_id,
        "client_address": exchange.client_address,
        "user_agent": exchange.user_agent,
        "header_order": exchange.header_order,
        **_parameters(exchange),
        "tool_count": exchange.tool_count,
        "message_count": len(_messages(exchange)),
        "input_tokens": exchange.input_tokens,
        "output_tokens": exchange.output_tokens,
        "reasoning_tokens": exchange.reasoning_tokens,
        "history_hash": f"{hash_text(repr(exchange.history)):016x}" if exchange.history else "",
        "finish_reason": "stop",
        "status_code": exchange.status_code,
    }
    if text:
        row["system_text"] = exchange.system_text
        row["input_text"] = exchange.input_text
        row["output_text"] = exchange.output_text
    return _without_empty(row)


def _openai_pair(exchange: WorldExchange, orgs: Mapping[str, str], text: bool) -> dict[str, Any]:
    content = exchange.output_text if text else ""
    messages = _messages(exchange) if text else [{"role": "user", "content": ""}]
    request = {"model": exchange.request_model, "messages": messages, **_parameters(exchange)}
    request["safety_identifier"] = exchange.account_id
    if exchange.tool_count:
        tool = {"type": "function", "function": {"name": "tool", "parameters": {}}}
        request["tools"] = [tool] * exchange.tool_count
    response = {
        "id": exchange.request_id,
        "object": "chat.completion",
        "created": int(exchange.time_start),
        "model": exchange.request_model,
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": content},
            }
        ],
        "usage": {
            "prompt_tokens": exchange.input_tokens,
            "completion_tokens": exchange.output_tokens,
            "total_tokens": exchange.input_tokens + exchange.output_tokens,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": exchange.reasoning_tokens or 0},
        },
    }
    envelope = {
        "time": iso(exchange.time_start),
        "account_id": exchange.account_id,
        "org_id": orgs.get(exchange.account_id, ""),
        "client_address": exchange.client_address,
        "user_agent": exchange.user_agent,
        "status_code": exchange.status_code,
    }
    return {**_without_empty(envelope), "request": request, "response": response}


def _litellm(exchange: WorldExchange, orgs: Mapping[str, str], text: bool) -> dict[str, Any]:
    start = datetime.fromtimestamp(round(exchange.time_start, 3), UTC)
    end = datetime.fromtimestamp(round(exchange.time_start + exchange.duration_seconds, 3), UTC)
    choice = {"message": {"role": "assistant", "content": exchange.output_text}}
    usage = {
        "prompt_tokens": exchange.input_tokens,
        "completion_tokens": exchange.output_tokens,
        "total_tokens": exchange.input_tokens + exchange.output_tokens,
    }
    request = {"model": exchange.request_model, **_parameters(exchange)}
    return {
        "request_id": exchange.request_id,
        "call_type": "acompletion",
        "api_key": f"{hash_text(exchange.account_id):016x}" * 4,
        "spend": 0.0001 * exchange.output_tokens,
        "total_tokens": usage["total_tokens"],
        "prompt_tokens": usage["prompt_tokens"],
        "completion_tokens": usage["completion_tokens"],
        "startTime": start.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        "endTime": end.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        "completionStartTime": start.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        "model": exchange.request_model,
        "model_id": "",
        "model_group": exchange.request_model,
        "custom_llm_provider": "openai",
        "api_base": "",
        "user": exchange.account_id,
        "metadata": {"user_agent": exchange.user_agent, "usage_object": usage},
        "cache_hit": "False",
        "cache_key": "",
        "request_tags": [],
        "team_id": "",
        "organization_id": orgs.get(exchange.account_id, ""),
        "end_user": exchange.end_user_id,
        "requester_ip_address": exchange.client_address,
        "messages": _messages(exchange) if text else {},
        "response": {"choices": [choice], "usage": usage} if text else {},
        "proxy_server_request": {**request, "messages": _messages(exchange)} if text else {},
        "session_id": "",
        "status": "success" if exchange.status_code < 400 else "failure",
    }


def _otlp(exchange: WorldExchange, orgs: Mapping[str, str], text: bool) -> dict[str, Any]:
    values: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": exchange.request_model,
        "gen_ai.response.model": exchange.request_model,
        "gen_ai.response.id": exchange.request_id,
        "gen_ai.usage.input_tokens": exchange.input_tokens,
        "gen_ai.usage.output_tokens": exchange.output_tokens,
        "gen_ai.request.temperature": exchange.temperature,
        "gen_ai.request.top_p": exchange.top_p,
        "gen_ai.request.max_tokens": exchange.max_tokens,
        "gen_ai.request.seed": exchange.seed,
        "user.id": exchange.account_id,
        "enduser.id": exchange.end_user_id,
        "organization.id": orgs.get(exchange.account_id, ""),
        "client.address": exchange.client_address,
        "user_agent.original": exchange.user_agent,
        "http.response.status_code": exchange.status_code,
    }
    if text:
        parts = [
            {"role": m["role"], "parts": [{"type": "text", "content": m["content"]}]}
            for m in _messages(exchange)
            if m["role"] != "system"
        ]
        answer = [{"type": "text", "content": exchange.output_text}]
        values["gen_ai.input.messages"] = json.dumps(parts, ensure_ascii=False)
        values["gen_ai.output.messages"] = json.dumps(
            [{"role": "assistant", "parts": answer, "finish_reason": "stop"}], ensure_ascii=False
        )
        if exchange.system_text:
            system = [{"type": "text", "content": exchange.system_text}]
            values["gen_ai.system_instructions"] = json.dumps(system, ensure_ascii=False)
    end = exchange.time_start + exchange.duration_seconds
    span = {
        "traceId": f"{hash_text(exchange.request_id):032x}",
        "spanId": f"{hash_text(exchange.request_id):016x}",
        "name": f"chat {exchange.request_model}",
        "kind": 2,
        "startTimeUnixNano": str(round(exchange.time_start * 1_000_000) * 1_000),
        "endTimeUnixNano": str(round(end * 1_000_000) * 1_000),
        "attributes": [
            {"key": k, "value": _any_value(v)} for k, v in values.items() if v not in ("", None)
        ],
    }
    scope = {"scope": {"name": "gateway"}, "spans": [span]}
    return {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [scope]}]}


def _any_value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": str(value)}


_LineWriter = Callable[[WorldExchange, Mapping[str, str], bool], dict[str, Any]]

LOG_WRITERS: Final[dict[str, tuple[_LineWriter, str]]] = {
    "canonical": (_canonical, "exchanges.jsonl.gz"),
    "openai-bodies": (_openai_pair, "exchanges.jsonl.gz"),
    "litellm-spend-logs": (_litellm, "exchanges.jsonl.gz"),
    "otlp-json": (_otlp, "exchanges.jsonl.gz"),
}
"""Each log format with the writer of its lines and the file's name."""
