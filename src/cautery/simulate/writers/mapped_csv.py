"""A home-made CSV log with its mapping file: what nobody else's reader knows.

``mapping.toml`` stands beside the log; times are milliseconds since 1970.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, Final

from cautery.simulate.lines_writer import LinesWriter, Row
from cautery.simulate.plan import SimulationPlan

NAMES: Final = {
    "time_start": "ts_ms", "request_id": "call", "account_id": "customer", "org_id": "company",
    "key_id": "credential", "client_address": "remote", "country": "geo", "user_agent": "agent",
    "request_model": "engine", "temperature": "temp", "max_tokens": "ceiling",
    "message_count": "turns", "input_tokens": "tokens_in", "output_tokens": "tokens_out",
    "reasoning_tokens": "tokens_thought", "status_code": "http", "system_text": "preamble",
    "input_text": "question", "output_text": "reply",
}  # fmt: skip
"""Canonical column and its name in the log."""
TEXT_NAMES: Final = ("system_text", "input_text", "output_text")


def kept(plan: SimulationPlan) -> list[str]:
    """Return the canonical columns that a plan's log carries."""
    return [name for name in NAMES if plan.text or name not in TEXT_NAMES]


def mapping(plan: SimulationPlan) -> str:
    """Return the mapping file."""
    lines = [f'{name} = "{NAMES[name]}"' for name in kept(plan)]
    return "[map]\n" + "\n".join(lines) + '\n\n[time]\nunit = "ms"\nzone = "UTC"\n'


class MappedCsvWriter(LinesWriter):
    """An open CSV log with its mapping."""

    def __init__(self, folder: Path, plan: SimulationPlan) -> None:
        self._columns = kept(plan)
        self._mapping = folder / "mapping.toml"
        self._mapping.write_text(mapping(plan), encoding="utf-8")
        header = ",".join(NAMES[name] for name in self._columns) + "\n"
        super().__init__(folder, "exchanges.csv", plan, self.encode, header.encode())

    def encode(self, row: Row) -> bytes:
        """Encode a row."""
        text = io.StringIO()
        cells: list[Any] = [row[name] for name in self._columns]
        cells[0] = round(row["time_start"].timestamp() * 1000)
        blank = ["" if value is None else value for value in cells]
        csv.writer(text, lineterminator="\n").writerow(blank)
        return text.getvalue().encode()


class MappedCsv:
    """A CSV log under names of its own."""

    name = "mapped-csv"
    description = "a CSV log under names of its own, with its mapping file"

    def open(self, folder: Path, plan: SimulationPlan) -> MappedCsvWriter:
        """Start ``exchanges.csv`` and write ``mapping.toml``."""
        return MappedCsvWriter(folder, plan)


MEMBER = MappedCsv()
