# ruff: noqa: INP001 - scripts, not a package
"""Fuzzes every log format with atheris: no exception but those of the tree, nothing lost.

Run nightly by ``make fuzz``; needs ``pip install atheris``. One format alone::

    python fuzz/fuzz_log_formats.py --format otlp_json -max_total_time=60
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["cautery"]):
    from tests.ingest.reading import GOLDEN, read_bytes

    from cautery.errors import CauteryError
    from cautery.registry import LOG_FORMATS

NAMES = LOG_FORMATS.names()


def check(name: str, data: bytes) -> None:
    """Read some bytes with a format and check what must hold whatever they are."""
    confidence = LOG_FORMATS.load(name).sniff(data[:65536], "log")
    if not 0.0 <= confidence <= 1.0:
        raise AssertionError(f"{name} is {confidence} sure")
    try:
        reading = read_bytes(name, data, batch_rows=16, line_bytes=4096)
    except CauteryError:
        return
    findings = reading.findings
    if findings.accepted != len(reading.rows) or findings.rejected.total() != len(reading.rejects):
        raise AssertionError(f"{name} lost a record")


def main() -> None:
    """Fuzz the format that ``--format`` names, or all: the first byte of an input then chooses."""
    words = sys.argv[1:]
    chosen = ""
    if "--format" in words:
        place = words.index("--format")
        chosen = words[place + 1]
        del words[place : place + 2]

    def test_one_input(data: bytes) -> None:
        if chosen:
            check(chosen, data)
        elif data:
            check(NAMES[data[0] % len(NAMES)], data[1:])

    seeds = [str(GOLDEN / chosen)] if chosen else []
    atheris.Setup([sys.argv[0], *words, *seeds], test_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
