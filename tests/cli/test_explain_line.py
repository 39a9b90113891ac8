"""``cautery explain --line`` shows how one line of a log is read."""

from __future__ import annotations

import gzip
import io
import re
from typing import TYPE_CHECKING

import pytest
from tests.report.hostile import HOSTILE

from cautery.cli import main
from cautery.cli.explain_line import PickedLine, pick_line, tree_lines
from cautery.errors import NoInputError, UsageError
from cautery.ingest.line import FieldExplanation, LineExplanation
from cautery.report.style import Style
from cautery.report.text_width import width

if TYPE_CHECKING:
    from pathlib import Path

FIRST = b'{"time_start": "2026-10-01T00:00:00Z", "account_id": "acct_1", "input_tokens": "x"}'
SECOND = b'{"time_start": "2026-10-01T00:00:01Z", "account_id": "acct_2"}'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Write a log with a blank line in it."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(FIRST + b"\n\n" + SECOND + b"\n")
    return path


def nothing() -> io.BytesIO:
    """Stand for an empty standard input."""
    return io.BytesIO()


def test_first_line_and_numbered_lines(log: Path) -> None:
    """A bare file gives its first line; a number counts lines as every message does."""
    assert pick_line(str(log), nothing()).text == FIRST
    picked = pick_line(f"{log}:3", nothing())
    assert (picked.text, picked.name) == (SECOND, f"{log}:3")


def test_compressed_log(tmp_path: Path) -> None:
    """The line is found behind compression too."""
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(FIRST + b"\n" + SECOND))
    assert pick_line(f"{path}:2", nothing()).text == SECOND


def test_standard_input() -> None:
    """A line may come through a pipe."""
    assert pick_line("-", io.BytesIO(SECOND)).text == SECOND


def test_csv_row_brings_its_header(tmp_path: Path) -> None:
    """A row of CSV says nothing without the names of its columns."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"time,account\n1,a\n2,b\n")
    assert pick_line(f"{path}:3", nothing()).text == b"time,account\n2,b"
    assert pick_line(str(path), nothing()).text == b"time,account\n1,a"


def test_a_bad_first_line_is_no_header(tmp_path: Path) -> None:
    """Lines of JSON stay lines of JSON, even if the first one is broken."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"oops\n" + FIRST + b"\n" + SECOND + b"\n")
    assert pick_line(f"{path}:2", nothing()).text == FIRST
    assert pick_line(str(path), nothing()).text == b"oops"


def test_item_of_an_array(tmp_path: Path) -> None:
    """A dump that is one JSON array is picked apart by the lines where its items begin."""
    path = tmp_path / "a.json"
    path.write_bytes(b"[\n" + FIRST + b",\n" + SECOND + b"\n]\n")
    assert pick_line(str(path), nothing()).text == FIRST
    assert pick_line(f"{path}:3", nothing()).text == SECOND


def test_line_far_behind_the_head(tmp_path: Path) -> None:
    """A long log is read on until the line comes."""
    path = tmp_path / "a.jsonl"
    path.write_bytes((FIRST + b"\n") * 3000 + SECOND)
    assert pick_line(f"{path}:3001", nothing()).text == SECOND


@pytest.mark.parametrize("place", ["{}:9", "{}x", "{}x:1"])
def test_no_such_line(log: Path, place: str) -> None:
    """A line or file that is not there is an error that names it."""
    with pytest.raises(NoInputError, match="there is no such"):
        pick_line(place.format(log), nothing())


@pytest.mark.parametrize("place", ["{}", "{}:1"])
def test_a_folder_has_no_lines(tmp_path: Path, place: str) -> None:
    """A folder is called one, and not a file that is missing."""
    with pytest.raises(NoInputError, match="this is a folder"):
        pick_line(place.format(tmp_path), nothing())


def test_parquet_has_no_lines(tmp_path: Path) -> None:
    """Asking for a line of a Parquet file is a wrong call."""
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1....PAR1")
    with pytest.raises(UsageError, match="no lines"):
        pick_line(str(path), nothing())


def test_the_tree(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Fields that were read, that could not be read, and that are missing have their marks."""
    assert main.run(["explain", "--line", str(log)]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"format canonical \(\d+ % sure\)", shown)
    assert re.search(r"✓ account_id +acct_1 from account_id", shown)
    assert re.search(r"✗ input_tokens +x from input_tokens: not a value", shown)
    assert re.search(r"not in this line [^✓✗]*user_agent", shown)


def test_a_line_that_nobody_can_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is an input error, not a traceback."""
    path = tmp_path / "a.log"
    path.write_bytes(b"\x00\xff\x1b[2J nothing to see\n")
    assert main.run(["explain", "--line", str(path)]) == 3
    shown = capsys.readouterr()
    assert shown.err.startswith("error: ")
    assert shown.err.replace("\n", "").isprintable()


@pytest.mark.parametrize("words", [[], ["acct_1", "--line", "a.jsonl"]])
def test_one_thing_at_a_time(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Neither or both is a wrong call."""
    assert main.run(["explain", *words]) == 2
    assert "one at a time" in capsys.readouterr().err


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("rejected", ["", "time not readable"])
@pytest.mark.parametrize("style", [Style(width=80), Style(width=60, unicode=False)])
def test_hostile_lines_are_inert(text: str, rejected: str, style: Style) -> None:
    """Whatever stands in a line, its tree is printable and fits."""
    explanation = LineExplanation(
        format=text,
        confidence=0.9,
        exchanges=1,
        rejected=rejected and text,
        fields=tuple(
            FieldExplanation(
                column=f"column_{state}", value=text, source=text, state=state, reason=text
            )
            for state in ("ok", "missing", "unreadable")
        ),
        notes=(text,),
    )
    lines = list(tree_lines(PickedLine(name=text, text=b""), explanation, style))
    assert all(line.isprintable() and width(line) <= style.width for line in lines)
    assert style.unicode or all(line.isascii() for line in lines)
