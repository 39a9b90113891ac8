"""``cautery list``."""

from __future__ import annotations

import pytest

from cautery.cli.main import run
from cautery.registry import SHELVES


@pytest.mark.parametrize("kind", [shelf.kind for shelf in SHELVES])
def test_one_shelf_lists_its_members(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each shelf prints one line a member: its name and what it is."""
    assert run(["list", kind]) == 0
    lines = capsys.readouterr().out.splitlines()
    shelf = next(shelf for shelf in SHELVES if shelf.kind == kind)
    assert [line.split()[0] for line in lines] == list(shelf.names())


def test_without_a_shelf_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a shelf every shelf is printed under its name."""
    assert run(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line and not line.startswith(" ")] == [
        shelf.kind for shelf in SHELVES
    ]


def test_unknown_shelf_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A shelf that is not there leaves with 2."""
    assert run(["list", "shoes"]) == 2
    assert "shoes" in capsys.readouterr().err
