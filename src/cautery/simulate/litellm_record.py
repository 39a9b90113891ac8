"""What the writers of LiteLLM's two logs share: a call in LiteLLM's words (release 1.106)."""

from __future__ import annotations

from typing import Any

from cautery.simulate.lines_writer import (
    Row,
    chat_messages,
    request_parameters,
    utc,
    without_blanks,
)


def usage(row: Row) -> Row:
    """Return LiteLLM's usage object; prompt tokens include cached ones."""
    total = row["input_tokens"] + row["output_tokens"]
    return {
        "prompt_tokens": row["input_tokens"],
        "completion_tokens": row["output_tokens"],
        "total_tokens": total,
        "prompt_tokens_details": {"cached_tokens": row["cache_read_tokens"]},
        "completion_tokens_details": {"reasoning_tokens": row["reasoning_tokens"]},
    }


def response(row: Row) -> Any:
    """Return the response body as LiteLLM stores it; empty when the call failed."""
    if row["status_code"] >= 400:
        return {}
    answer = {"role": "assistant", "content": row.get("output_text")}
    return {
        "id": row["request_id"],
        "object": "chat.completion",
        "model": row["response_model"],
        "choices": [{"index": 0, "finish_reason": row["finish_reason"], "message": answer}],
        "usage": usage(row),
    }


def request(row: Row, *, text: bool = True) -> Row:
    """Return the request body."""
    said = {"messages": chat_messages(row)} if text else {}
    return {"model": row["request_model"], **said, **request_parameters(row)}


def metadata(row: Row) -> Row:
    """Return the metadata of a call: who asked, from where, with what."""
    found: Row = {
        "user_api_key": row["key_id"],
        "user_api_key_hash": row["key_id"],
        "user_api_key_user_id": row["account_id"],
        "user_api_key_team_id": row["team_id"],
        "user_api_key_org_id": row["org_id"],
        "user_api_key_end_user_id": row["end_user_id"],
        "requester_ip_address": row["client_address"],
        "user_agent": row["user_agent"],
        "usage_object": usage(row),
        "status": "failure" if row["status_code"] >= 400 else "success",
    }
    if row["status_code"] >= 400:
        code, kind = str(row["status_code"]), row["error_type"]
        found["error_information"] = {"error_code": code, "error_class": kind}
    return without_blanks(found)


def spend_log(row: Row, *, text: bool) -> Row:
    """Return a row of the table LiteLLM_SpendLogs."""
    seconds = (row["time_end"] - row["time_start"]).total_seconds()
    return {
        "request_id": row["request_id"],
        "call_type": "acompletion",
        "api_key": row["key_id"],
        "spend": row["cost_usd"],
        "total_tokens": row["input_tokens"] + row["output_tokens"],
        "prompt_tokens": row["input_tokens"],
        "completion_tokens": row["output_tokens"],
        "startTime": utc(row["time_start"]),
        "endTime": utc(row["time_end"]),
        "request_duration_ms": round(seconds * 1000),
        "model": row["response_model"],
        "model_group": row["request_model"],
        "custom_llm_provider": row["provider"],
        "user": row["account_id"],
        "team_id": row["team_id"],
        "organization_id": row["org_id"],
        "end_user": row["end_user_id"] or "",
        "session_id": row["conversation_id"],
        "requester_ip_address": row["client_address"],
        "status": "failure" if row["status_code"] >= 400 else "success",
        "metadata": metadata(row),
        "messages": chat_messages(row) if text else {},
        "response": response(row) if text else {},
        "proxy_server_request": request(row) if text else {},
    }


SPEND_LOG_COLUMNS = (
    "request_id",
    "call_type",
    "api_key",
    "spend",
    "total_tokens",
    "prompt_tokens",
    "completion_tokens",
    "startTime",
    "endTime",
    "request_duration_ms",
    "model",
    "model_group",
    "custom_llm_provider",
    "user",
    "team_id",
    "organization_id",
    "end_user",
    "session_id",
    "requester_ip_address",
    "status",
    "metadata",
    "messages",
    "response",
    "proxy_server_request",
)
"""Columns of ``spend_log``, in its order."""
