"""The demo's process gives memory back."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import os
from pathlib import Path
from cautery.cli import small_memory
{before}
small_memory.{asked}()
print(os.environ.get("ARROW_DEFAULT_MEMORY_POOL"))
"""


def pool_after(before: str, asked: str = "keep_little_memory") -> str:
    """Run it in a process of its own, where Arrow was not imported."""
    program = PROGRAM.format(before=before, asked=asked)
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("before", "pool"),
    [
        ("os.environ.pop('ARROW_DEFAULT_MEMORY_POOL', None)", "system"),
        ("os.environ['ARROW_DEFAULT_MEMORY_POOL'] = 'mimalloc'", "mimalloc"),
        ("os.environ.pop('ARROW_DEFAULT_MEMORY_POOL', None); import pyarrow", "None"),
    ],
)
def test_arrow_is_told_before_it_starts(before: str, pool: str) -> None:
    """Arrow gets the setting while it can read it, and the user's own choice stays."""
    assert pool_after(before) == pool


@pytest.mark.parametrize("glibc", [True, False])
def test_a_scan_uses_memory_again(glibc: bool) -> None:
    """With glibc Arrow is told to take memory from it; with another library it keeps its own."""
    before = "os.environ.pop('ARROW_DEFAULT_MEMORY_POOL', None)"
    before += f"; small_memory._mallopt = lambda: {'print' if glibc else 'None'}"
    assert pool_after(before, "use_memory_again") == ("system" if glibc else "None")


@pytest.mark.skipif(sys.platform != "linux", reason="mallopt is glibc's")
def test_freed_memory_goes_back() -> None:
    """Pieces under glibc's usual floor of 32 MB leave the process when they are freed."""
    program = (
        "import re\n"
        "from pathlib import Path\n"
        "from cautery.cli.small_memory import keep_little_memory\n"
        "keep_little_memory()\n"
        "def held():\n"
        "    status = Path('/proc/self/status').read_text()\n"
        "    return int(re.search(r'VmRSS:\\s+(\\d+)', status)[1])\n"
        "bytearray(30_000_000)\n"  # would raise glibc's own threshold
        "before = held()\n"
        "pieces = [bytearray(b'x' * 4_000_000) for _ in range(40)]\n"
        "last = bytearray(b'x' * 100)\n"
        "full = held()\n"
        "del pieces\n"
        "print(before, full, held())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    before, full, after = map(int, done.stdout.split())
    assert full - before > 140_000
    assert after - before < 20_000
