"""A strand is one kind of work of one account; an account is one strand or several."""

from __future__ import annotations

from typing import Any, Final

HUMAN, OFFICE, FLAT, CRON, TRACE = range(5)
"""Schedules: waking hours, working hours, round the clock, fixed hours, a ServeGen client."""
STICKY, PER_SESSION, PER_CALL = range(3)
"""How a strand uses its pool of addresses."""
RANDOM_ITEMS, QUEUE_ITEMS, SHARED_ITEMS, OWN_ITEMS = range(4)
"""Where items come from: anywhere, a work queue, a small common set, the account's own set."""

STRAND_DEFAULTS: Final[dict[str, Any]] = {
    "account": 0,  # row in the account table
    "harvest": False,  # truth: part of a distillation campaign's harvest
    "kind": 1,  # number of the item kind of a first turn
    "head": 0, "head_size": 1, "tail": 0, "tail_size": 1,  # fixed words around the item
    "system": 0, "system_size": 1,  # system prompt pieces; 0 is none
    "domain": 0, "second_domain": 0, "second_share": 0.2, "language": -1,  # -1 is English
    "items": RANDOM_ITEMS, "item_base": 0, "item_size": 1,
     # queue number, or seed and size of a set
    "repeat": 0.0,  # share of queue items asked again
    "rate": 10.0, "active_share": 0.6, "weekend": 0.5,  # exchanges a day of activity
    "session": 3.0, "gap_seconds": 60.0, "multi_turn": False,
    "start": 0.0, "end": 1e9,  # days since the log began
    "schedule": HUMAN, "peak_hour": 14.0, "zone_hours": 0.0, "spread_hours": 3.5, "trace": -1,
    "network": STICKY, "address": 0, "address_size": 1,
    "client": 0, "client_size": 1,
    "model": 1, "other_model": 0, "other_share": 0.1,
    "adoption_days": 5.0, "adoption_share": 0.3,  # when and how much work moves to the new model
    "temperature": float("nan"), "top_p": float("nan"), "max_tokens": 0, "choices": 0,
    "fixed_seed": -1, "stream": -1, "logprobs": -1, "tools": 0, "image_share": 0.0,
    "output_log": 5.0, "output_spread": 0.9, "reasoning_share": 0.15, "context_tokens": 0,
    "end_users": 0, "keys": 1, "cache_share": 0.0, "error_share": 0.02,
}  # fmt: skip
"""Columns of the strand table with the value that a class leaves alone."""
