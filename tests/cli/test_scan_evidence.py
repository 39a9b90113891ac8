"""Evidence of daily scans in a state folder: kept, found again, and refused when damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from cautery.cli.scan_evidence import EVIDENCE_FILE, keep_watch, known_watch
from cautery.errors import ConfigurationError, OutputError
from cautery.scan.watching import NO_WATCH, Watch, WatchedGroup

WATCH = Watch(
    horizon_us=1_759_276_800_000_000,
    ever=3,
    groups={
        "C-2026-0001": WatchedGroup(
            accounts=frozenset({"b", "a\u202e"}),
            templates=(-5, 7),
            bits={"newcomers": 4.25, "synchrony": -1.0},
            observed={"newcomers": "seen"},
            highest_bits=3.4,
            scans=2,
            since_us=1_759_000_000_000_000,
        )
    },
)


def test_round_trip(tmp_path: Path) -> None:
    """What is kept is found; nothing is found before the first scan."""
    assert known_watch(tmp_path) == NO_WATCH
    keep_watch(tmp_path, WATCH)
    assert known_watch(tmp_path) == WATCH


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"schema": "cautery.evidence/2"}',
        '{"schema": "cautery.evidence/1", "horizon_us": 1, "ever": 1, "groups": {"C": {}}}',
    ],
)
def test_damage(tmp_path: Path, content: str) -> None:
    """A damaged file is refused with the way out: evidence must not vanish in silence."""
    (tmp_path / EVIDENCE_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="damaged") as raised:
        known_watch(tmp_path)
    assert "begins anew" in raised.value.hint


def test_endless_bits(tmp_path: Path) -> None:
    """A number that no scan writes is damage, and no proof."""
    keep_watch(tmp_path, WATCH)
    path = tmp_path / EVIDENCE_FILE
    path.write_text(path.read_text().replace("4.25", "1e308"))
    with pytest.raises(ConfigurationError):
        known_watch(tmp_path)


def test_cannot_be_written(tmp_path: Path) -> None:
    """A state that is gone is an error of output."""
    with pytest.raises(OutputError):
        keep_watch(tmp_path / "gone", WATCH)
