"""What a log lacks for a link or signal, and how to get it."""

from __future__ import annotations

from typing import Final

from cautery.records.case import MissingSignal
from cautery.scan.facts import Facts

FIXES: Final = {
    "input_text": "log prompts (LiteLLM: store_prompts_in_spend_logs), or ingest with text",
    "client_address": "log the client's address (X-Forwarded-For behind a proxy)",
    "client_network": "log the client's address (X-Forwarded-For behind a proxy)",
    "message_count": "log the request's messages or their number",
    "max_tokens": "log the request's parameters",
    "user_agent": "log the User-Agent header",
    "header_order": "log the order of request headers",
    "tls_ja4": "log the JA4 fingerprint at the TLS terminator",
    "system_hash": "log system prompts, or ingest with text",
    "output_tokens": "log token usage",
    "carried_signatures": "log whole request bodies, with their reasoning blocks",
    "request_model": "log the requested model",
    "organisation": "log org_id, or give it in the account table",
    "releases": "give --releases FILE",
}
"""How to get a missing column, by column; account columns come with ``--accounts``."""


def missing_signal(name: str, lacking: tuple[str, ...], facts: Facts) -> MissingSignal | None:
    """Say which columns a link or signal lacks, and how to get them.

    Args:
        name: Name of the link or signal.
        lacking: Columns that it needs and the log does not hold.
        facts: What the log says.

    Returns:
        The row of the list; None if nothing is lacking.
    """
    if not lacking:
        return None
    fixes = sorted(
        {
            FIXES.get(
                column,
                _account_fix(column, facts) if column.startswith("accounts.") else f"log {column}",
            )
            for column in lacking
        }
    )
    return MissingSignal(name=name, needs=lacking, fix="; ".join(fixes))


def _account_fix(column: str, facts: Facts) -> str:
    if facts.account_columns:
        return f"fill {column.removeprefix('accounts.')} in the account table"
    return "give --accounts FILE"
