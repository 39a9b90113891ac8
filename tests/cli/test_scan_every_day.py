"""``cautery scan --incremental`` on the command line: day after day, and when it is stopped."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.ingest.reading import exchanges, lines_of
from tests.report.campaigns import member
from tests.report.cases import example_case

from cautery.cli import main
from cautery.cli.scan_request import ScanRequest
from cautery.cli.scan_rooms import Rooms
from cautery.cli.scan_run import run_scan
from cautery.errors import ConfigurationError
from cautery.ingest.options import IngestOptions
from cautery.ingest.table import ExchangeTable

if TYPE_CHECKING:
    from cautery.records.case import Case

EXAMPLE = example_case()


def case_of(*groups: str) -> Case:
    """A case with one campaign a group, named by rank; each letter is an account."""
    campaigns = tuple(
        replace(
            EXAMPLE.campaigns[0],
            campaign_id=f"C-2026-{rank:04d}",
            operator_id=f"O-{rank:04d}",
            members=tuple(member(account) for account in accounts),
        )
        for rank, accounts in enumerate(groups, 1)
    )
    return replace(EXAMPLE, campaigns=campaigns, permitted_groups=(), operators=(), accounts=())


class FakeRooms:
    """Rooms that answer with a known case, or are stopped, and count the readings."""

    def __init__(self, case: Case, *, stopped: bool = False) -> None:
        self.case = case
        self.stopped = stopped
        self.readings = 0

    def read_logs(self, options: IngestOptions, work: Path, progress: object) -> ExchangeTable:
        self.readings += 1
        if self.stopped:
            raise KeyboardInterrupt
        return ExchangeTable(
            parts=(),
            files=(),
            rows=10,
            rejected=0,
            rejected_path=None,
            coverage=(),
            switched_off=frozenset(),
            notes=(),
        )

    def rooms(self) -> Rooms:
        return Rooms(
            read_logs=self.read_logs,
            read_account_table=lambda _path: None,
            read_release_table=lambda _path: None,
            scan=lambda *_words: self.case,
        )


def run(folder: Path, fake: FakeRooms, *, kept: bool = True) -> tuple[int, str]:
    """Scan with a state; the exit code and what stands on standard error."""
    request = ScanRequest(
        options=IngestOptions(logs=("a.jsonl",)),
        output_folder=folder / "out",
        state_folder=folder / "state" if kept else None,
    )
    messages = io.StringIO()
    (folder / "state").mkdir(exist_ok=True)
    return int(run_scan(request, io.StringIO(), messages, fake.rooms())), messages.getvalue()


def written(folder: Path) -> dict[str, str]:
    """Accounts by name of the campaign, as ``case.json`` has them."""
    case = json.loads((folder / "out" / "case.json").read_bytes())
    return {
        campaign["campaign_id"]: "".join(one["account_id"] for one in campaign["members"])
        for campaign in case["campaigns"]
    }


def test_campaigns_keep_their_names_on_disk(tmp_path: Path) -> None:
    """The case that is written has the names of the scan before, and the note of a merge."""
    run(tmp_path, FakeRooms(case_of("abcd", "efgh", "kl")))
    run(tmp_path, FakeRooms(case_of("efghkl", "abcd")))
    assert written(tmp_path) == {"C-2026-0002": "efghkl", "C-2026-0001": "abcd"}
    notes = json.loads((tmp_path / "out" / "case.json").read_bytes())["notes"]
    assert notes[-1] == "note: C-2026-0003 is part of C-2026-0002 now."


def test_without_a_state_names_are_ranks(tmp_path: Path) -> None:
    """A scan that keeps nothing knows nothing of the scan before."""
    for groups in (("abcd", "efgh"), ("efgh", "abcd")):
        run(tmp_path, FakeRooms(case_of(*groups)), kept=False)
    assert written(tmp_path) == {"C-2026-0001": "efgh", "C-2026-0002": "abcd"}
    assert list((tmp_path / "state").iterdir()) == []


def test_names_may_be_taken_along(tmp_path: Path) -> None:
    """Names of an old state, copied into a new folder, go on there."""
    run(tmp_path, FakeRooms(case_of("abcd", "efgh")))
    new = tmp_path / "new"
    (new / "state").mkdir(parents=True)
    (tmp_path / "state" / "names.json").rename(new / "state" / "names.json")
    run(new, FakeRooms(case_of("efgh", "klmn")))
    assert written(new) == {"C-2026-0002": "efgh", "C-2026-0003": "klmn"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"schema": "cautery.names/2", "campaigns": {}, "listed": [], "operators": {}}',
        b'{"schema": "cautery.names/1", "campaigns": {}, "listed": []}',
        b'{"schema": "cautery.names/1", "campaigns": [], "listed": [], "operators": {}}',
        b'{"schema": "cautery.names/1", "campaigns": {}, "listed": [[]], "operators": {}}',
        b'{"schema": "cautery.names/1", "campaigns": {"C-1": 7}, "listed": [], "operators": {}}',
    ],
)
def test_damaged_names_are_refused_before_any_work(tmp_path: Path, content: bytes) -> None:
    """Names that cannot be read are noticed before an hour of reading, and stay as they are."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "names.json").write_bytes(content)
    fake = FakeRooms(case_of("abcd"))
    with pytest.raises(ConfigurationError, match=r"names\.json: is damaged") as caught:
        run(tmp_path, fake)
    assert caught.value.hint == "Remove it: campaigns are then numbered anew."
    assert fake.readings == 0
    assert (tmp_path / "state" / "names.json").read_bytes() == content


def test_names_are_kept_once_the_results_are_written(tmp_path: Path) -> None:
    """A scan whose results cannot be written gives no names that nobody has seen."""
    (tmp_path / "out" / "case.json").mkdir(parents=True)
    with pytest.raises(Exception, match=r"case\.json"):
        run(tmp_path, FakeRooms(case_of("abcd")))
    assert not (tmp_path / "state" / "names.json").exists()


@pytest.mark.parametrize("kept", [True, False])
def test_words_of_an_interrupted_scan(tmp_path: Path, kept: bool) -> None:
    """Whoever stops a scan is told that nothing was written, and what a state has kept."""
    code, messages = run(tmp_path, FakeRooms(EXAMPLE, stopped=True), kept=kept)
    assert code == 130
    lines = messages.splitlines()
    assert f"interrupted: no result was written to {tmp_path / 'out'}" in lines
    goes_on = (
        f"logs that were read to their end are kept in {tmp_path / 'state'}; "
        "the same command goes on"
    )
    assert (lines[-1] == goes_on) is kept


def scan(folder: Path, name: str, *words: str) -> Any:
    """Scan a folder of logs with the real rooms; the case without its campaigns' names."""
    out = folder / name
    assert main.run(["scan", str(folder / "logs"), "-o", str(out), "--no-progress", *words]) == 0
    return json.loads((out / "case.json").read_bytes())


def test_day_after_day_with_the_real_rooms(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each day's case, with a bad line in it, is that of a scan of all logs up to that day."""
    (tmp_path / "logs").mkdir()
    words = ("--max-bad", "5%", "--incremental", str(tmp_path / "state"))
    for day in range(3):
        log = tmp_path / "logs" / f"day-{day}.jsonl"
        log.write_bytes(lines_of(exchanges(120, 3000 * day)) + b"nonsense\n")
        found = scan(tmp_path, "out", *words)
        assert found == scan(tmp_path, "batch", "--max-bad", "5%")
        assert len(found["input"]["files"]) == day + 1
    for name in ("case.json", "accounts.csv", "campaigns.csv", "report.html", "rejected.jsonl"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "batch" / name).read_bytes()
    capsys.readouterr()


def test_days_that_are_too_old(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The scan that lets logs go says how many, and its case is that of the others."""
    (tmp_path / "logs").mkdir()
    for day in range(1, 4):
        rows = lines_of(exchanges(60)).replace(b"2026-10-01T", b"2026-10-%02dT" % day)
        (tmp_path / "logs" / f"day-{day}.jsonl").write_bytes(rows)
    words = ["scan", str(tmp_path / "logs"), "-o", str(tmp_path / "out")]
    words += ["--incremental", str(tmp_path / "state"), "--keep-days", "1"]
    assert main.run(words) == 0
    assert "3 new logs, 0 known, 1 dropped, 120 exchanges" in capsys.readouterr().err
    case = json.loads((tmp_path / "out" / "case.json").read_bytes())
    assert case["input"]["from_time"].startswith("2026-10-02")
    assert case["settings"]["options"] == [{"option": "--keep-days", "value": "1"}]


def test_errors_of_the_state_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What does not go together is a usage error, another way of reading one of configuration."""
    log = tmp_path / "a.jsonl"
    log.write_bytes(lines_of(exchanges(30)))
    words = ["scan", str(log), "-o", str(tmp_path / "out"), "--no-progress"]
    words += ["--incremental", str(tmp_path / "state")]
    assert main.run([*words, "--since", "2026-10-01"]) == 2
    assert "--since and --until do not go with --incremental" in capsys.readouterr().err
    assert main.run([*words, "-"]) == 2
    assert "standard input cannot be read incrementally" in capsys.readouterr().err
    assert main.run([*words, "--keep-days", "0"]) == 2
    assert "--keep-days: 0 is no number of days to keep" in capsys.readouterr().err
    assert main.run([*words[:-2], "--keep-days", "7"]) == 2
    assert "--keep-days: only --incremental keeps days" in capsys.readouterr().err
    assert main.run(words) == 0
    capsys.readouterr()
    assert main.run([*words, "--tz", "Europe/Berlin"]) == 3
    assert "other options: time_zone. Give the same options" in capsys.readouterr().err
