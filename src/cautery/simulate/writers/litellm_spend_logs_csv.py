"""LiteLLM_SpendLogs as CSV: what ``COPY ... TO ... CSV HEADER`` of PostgreSQL writes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from cautery.simulate.lines_writer import LinesWriter, Row
from cautery.simulate.litellm_record import SPEND_LOG_COLUMNS, spend_log
from cautery.simulate.plan import SimulationPlan


def cell(value: Any) -> Any:
    """Return the text of a cell: JSON for objects and lists, empty for null."""
    if isinstance(value, (dict, list)):
        return msgspec.json.encode(value).decode()
    return "" if value is None else value


def encoder(plan: SimulationPlan) -> Callable[[Row], bytes]:
    """Return what encodes a row under a plan."""

    def encode(row: Row) -> bytes:
        text = io.StringIO()
        record = spend_log(row, text=plan.text)
        csv.writer(text, lineterminator="\n").writerow([cell(record[name]) for name in record])
        return text.getvalue().encode()

    return encode


class LitellmSpendLogsCsv:
    """A CSV dump of LiteLLM_SpendLogs."""

    name = "litellm-spend-logs-csv"
    description = "LiteLLM's table LiteLLM_SpendLogs, dumped as CSV"

    def open(self, folder: Path, plan: SimulationPlan) -> LinesWriter:
        """Start ``exchanges.csv``."""
        header = (",".join(SPEND_LOG_COLUMNS) + "\n").encode()
        return LinesWriter(folder, "exchanges.csv", plan, encoder(plan), header)


MEMBER = LitellmSpendLogsCsv()
