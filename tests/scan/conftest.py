"""Facts and cases of small logs; facts are closed after the test that asked for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.scan.pool_worlds import pool_log
from tests.scan.scanning import attacked, scanned
from tests.scan.small_logs import SmallLog, facts_of

from cautery.records.case import Case
from cautery.scan.facts import Facts

ReadLog = Callable[..., Facts]
"""Reads a small log: ``read_log(log, drop_text=False, columns=None)``."""
ScanLog = Callable[..., Case]
"""Scans a small log: ``scan_log(log, drop_text=False, options=None, table=None)``."""


@pytest.fixture
def read_log(tmp_path: Path) -> Iterator[ReadLog]:
    """Read small logs into facts, each in a folder of its own."""
    opened: list[Facts] = []

    def read(log: SmallLog, **chosen: Any) -> Facts:
        facts = facts_of(tmp_path / f"log-{len(opened)}", log, **chosen)
        opened.append(facts)
        return facts

    yield read
    for facts in opened:
        facts.close()


@pytest.fixture
def scan_log(tmp_path: Path) -> ScanLog:
    """Scan small logs, each in a folder of its own."""
    numbers = count()

    def scan(log: SmallLog, **chosen: Any) -> Case:
        return scanned(tmp_path / f"scan-{next(numbers)}", log, **chosen)

    return scan


@pytest.fixture(scope="session")
def attacked_case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Scan a planted group among strangers once for all tests that only look at its case."""
    return scanned(tmp_path_factory.mktemp("attacked") / "log", attacked())


@pytest.fixture(scope="session")
def pool_facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    """Read pools that are large enough to be judged as a whole, among strangers."""
    facts = facts_of(tmp_path_factory.mktemp("pools") / "log", pool_log())
    yield facts
    facts.close()
