"""``cautery demo``: the folders it may touch, the score it prints, and a whole run."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.report.golden import golden
from tests.report.page.pages import outline_of

from cautery.cli.demo_run import next_lines, prepare_folders, run_demo, scoreboard_lines
from cautery.cli.demo_traffic import TIERS
from cautery.cli.main import run
from cautery.errors import OutputError, UsageError
from cautery.simulate.score import score_accounts
from cautery.simulate.score_tables import ScannedAccount, TrueAccount

PEAK_BYTES = 600_000_000
"""What the README promises for a machine with little memory."""


def true_account(name: str, kind: str, campaign: str = "") -> TrueAccount:
    """Make one account of the truth."""
    return TrueAccount(
        account_id=name,
        attacker=bool(campaign),
        campaign_id=campaign,
        operator_id=campaign and f"{campaign}-operator",
        account_class=kind,
    )


def scanned_account(name: str, probability: float, campaign: str = "") -> ScannedAccount:
    """Make one account of a result."""
    return ScannedAccount(
        account_id=name,
        campaign_id=campaign,
        operator_id=campaign and "O-1",
        probability=probability,
        band="likely" if probability >= 0.9 else "",
    )


def test_new_folder_is_made(tmp_path: Path) -> None:
    """A demo makes its folders."""
    folders = prepare_folders(tmp_path / "a" / "b")
    assert folders.truth.is_dir()


def test_earlier_demo_is_replaced(tmp_path: Path) -> None:
    """Nothing of an earlier demo is left to be mixed with the new one."""
    folders = prepare_folders(tmp_path)
    (folders.traffic / "exchanges-old.parquet").write_bytes(b"old")
    prepare_folders(tmp_path)
    assert not (folders.traffic / "exchanges-old.parquet").exists()


def test_other_peoples_files_are_left_alone(tmp_path: Path) -> None:
    """A folder that holds anything else is refused, and nothing in it is touched."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="no demo wrote"):
        prepare_folders(tmp_path)
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"


def test_too_few_accounts_is_a_usage_error(tmp_path: Path) -> None:
    """A demo too small to hold every class of honest accounts says so before it starts."""
    with pytest.raises(UsageError, match="too few"):
        run_demo(
            tmp_path / "demo",
            seed=1,
            accounts=10,
            silent=True,
            stdout=io.StringIO(),
            stderr=io.StringIO(),
        )
    assert not (tmp_path / "demo").exists()


def test_scoreboard_counts_finds_and_false_accusations() -> None:
    """The scoreboard says what was found, who was accused wrongly, and in which class."""
    true = [
        true_account("a", "loud", "c1"),
        true_account("b", "loud", "c1"),
        true_account("c", "enterprise_nat"),
        true_account("d", "university_class"),
        true_account("e", "ordinary"),
    ]
    scanned = [
        scanned_account("a", 0.99, "C-1"),
        scanned_account("b", 0.2),
        scanned_account("c", 0.95, "C-1"),
        scanned_account("d", 0.1),
        scanned_account("e", 0.0),
    ]
    board = score_accounts({a.account_id: a for a in true}, {a.account_id: a for a in scanned})
    lines = [" ".join(line.split()) for line in scoreboard_lines(board)]
    assert "accounts found 1 of 2" in lines
    assert "honest accused 1 of 3" in lines
    assert "look-alikes passed 1 of 2 classes" in lines
    assert "enterprise nat 1 accounts 1 accused" in lines
    assert "university class 1 accounts passed" in lines


def test_next_steps_name_the_results(tmp_path: Path) -> None:
    """What to do next is a command that can be pasted."""
    folders = prepare_folders(tmp_path)
    assert f"cautery explain ACCOUNT --on {folders.results}" in "\n".join(next_lines(folders))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Run a whole demo once; return its folder and what it printed."""
    folder = tmp_path_factory.mktemp("demo") / "cautery-demo"
    program = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "from cautery.cli.main import run\n"
        "code = run(['demo', '--no-progress', '--output', sys.argv[1]])\n"
        # Not getrusage: it keeps the peak of the process that this one was forked from.
        "status = Path('/proc/self/status').read_text()\n"
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', status)[1]) * 1024, file=sys.stderr)\n"
        "sys.exit(code)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(folder)], check=True, capture_output=True, text=True
    )
    (folder.parent / "peak").write_text(result.stderr.splitlines()[-1])
    return folder, result.stdout


@pytest.mark.slow
def test_demo_finds_what_was_planted(finished: tuple[Path, str]) -> None:
    """The demo finds every planted campaign, and accuses at most two honest accounts."""
    lines = [" ".join(line.split()) for line in finished[1].splitlines()]
    campaigns = next(line.split() for line in lines if line.startswith("campaigns found"))
    assert campaigns[2] == campaigns[4]
    accused = next(line.split() for line in lines if line.startswith("honest accused"))
    assert int(accused[2]) <= 2


@pytest.mark.slow
def test_demo_plants_every_tier(finished: tuple[Path, str]) -> None:
    """Each tier stands in the truth under its own campaigns, and no account stands there twice."""
    with (finished[0] / "traffic" / "truth" / "accounts.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len({row["account_id"] for row in rows}) == len(rows)
    campaigns = {row["campaign_id"] for row in rows if row["attacker"] == "1"}
    assert {name.partition("-")[0] for name in campaigns} == {tier for tier, _ in TIERS}


@pytest.mark.slow
def test_scan_verb_gives_the_same_case(finished: tuple[Path, str], tmp_path: Path) -> None:
    """The demo's result is that of ``cautery scan`` on the demo's files, byte for byte."""
    traffic = finished[0] / "traffic"
    logs = sorted(str(path) for path in traffic.glob("exchanges*"))
    tables = ["--accounts", str(traffic / "accounts.csv"), "--releases"]
    tables.append(str(traffic / "releases.csv"))
    assert run(["scan", *logs, *tables, "-o", str(tmp_path / "out"), "--no-progress"]) == 0
    for name in ("case.json", "accounts.csv", "campaigns.csv", "report.html"):
        assert (tmp_path / "out" / name).read_bytes() == (finished[0] / "out" / name).read_bytes()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kilobytes on Linux only")
def test_demo_fits_in_little_memory(finished: tuple[Path, str]) -> None:
    """The whole demo, generator included, stays below 600 MB."""
    assert int((finished[0].parent / "peak").read_text()) < PEAK_BYTES


@pytest.mark.slow
def test_structure_of_the_report(finished: tuple[Path, str]) -> None:
    """The demo's page has the elements that it had, and marks the release that fell into it."""
    page = (finished[0] / "out" / "report.html").read_text(encoding="utf-8")
    outline = outline_of(page)
    assert outline == golden("page-demo.txt", outline)
    assert "line class=release" in outline


@pytest.mark.slow
def test_case_of_the_demo_is_a_case(finished: tuple[Path, str]) -> None:
    """The demo writes a case that names its schema."""
    case = json.loads((finished[0] / "out" / "case.json").read_text(encoding="utf-8"))
    assert case["schema"] == "cautery.case/1"
