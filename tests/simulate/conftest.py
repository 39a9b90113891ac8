"""Small simulated logs that several tests look at."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from cautery.simulate.plan import SimulationPlan
from cautery.simulate.run import SimulationResult, simulate

Row = dict[str, Any]


@dataclass(frozen=True)
class Log:
    """A simulated folder, read."""

    folder: Path
    result: SimulationResult
    exchanges: list[Row]
    truth: dict[str, dict[str, str]]
    accounts: dict[str, dict[str, str]]
    harvest: dict[str, bool]
    """Whether an exchange is harvest, by request."""

    def of_class(self, name: str) -> list[Row]:
        """Return the exchanges of a class."""
        return [row for row in self.exchanges if self.truth[row["account_id"]]["class"] == name]

    def accounts_of(self, name: str) -> list[dict[str, str]]:
        """Return the account table's rows of a class."""
        return [self.accounts[key] for key, row in self.truth.items() if row["class"] == name]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Log]:
    """Return what simulates a log once for each plan."""

    @cache
    def make(tier: str, accounts: int = 1000, days: int = 8, seed: int = 1) -> Log:
        folder = tmp_path_factory.mktemp(tier)
        plan = SimulationPlan(tier=tier, accounts=accounts, days=days, seed=seed)
        result = simulate(plan, folder)
        truth = read_rows(folder / "truth" / "exchanges.csv")
        return Log(
            folder=folder,
            result=result,
            exchanges=pq.read_table(folder / "exchanges.parquet").to_pylist(),
            truth={row["account_id"]: row for row in read_rows(folder / "truth" / "accounts.csv")},
            accounts={row["account_id"]: row for row in read_rows(folder / "accounts.csv")},
            harvest={row["request_id"]: row["harvest"] == "1" for row in truth},
        )

    return make
