"""The screen of a scan: golden at three widths, arithmetic checked on what is printed."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
from tests.report.cases import crowded_case, empty_case, example_case, large_case
from tests.report.golden import golden
from tests.report.hostile import HOSTILE, case_with_text

from cautery.records.case import Case
from cautery.report.screen import Outcome, screen_lines
from cautery.report.style import Style
from cautery.report.text_width import width

OUTCOME = Outcome(
    output_folder="out",
    written=("case.json", "accounts.csv", "campaigns.csv"),
    seconds=5.2,
    peak_bytes=412_000_000,
)
EVERYTHING = replace(OUTCOME, everything=True)
SCALE = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}


def screen(case: Case, columns: int = 100, outcome: Outcome = OUTCOME, **kwargs: bool) -> str:
    """Draw a case."""
    lines = screen_lines(case, Style(width=columns, **kwargs), outcome)
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("columns", [80, 100, 140])
@pytest.mark.parametrize(
    ("name", "case"),
    [("example", example_case()), ("empty", empty_case()), ("crowded", crowded_case())],
)
def test_golden(name: str, case: Case, columns: int) -> None:
    """The screen of a known case is what it was, at each width."""
    text = screen(case, columns)
    assert text == golden(f"screen-{name}-{columns}.txt", text)


def test_golden_of_everything() -> None:
    """With --all the screen has all rows, details and reasons."""
    text = screen(example_case(), 100, EVERYTHING)
    assert text == golden("screen-example-all-100.txt", text)


def test_golden_of_a_plain_terminal() -> None:
    """A terminal that knows ASCII only shows the same facts."""
    text = screen(example_case(), 80, unicode=False)
    assert text.isascii()
    assert text == golden("screen-example-ascii-80.txt", text)


@pytest.mark.parametrize("columns", [60, 80, 100, 140])
@pytest.mark.parametrize("outcome", [OUTCOME, EVERYTHING])
@pytest.mark.parametrize(
    "case",
    [example_case(), empty_case(), crowded_case(), *(case_with_text(text) for text in HOSTILE)],
)
def test_no_line_is_wider_than_the_terminal(case: Case, outcome: Outcome, columns: int) -> None:
    """Nothing wraps into noise, whatever stands in the log."""
    wide = [line for line in screen(case, columns, outcome).splitlines() if width(line) > columns]
    assert wide == []


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("outcome", [OUTCOME, EVERYTHING])
def test_hostile_texts_are_inert(text: str, outcome: Outcome) -> None:
    """The screen has printable characters and line feeds only, and markup is never interpreted."""
    shown = screen(case_with_text(text), outcome=outcome)
    assert shown.replace("\n", "").isprintable()


def test_markup_stays_as_it_is() -> None:
    """Square brackets in a name are letters."""
    assert "[bold red]markup[/bold red]" in screen(case_with_text("[bold red]markup[/bold red]"))


def test_colour_changes_nothing_else() -> None:
    """Without its escape sequences a coloured screen is the plain one."""
    coloured = screen(example_case(), colour=True)
    assert re.sub(r"\x1b\[[0-9]*m", "", coloured) == screen(example_case())


def table_rows(text: str) -> list[list[str]]:
    """Give the number cells of the table of campaigns: accounts, exchanges, tokens."""
    pattern = r"(?:very likely|likely|watch) +\d+ +([\d,]+) +([\d,]+) +([\d,.]+ ?[kMG]?)\b"
    rest = r"^ +\d+ more +([\d,]+) +([\d,]+) +([\d,.]+ ?[kMG]?)\b"
    return [list(found) for found in re.findall(f"(?m){pattern}", text)] + [
        list(found) for found in re.findall(f"(?m){rest}", text)
    ]


def number(text: str) -> float:
    """Read a printed number back."""
    digits, _, unit = text.strip().partition(" ")
    return float(digits.replace(",", "")) * SCALE[unit]


@pytest.mark.parametrize("columns", [80, 100, 140])
@pytest.mark.parametrize("outcome", [OUTCOME, EVERYTHING])
@pytest.mark.parametrize("case", [example_case(), crowded_case(), crowded_case(200)])
def test_table_adds_up_to_the_headline(case: Case, outcome: Outcome, columns: int) -> None:
    """Accounts, exchanges and tokens of the printed rows make the printed totals."""
    text = screen(case, columns, outcome)
    joined = re.sub(r"\n +", " ", text)
    headline = re.search(
        r"found: ([\d,]+) accounts \([^)]*\), ([\d,]+) exchanges \([^)]*\), "
        r"([\d,.]+(?: [kMG])?) output tokens",
        joined,
    )
    assert headline is not None
    for place, total in enumerate(headline.groups()):
        rows = [number(row[place]) for row in table_rows(text)]
        assert sum(rows) == pytest.approx(number(total), abs=1e-6)


def waterfalls(text: str) -> list[tuple[list[float], float, str]]:
    """Give each printed waterfall: its bits, its sum, and the chance below it."""
    found = []
    bits: list[float] = []
    for line in text.splitlines():
        if re.match(r"  why\b.* bits$", line):
            bits = []
        elif (more := re.search(r"more \(net ([+-][\d.]+)\)", line)) is not None:
            bits.append(float(more[1]))
        elif (row := re.match(r"   .*[^m] +([+-]\d+\.\d)$", line)) and " sum " not in line:
            bits.append(float(row[1]))
        if (total := re.search(r" sum +([+-][\d.]+)$", line)) is not None:
            found.append((bits, float(total[1]), ""))
        if (said := re.match(r"  chance ([<>]? ?[\d.]+ %)", line)) is not None:
            found[-1] = (*found[-1][:2], said[1])
    return found


@pytest.mark.parametrize("columns", [80, 100, 140])
@pytest.mark.parametrize("outcome", [OUTCOME, EVERYTHING])
@pytest.mark.parametrize("case", [example_case(), crowded_case()])
def test_bits_add_up_and_make_the_chance(case: Case, outcome: Outcome, columns: int) -> None:
    """Whoever adds the printed bits by hand gets the printed sum and the printed chance."""
    printed = waterfalls(screen(case, columns, outcome))
    assert len(printed) >= 3
    for bits, total, chance in printed:
        assert len(bits) >= 7
        assert round(sum(bits), 1) == total
        assert chance == f"{100 / (1 + 2**-total):.2f} %"


def test_nothing_found_is_never_blank() -> None:
    """The screen says so, names the strongest group and why it is not listed."""
    text = re.sub(r"\n +", " ", screen(empty_case(), 140))
    assert "No campaigns at or above `watch`. Strongest group: score 31 (evaluation vendor" in text
    assert "absent is not clean" in text


def test_nothing_looked_at_is_never_blank() -> None:
    """Even without a group the screen says what that means."""
    text = screen(replace(empty_case(), near_misses=()), 140)
    assert "No group of accounts was strong enough to be judged." in text


def test_24000_accounts_are_drawn_at_once() -> None:
    """The screen does not grow with the members: it takes processor time of well under a second."""
    case = large_case()
    started = time.process_time()
    lines = screen(case).splitlines()
    assert time.process_time() - started < 1
    assert len(lines) < 100


def test_written_files_and_next_step() -> None:
    """The end says what was written, how long it took, and what to do next."""
    text = screen(example_case())
    assert "wrote out: case.json accounts.csv campaigns.csv" in text
    assert "total 0:05, 412 MB peak memory" in text
    assert "next: cautery explain ACCOUNT --on out" in text
