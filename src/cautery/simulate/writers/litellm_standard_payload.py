"""LiteLLM's StandardLoggingPayload: one object a call, as its bucket loggers write it."""

from __future__ import annotations

from pathlib import Path

from cautery.simulate.lines_writer import (
    LinesWriter,
    Row,
    chat_messages,
    records_writer,
    request_parameters,
)
from cautery.simulate.litellm_record import metadata, response
from cautery.simulate.plan import SimulationPlan


def record(row: Row, *, text: bool) -> Row:
    """Return the payload of a call."""
    start, end = row["time_start"].timestamp(), row["time_end"].timestamp()
    failed = row["status_code"] >= 400
    about = metadata(row)
    return {
        "id": row["request_id"],
        "trace_id": row["conversation_id"] or row["request_id"],
        "session_id": row["conversation_id"],
        "litellm_call_id": row["request_id"],
        "call_type": "acompletion",
        "stream": row["stream"],
        "cache_hit": False,
        "status": "failure" if failed else "success",
        "custom_llm_provider": row["provider"],
        "model": row["response_model"],
        "model_group": row["request_model"],
        "model_parameters": request_parameters(row),
        "response_cost": row["cost_usd"],
        "prompt_tokens": row["input_tokens"],
        "completion_tokens": row["output_tokens"],
        "total_tokens": row["input_tokens"] + row["output_tokens"],
        "startTime": start,
        "endTime": end,
        "completionStartTime": start,
        "response_time": end - start,
        "end_user": row["end_user_id"],
        "requester_ip_address": row["client_address"],
        "user_agent": row["user_agent"],
        "metadata": about,
        "error_information": about.get("error_information"),
        "messages": chat_messages(row) if text else None,
        "response": response(row) if text else None,
    }


class LitellmStandardPayload:
    """JSON Lines of StandardLoggingPayload."""

    name = "litellm-standard-payload"
    description = "LiteLLM's StandardLoggingPayload, one object a call"

    def open(self, folder: Path, plan: SimulationPlan) -> LinesWriter:
        """Start ``exchanges.jsonl``."""
        return records_writer(folder, plan, record)


MEMBER = LitellmStandardPayload()
