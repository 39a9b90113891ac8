"""Facts of small logs, closed after the test that asked for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.scan.small_logs import SmallLog, facts_of

from cautery.scan.facts import Facts

ReadLog = Callable[..., Facts]
"""Reads a small log: ``read_log(log, drop_text=False)``."""


@pytest.fixture
def read_log(tmp_path: Path) -> Iterator[ReadLog]:
    """Read small logs into facts, each in a folder of its own."""
    opened: list[Facts] = []

    def read(log: SmallLog, *, drop_text: bool = False) -> Facts:
        facts = facts_of(tmp_path / f"log-{len(opened)}", log, drop_text=drop_text)
        opened.append(facts)
        return facts

    yield read
    for facts in opened:
        facts.connection.disconnect()
