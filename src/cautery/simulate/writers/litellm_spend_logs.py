"""LiteLLM_SpendLogs as JSON Lines: a dump of the gateway's table.

Without text the columns ``messages``, ``response`` and ``proxy_server_request`` are ``{}``, as they
are by default (``store_prompts_in_spend_logs`` off); the parameters go with them.
"""

from __future__ import annotations

from pathlib import Path

from cautery.simulate.lines_writer import LinesWriter, records_writer
from cautery.simulate.litellm_record import spend_log
from cautery.simulate.plan import SimulationPlan


class LitellmSpendLogs:
    """A JSON Lines dump of LiteLLM_SpendLogs."""

    name = "litellm-spend-logs"
    description = "LiteLLM's table LiteLLM_SpendLogs, dumped as JSON Lines"

    def open(self, folder: Path, plan: SimulationPlan) -> LinesWriter:
        """Start ``exchanges.jsonl``."""
        return records_writer(folder, plan, spend_log)


MEMBER = LitellmSpendLogs()
