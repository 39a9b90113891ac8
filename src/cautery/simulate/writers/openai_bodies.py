"""Archived OpenAI bodies: a wrapper with request and response of chat completions, one a line."""

from __future__ import annotations

from pathlib import Path

from cautery.simulate.lines_writer import LinesWriter, Row, records_writer, utc, without_blanks
from cautery.simulate.litellm_record import request, response
from cautery.simulate.plan import SimulationPlan


def record(row: Row, *, text: bool) -> Row:
    """Return the archived pair of an exchange."""
    asked = request(row, text=text)
    asked["safety_identifier"] = row["end_user_id"]
    answered = response(row)
    if answered:
        answered["created"] = int(row["time_start"].timestamp())
        if not text:
            answered["choices"][0].pop("message")
    else:
        answered = {"error": {"type": row["error_type"], "message": "failed", "code": None}}
    return {
        "timestamp": utc(row["time_start"]),
        "time_end": utc(row["time_end"]),
        "path": "/v1/chat/completions",
        "account_id": row["account_id"],
        "organization_id": row["org_id"],
        "key_id": row["key_id"],
        "request_id": row["request_id"],
        "conversation_id": row["conversation_id"],
        "client_ip": row["client_address"],
        "country": row["country"],
        "user_agent": row["user_agent"],
        "header_order": row["header_order"],
        "status_code": row["status_code"],
        "request": without_blanks(asked),
        "response": answered,
    }


class OpenaiBodies:
    """JSON Lines of archived request and response bodies."""

    name = "openai-bodies"
    description = "archived OpenAI request and response bodies, one pair a line"

    def open(self, folder: Path, plan: SimulationPlan) -> LinesWriter:
        """Start ``exchanges.jsonl``."""
        return records_writer(folder, plan, record)


MEMBER = OpenaiBodies()
