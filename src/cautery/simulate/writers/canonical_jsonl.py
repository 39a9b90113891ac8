"""Canonical JSON Lines: the exchange table as it is, one object a line."""

from __future__ import annotations

from pathlib import Path

from cautery.simulate.lines_writer import LinesWriter, Row, encode_json, utc, without_blanks
from cautery.simulate.plan import SimulationPlan


def encode(row: Row) -> bytes:
    """Encode a row; null columns are left out."""
    times = {name: utc(row[name]) for name in ("time_start", "time_end")}
    return encode_json(without_blanks({**row, **times}))


class CanonicalJsonl:
    """The canonical exchange table in JSON Lines."""

    name = "canonical-jsonl"
    description = "the exchange table (contracts, section 1) in JSON Lines"

    def open(self, folder: Path, plan: SimulationPlan) -> LinesWriter:
        """Start ``exchanges.jsonl``."""
        return LinesWriter(folder, "exchanges.jsonl", plan, encode)


MEMBER = CanonicalJsonl()
