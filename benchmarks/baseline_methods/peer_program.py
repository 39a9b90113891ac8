"""Runs inside the peers' environment: one program over one log, scores as JSON on standard output.

Knows nothing of cautery. Both programs are driven with their default settings.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any


class LogClock:
    """Stands for the ``time`` module, so that an old log is replayed at its own times."""

    now = 0.0

    def time(self) -> float:
        """Return the time of the exchange that is being replayed."""
        return self.now


def score_with_honeypotllm(rows: list[dict[str, Any]]) -> tuple[dict[str, float], float]:
    """Replay the log through the per-key scorer; an account's score is its highest."""
    scoring = import_module("honeypotllm.scoring")
    config = import_module("honeypotllm.config")

    clock = LogClock()
    new_state = scoring.ScoringState
    scoring.__dict__["time"] = clock
    # A new key's state takes the machine's clock, and a clock that goes back raises every score.
    scoring.__dict__["ScoringState"] = lambda key_hash: new_state(key_hash, last_seen=clock.now)
    threshold = config.HoneypotConfig(secret_key="0" * 32).suspicion_threshold
    scorer = scoring.SuspicionScorer(config.ScoringConfig(), threshold)
    highest: dict[str, float] = {}
    for row in rows:
        clock.now = row["timestamp"]
        result = scorer.score_request(row["actor"], prompt=row["text"])
        highest[row["actor"]] = max(highest.get(row["actor"], 0.0), result.score_after)
    return highest, threshold


def score_with_kollude(rows: list[dict[str, Any]]) -> tuple[dict[str, float], float]:
    """Score actors by the share of their events on templates of five or more actors.

    The program ranks actors and names no threshold of its own; half of the events is ours.
    """
    coord = import_module("kollude.coord")
    parameters = import_module("kollude.engine").ScanParams().coord()
    frame = import_module("kollude").from_records(
        {**row, "t": datetime.fromtimestamp(row["timestamp"], UTC).isoformat()} for row in rows
    )
    scores = coord.actor_scores(coord.annotate(frame, parameters), parameters)
    return dict(zip(scores["actor"], scores["coord_frac"].astype(float), strict=True)), 0.5


def main() -> None:
    """Score one log with one program."""
    peer, path = sys.argv[1], Path(sys.argv[2])
    with path.open(encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    rows.sort(key=lambda row: row["timestamp"])
    programs = {"honeypotllm": score_with_honeypotllm, "kollude": score_with_kollude}
    scores, threshold = programs[peer](rows)
    print(json.dumps({"scores": scores, "threshold": threshold}))


if __name__ == "__main__":
    main()
