"""``cautery calibrate``: decisions in, intervals out, a file only where there is a correction."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.report.cases import example_case

from cautery.cli.calibrate_run import read_calibration, read_decisions, run_calibration
from cautery.cli.main import run
from cautery.errors import CauteryError, ConfigurationError, MalformedFileError, NoInputError
from cautery.records.campaign import band_of
from cautery.records.evidence import Weight
from cautery.report.results import write_results
from cautery.scan.evidence import WEIGHTS_VERSION, chance
from cautery.scan.local_calibration import FEWEST_DECISIONS, SIGNAL

COUNT = 30
BITS = 4.0
HEADER = "case,campaign_id,decision\n"
Decide = Callable[[Sequence[bool]], Path]


def write_case(folder: Path, *, version: str = WEIGHTS_VERSION, earlier: float = 0.0) -> None:
    """Write a case of ``COUNT`` campaigns of ``BITS`` each, and what an earlier file gave them."""
    case = example_case()
    row = Weight(signal=SIGNAL, label="x", aspect="distillation", family="context", bits=earlier)
    chances = chance(BITS + earlier)
    campaigns = tuple(
        replace(
            case.campaigns[0],
            campaign_id=f"C-2026-{place + 1:04d}",
            bits=BITS + earlier,
            probability=chances,
            score=round(100 * chances),
            band=band_of(chances),
            weights=(*case.campaigns[0].weights, *([row] if earlier else [])),
        )
        for place in range(COUNT)
    )
    folder.mkdir(parents=True)
    write_results(
        replace(case, campaigns=campaigns, tool=replace(case.tool, weights_version=version)),
        folder,
    )


@pytest.fixture(name="decide")
def _decide(tmp_path: Path) -> Decide:
    write_case(tmp_path / "out")

    def decide(confirmed: Sequence[bool]) -> Path:
        path = tmp_path / "decisions.csv"
        lines = [
            f"out,C-2026-{place + 1:04d},{'confirmed' if yes else 'dismissed'}\n"
            for place, yes in enumerate(confirmed)
        ]
        path.write_text(HEADER + "".join(lines), encoding="utf-8")
        return path

    return decide


def test_claimed_and_confirmed_are_shown_before_anything_is_written(
    decide: Decide, tmp_path: Path
) -> None:
    """The table has the claimed share, the confirmed one and its interval; no file without -o."""
    before = sorted(tmp_path.iterdir())
    lines = run_calibration(decide([place % 2 == 0 for place in range(COUNT)]), None)
    likely = next(line for line in lines if line.startswith("likely"))
    assert "0.941" in likely
    assert "0.500 (0.3" in likely
    assert any(line.startswith("correction") for line in lines)
    assert any("would go from likely to" in line for line in lines)
    assert sorted(tmp_path.iterdir()) == sorted([*before, tmp_path / "decisions.csv"])


def test_a_correction_is_written_and_read(decide: Decide, tmp_path: Path) -> None:
    """Half of what was claimed at 94 % was dismissed: some bits off, for these weights only."""
    path = tmp_path / "calibration.json"
    run_calibration(decide([place % 2 == 0 for place in range(COUNT)]), path)
    found = read_calibration(path, WEIGHTS_VERSION)
    assert found.low_bits <= found.offset_bits <= found.high_bits < 0
    assert (found.confirmed, found.dismissed) == (COUNT / 2, COUNT / 2)
    with pytest.raises(ConfigurationError, match="is for weights"):
        read_calibration(path, "1999.1")


def test_what_is_right_is_left_alone(decide: Decide, tmp_path: Path) -> None:
    """Where 28 of 30 were confirmed that claimed 94 %, nothing is written."""
    path = tmp_path / "calibration.json"
    lines = run_calibration(decide([place >= 2 for place in range(COUNT)]), path)
    assert "nothing to correct: the interval holds zero" in lines
    assert not path.exists()


def test_few_decisions_teach_nothing(decide: Decide, tmp_path: Path) -> None:
    """Below the smallest number the shares are shown and nothing is learned."""
    path = tmp_path / "calibration.json"
    lines = run_calibration(decide([False] * (FEWEST_DECISIONS - 1)), path)
    assert lines[-1].startswith("nothing learned")
    assert not path.exists()


def test_an_earlier_correction_is_not_learned_twice(tmp_path: Path) -> None:
    """Cases that were corrected already count with their bits before it."""
    write_case(tmp_path / "out", earlier=-1.5)
    path = tmp_path / "decisions.csv"
    path.write_text(HEADER + "out,C-2026-0001,confirmed\n", encoding="utf-8")
    (decided,), version = read_decisions(path)
    assert decided.claimed_bits == BITS
    assert version == WEIGHTS_VERSION


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        (HEADER, NoInputError, "there is no decision"),
        ("case,campaign_id\n", MalformedFileError, "lacks the column decision"),
        (HEADER + "out,C-1999-0001,confirmed\n", MalformedFileError, "no campaign 'C-1999-0001'"),
        (HEADER + "out,C-2026-0001,perhaps\n", MalformedFileError, "'perhaps' is no decision"),
        (HEADER + "out,C-2026-0001,confirmed\n" * 2, MalformedFileError, "decided before"),
        (HEADER + "nowhere,C-2026-0001,confirmed\n", NoInputError, "nowhere"),
        (HEADER + 'out,"C-2026', MalformedFileError, "unexpected end"),
        (HEADER + "out\n", MalformedFileError, "no campaign ''"),
    ],
)
def test_wrong_decisions(
    decide: Decide, tmp_path: Path, text: str, kind: type[CauteryError], message: str
) -> None:
    """A wrong line is named with what is wrong."""
    path = tmp_path / "wrong.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(kind) as raised:
        read_decisions(path)
    assert message in f"{raised.value} {raised.value.where}"


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A file that is not UTF-8, or not there, is refused."""
    path = tmp_path / "wrong.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MalformedFileError):
        read_decisions(path)
    with pytest.raises(NoInputError):
        read_decisions(tmp_path / "missing.csv")


def test_cases_of_two_versions(tmp_path: Path) -> None:
    """Chances of different weights are not learned from together."""
    write_case(tmp_path / "a")
    write_case(tmp_path / "b", version="1999.1")
    path = tmp_path / "decisions.csv"
    path.write_text(f"{HEADER}a,C-2026-0001,confirmed\nb,C-2026-0001,confirmed\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="several versions"):
        read_decisions(path)


@pytest.mark.parametrize("offset", [None, "wide", 1e9, float("nan")])
def test_damaged_calibrations(decide: Decide, tmp_path: Path, offset: object) -> None:
    """A calibration that was tampered with is refused, not obeyed."""
    path = tmp_path / "calibration.json"
    run_calibration(decide([False] * COUNT), path)
    document = json.loads(path.read_text("utf-8"))
    document["offset_bits"] = offset
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ConfigurationError):
        read_calibration(path, WEIGHTS_VERSION)
    with pytest.raises(NoInputError):
        read_calibration(tmp_path / "missing.json", WEIGHTS_VERSION)


def test_through_the_command_line(
    decide: Decide, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verb prints the table and writes the file; a wrong file has exit code 3."""
    path = decide([False] * COUNT)
    output = tmp_path / "calibration.json"
    assert run(["calibrate", str(path), "-o", str(output)]) == 0
    assert "correction" in capsys.readouterr().out
    assert output.is_file()
    assert run(["calibrate", str(tmp_path / "missing.csv")]) == 3
