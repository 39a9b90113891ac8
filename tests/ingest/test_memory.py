"""Memory does not grow with the log."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from io import RawIOBase
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.reading import golden_input, options_for

from cautery.ingest.json_lines import JsonLinesReader
from cautery.registry import LOG_FORMATS

LINES = {"canonical": 12_000, "litellm_spend_logs": 6_000, "otlp_json": 3_000}


class Repeated(RawIOBase):
    """A log of many lines that takes no memory itself."""

    def __init__(self, line: bytes, count: int) -> None:
        super().__init__()
        self._block = line * 100
        self._left = count // 100

    def read(self, size: int = -1, /) -> bytes:
        self._left -= 1
        return self._block if self._left >= 0 else b""


def peaks(batches: Iterator[Any]) -> tuple[int, int, int]:
    """Rows in all, and the peak of memory in the first and in the second half of the batches."""
    rows = 0
    halves = [0, 0]
    tracemalloc.start()
    for index, batch in enumerate(batches):
        rows += batch.num_rows
        half = int(index >= 8)
        halves[half] = max(halves[half], tracemalloc.get_traced_memory()[1])
        tracemalloc.reset_peak()
        del batch
    tracemalloc.stop()
    return rows, halves[0], halves[1]


@pytest.mark.parametrize("name", sorted(LINES))
def test_memory_does_not_grow(name: str) -> None:
    """Later batches of a long log take no more memory than the first ones."""
    line = golden_input(name).split(b"\n")[0] + b"\n"
    stream: Any = Repeated(line, LINES[name])
    options = options_for(name, batch_rows=150)
    batches = LOG_FORMATS.load(name).read(stream, options, lambda *_: None)
    rows, early, late = peaks(iter(batches))
    assert rows == LINES[name] - LINES[name] % 100
    assert late < 1.2 * early


SCRIPT = """
import resource, sys
from pathlib import Path
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.records.progress import SilentProgress

def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

def read(log):
    options = IngestOptions(logs=(log,), max_bad_share=1.0)
    return read_logs(options, Path(sys.argv[3]), SilentProgress()).rows

read(sys.argv[1])
before = megabytes()
print(read(sys.argv[2]), megabytes() - before)
"""


@pytest.mark.slow
def test_the_process_does_not_grow(tmp_path: Path) -> None:
    """Reading 240,000 lines takes no more memory than reading 60,000, Arrow's own included."""
    line = golden_input("canonical").split(b"\n")[0] + b"\n"
    small, big = tmp_path / "small.jsonl", tmp_path / "big.jsonl"
    small.write_bytes(line * 60_000)
    big.write_bytes(line * 240_000)
    words = [sys.executable, "-c", SCRIPT, str(small), str(big), str(tmp_path)]
    result = subprocess.run(words, capture_output=True, text=True, check=True)
    rows, growth = result.stdout.split()
    assert int(rows) == 240_000
    # One row group, which is what the writer holds, comes to about 100 MB; the file has 240.
    assert float(growth) < 120


def test_rejected_lines_are_not_kept() -> None:
    """A log of bad lines only takes no memory for them."""
    from cautery.ingest.formats.canonical import make_row
    from cautery.ingest.rows import ExchangeRow

    tracemalloc.start()
    stream: Any = Repeated(b"x" * 999 + b"\n", 8_000)
    options = options_for("canonical")
    reader = JsonLinesReader(ExchangeRow, make_row)
    assert not list(reader.read(stream, options, lambda *_: None))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert options.findings.rejected == {"not JSON": 8_000}
    assert peak < 4 * 2**20
