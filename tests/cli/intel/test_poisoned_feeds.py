"""A peer's file that is meant to do harm, through the verb: it is refused whole, and said so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.intel.indicators import NOW

from cautery.cli.main import run
from cautery.intel.formats.csv import MEMBER as CSV
from cautery.intel.indicator_rows import COLUMNS
from cautery.intel.limits import MOST_INDICATORS

STORE = Path("cautery-indicators.sqlite")


def row(number: int, **changes: str) -> str:
    """Write one indicator of an address as CSV."""
    values = {
        "indicator_id": f"indicator--{number:08x}-0000-4000-8000-000000000000",
        "kind": "address",
        "form": "clear",
        "value": f"{1 + number // 65536}.{number // 256 % 256}.{number % 256}.7",
        "confidence": "50",
        "created": "2026-10-01T00:00:00Z",
        "modified": "2026-10-01T00:00:00Z",
        "valid_from": "2026-10-01T00:00:00Z",
        "valid_until": f"{NOW.year + 1}-01-01T00:00:00Z",
        "revoked": "false",
        "tlp": "amber",
        "source": "Lab B",
        "source_id": "identity--00000000-0000-4000-8000-000000000000",
        "accounts": "1",
    } | changes
    return ",".join(values.get(column, "") for column in COLUMNS) + "\n"


def feed(path: Path, count: int) -> None:
    """Write a feed of that many indicators, a thousand at a time."""
    with path.open("w") as stream:
        stream.write(",".join(COLUMNS) + "\n")
        for start in range(0, count, 1_000):
            stream.write("".join(map(row, range(start, min(start + 1_000, count)))))


def taken(path: Path) -> int:
    """Take a file in."""
    return run(["intel", "import", str(path), "--peer", "Lab B"])


@pytest.fixture(autouse=True)
def work_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)


def test_a_million_indicators(capsys: pytest.CaptureFixture[str]) -> None:
    """A feed of a million is not read to its end, and what was there before stays as it was."""
    feed(Path("few.csv"), 3)
    assert CSV.recognises(Path("few.csv").read_bytes())
    assert taken(Path("few.csv")) == 0
    assert "3 new" in capsys.readouterr().err
    before = STORE.read_bytes()
    feed(Path("flood.csv"), 1_000_000)
    assert taken(Path("flood.csv")) == 3
    said = capsys.readouterr().err
    assert "larger than the 67,108,864 bytes that are read. Nothing of it was taken" in said
    assert STORE.read_bytes() == before


def test_as_many_as_fit_and_one_more(capsys: pytest.CaptureFixture[str]) -> None:
    """A smaller flood is read, counted and refused whole; no store is made for it."""
    feed(Path("flood.csv"), MOST_INDICATORS + 1)
    assert taken(Path("flood.csv")) == 3
    assert f"more than the {MOST_INDICATORS:,} indicators" in capsys.readouterr().err
    assert not STORE.exists()


def edited(change: Callable[[list[str]], Any]) -> None:
    """Write a feed of four rows with a change."""
    rows = [row(number) for number in range(4)]
    change(rows)
    Path("feed.csv").write_text(",".join(COLUMNS) + "\n" + "".join(rows))


def test_a_feed_that_contradicts_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """One version of an indicator with two values: neither is taken, nor any other."""
    edited(lambda rows: rows.append(row(1, value="203.0.113.9")))
    assert taken(Path("feed.csv")) == 3
    assert "Nothing of it was taken" in capsys.readouterr().err
    assert not STORE.exists()


def test_a_feed_that_ran_out(capsys: pytest.CaptureFixture[str]) -> None:
    """What is over when it comes is left out and counted; the rest is taken."""
    edited(lambda rows: rows.append(row(9, valid_until="2026-10-02T00:00:00Z")))
    assert taken(Path("feed.csv")) == 0
    assert "5 indicators of Lab B: 4 new, 1 expired" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "\x1b]0;x\x07", "\u202egnp.exe", "a\x00b"])
def test_hostile_strings(capsys: pytest.CaptureFixture[str], text: str) -> None:
    """As a source's name a hostile string is inert on every screen; as a value it is refused."""
    quoted = json.dumps(text, ensure_ascii=False)
    edited(lambda rows: rows.append(row(7, value=quoted)))
    assert taken(Path("feed.csv")) == 3
    edited(lambda rows: rows.append(row(7, source=quoted)))
    code = taken(Path("feed.csv"))
    assert code in {0, 3}
    assert code == 3 or run(["intel", "show"]) == 0
    said = capsys.readouterr()
    shown = (said.out + said.err).replace("\n", "")
    assert shown.isprintable()
    assert "\u202e" not in shown
