"""What a scan reads of an exchange table, so that nothing else need be stored for it."""

from __future__ import annotations

from typing import Final

SCAN_COLUMNS: Final = frozenset(
    {
        "time_start",
        "account_id",
        "org_id",
        "request_model",
        "client_address",
        "user_agent",
        "header_order",
        "account_key",
        "style_key",
        "address_key",
        "network_key",
        "device_key",
        "temperature",
        "message_count",
        "tool_count",
        "image_count",
        "output_tokens",
        "reasoning_tokens",
        "input_text",
        "input_hash",
        "input_shingles",
        "system_hash",
        "intent_flags",
        "issued_signatures",
        "carried_signatures",
    }
)
"""Columns of the exchange table that links, signals and portraits read; the text only to show."""
