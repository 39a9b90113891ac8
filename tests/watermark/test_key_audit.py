"""The list of uses of keys: what was written is what is read, or the change is found."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cautery.errors import MalformedFileError, NoInputError, OutputError
from cautery.watermark.key_audit import FIRST_SEAL, KeyUse, read_uses, write_use

USES = [
    KeyUse(time=datetime(2026, 12, day, tzinfo=UTC), action="verify", epoch="2026-12", keys=day)
    for day in range(1, 6)
]


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    """An audit file with five uses."""
    path = tmp_path / "ring.audit.jsonl"
    for use in USES:
        write_use(path, use)
    return path


def test_uses_are_read_back(audit: Path) -> None:
    """All uses come back in order, with the seal of the last."""
    uses, seal = read_uses(audit)
    assert list(uses) == USES
    assert seal != FIRST_SEAL
    assert write_use(audit, USES[0]) == read_uses(audit)[1]


@pytest.mark.parametrize("line", range(5))
def test_a_changed_line_is_found(audit: Path, line: int) -> None:
    """A number changed in any line is found, and the line is named."""
    lines = audit.read_bytes().splitlines(keepends=True)
    lines[line] = lines[line].replace(b'"keys":', b'"keys":1')
    audit.write_bytes(b"".join(lines))
    with pytest.raises(MalformedFileError, match=f":{line + 1}"):
        read_uses(audit)


def test_a_missing_or_moved_line_is_found(audit: Path) -> None:
    """A line taken out, and two that changed places, are found."""
    lines = audit.read_bytes().splitlines(keepends=True)
    for changed in ([*lines[:2], *lines[3:]], [lines[1], lines[0], *lines[2:]]):
        audit.write_bytes(b"".join(changed))
        with pytest.raises(MalformedFileError):
            read_uses(audit)


def test_a_damaged_end_stops_further_uses(audit: Path) -> None:
    """After a line that was cut off nothing is added: the use is refused."""
    audit.write_bytes(audit.read_bytes()[:-20])
    with pytest.raises(MalformedFileError):
        write_use(audit, USES[0])


def test_where_nothing_can_be_written_nothing_is_used(tmp_path: Path) -> None:
    """An audit that cannot be written refuses the use; one that is not there cannot be checked."""
    with pytest.raises(OutputError):
        write_use(tmp_path / "nowhere" / "audit", USES[0])
    with pytest.raises(NoInputError):
        read_uses(tmp_path / "audit")
