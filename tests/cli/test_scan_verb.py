"""``cautery scan`` wires the rooms, leaves nothing half done, and exits as promised."""

from __future__ import annotations

import io
import json
import os
import signal
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from tests.report.cases import empty_case, example_case

from cautery.cli import main, scan_run
from cautery.cli.scan_request import ScanRequest
from cautery.cli.scan_rooms import Rooms
from cautery.cli.scan_run import run_scan
from cautery.errors import InputError, NoInputError, OutputError, UsageError
from cautery.ingest.options import IngestOptions
from cautery.ingest.period import Period
from cautery.ingest.table import ExchangeTable, RejectedShareError
from cautery.scan.needs import SCAN_COLUMNS

if TYPE_CHECKING:
    from cautery.records.case import Case
    from cautery.records.progress import Progress


def table_of(rows: int = 10, rejected: Path | None = None) -> ExchangeTable:
    """Make an exchange table that nobody reads."""
    return ExchangeTable(
        parts=(),
        files=(),
        rows=rows,
        rejected=0,
        rejected_path=rejected,
        coverage=(),
        switched_off=frozenset(),
        notes=(),
    )


@dataclass
class FakeRooms:
    """Rooms that note how they were called and answer with a known case."""

    case: Case = field(default_factory=example_case)
    fault: BaseException | None = None
    rejects: bool = False
    too_many: bool = False
    rows: int = 10
    work: Path | None = None
    calls: list[Any] = field(default_factory=list)

    def read_logs(self, options: IngestOptions, work: Path, progress: Progress) -> ExchangeTable:
        self.work = work
        (work / "part-0.parquet").write_bytes(b"rows")
        progress.start("reading", 100, "bytes")
        progress.advance(60)
        progress.finish("120,000 lines\x1b[2J")
        rejected = work / "rejected.jsonl" if self.rejects or self.too_many else None
        if rejected is not None:
            rejected.write_text('{"file": "a", "line": 1, "reason": "not JSON"}\n')
        table = table_of(self.rows, rejected)
        self.calls.append(options)
        if self.too_many:
            raise RejectedShareError("2 of 3 lines rejected", where="a.jsonl", table=table)
        return table

    def scan(
        self, table: ExchangeTable, accounts: Any, releases: Any, choices: Any, progress: Progress
    ) -> Case:
        self.calls.append((table.rows, accounts, releases, choices.seed))
        progress.start("linking", None, "links")
        if self.fault is not None:
            raise self.fault
        progress.finish("7,912 links")
        return self.case

    def rooms(self) -> Rooms:
        return Rooms(
            read_logs=self.read_logs,
            read_account_table=lambda path: ("accounts", path.name),
            read_release_table=lambda path: ("releases", path.name),
            scan=self.scan,
        )


def request_for(folder: Path, **changes: Any) -> ScanRequest:
    """Ask for a scan of a log that the fake rooms pretend to read."""
    plain = ScanRequest(options=IngestOptions(logs=("a.jsonl",)), output_folder=folder / "out")
    return replace(plain, **changes)


def run(request: ScanRequest, fake: FakeRooms) -> tuple[int, str, str]:
    """Run a scan and give its exit code, standard output and standard error."""
    output, messages = io.StringIO(), io.StringIO()
    code = run_scan(request, output, messages, fake.rooms())
    return int(code), output.getvalue(), messages.getvalue()


def test_screen_on_output_and_progress_on_error(tmp_path: Path) -> None:
    """People read the screen on standard output; standard error has one line a phase."""
    code, output, messages = run(request_for(tmp_path), FakeRooms())
    assert code == 0
    assert "3 campaigns found: 485 accounts" in output
    assert "peak memory" in output
    assert [line.split(":")[0] for line in messages.splitlines()] == ["reading", "linking"]
    assert "\x1b" not in messages
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "accounts.csv",
        "campaigns.csv",
        "campaigns.stix.json",
        "case.json",
        "report.html",
    ]


def test_json_on_output_and_screen_on_error(tmp_path: Path) -> None:
    """A program gets the very document of the file, and people still get the screen."""
    code, output, messages = run(request_for(tmp_path, machine_output=True), FakeRooms())
    assert code == 0
    assert output == (tmp_path / "out" / "case.json").read_text(encoding="utf-8")
    assert json.loads(output)["schema"] == "cautery.case/1"
    assert "3 campaigns found" in messages


def test_tables_and_seed_reach_the_scan(tmp_path: Path) -> None:
    """Account table, release table and seed are passed on."""
    for name in ("billing.csv", "models.csv"):
        (tmp_path / name).write_text("x\n")
    fake = FakeRooms()
    request = request_for(
        tmp_path,
        account_table=tmp_path / "billing.csv",
        release_table=tmp_path / "models.csv",
        seed=7,
    )
    run(request, fake)
    assert fake.calls[1] == (10, ("accounts", "billing.csv"), ("releases", "models.csv"), 7)


@pytest.mark.parametrize(
    ("band", "case", "code"),
    [
        (None, example_case(), 0),
        ("very likely", example_case(), 1),
        ("watch", example_case(), 1),
        ("watch", empty_case(), 0),
        ("very likely", replace(example_case(), campaigns=example_case().campaigns[2:]), 0),
        ("likely", replace(example_case(), campaigns=example_case().campaigns[2:]), 1),
    ],
)
def test_fail_on(tmp_path: Path, band: Any, case: Case, code: int) -> None:
    """Findings in the band or above give 1, anything less 0."""
    assert run(request_for(tmp_path, fail_on=band), FakeRooms(case=case))[0] == code


def test_rejected_lines_stand_beside_the_results(tmp_path: Path) -> None:
    """They are kept if there are any, named on the screen, and those of an earlier scan go."""
    _, output, _ = run(request_for(tmp_path), FakeRooms(rejects=True))
    assert "rejected.jsonl" in output
    assert (tmp_path / "out" / "rejected.jsonl").read_text().startswith('{"file"')
    _, output, _ = run(request_for(tmp_path), FakeRooms())
    assert "rejected.jsonl" not in output
    assert not (tmp_path / "out" / "rejected.jsonl").exists()


def test_too_many_rejected_lines(tmp_path: Path) -> None:
    """The good lines are scanned all the same, the error is told, and the exit is 4."""
    code, output, messages = run(request_for(tmp_path), FakeRooms(too_many=True))
    assert code == 4
    assert "3 campaigns found" in output
    assert "error: a.jsonl: 2 of 3 lines rejected" in messages
    assert (tmp_path / "out" / "rejected.jsonl").exists()


def test_nothing_but_rejected_lines(tmp_path: Path) -> None:
    """Where not one line could be read there is nothing to scan; the lines are kept."""
    with pytest.raises(RejectedShareError):
        run(request_for(tmp_path), FakeRooms(too_many=True, rows=0))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["rejected.jsonl"]


@pytest.mark.parametrize("fault", [InputError("broken"), OSError(5, "I/O error"), MemoryError()])
def test_no_scrap_is_left_after_an_error(tmp_path: Path, fault: BaseException) -> None:
    """Whatever happens, the intermediate files go, and a folder that was made for them too."""
    fake = FakeRooms(fault=fault)
    with pytest.raises(type(fault)):
        run(request_for(tmp_path), fake)
    assert fake.work is not None
    assert not fake.work.exists()
    assert not (tmp_path / "out").exists()


def test_interrupted_from_the_keyboard(tmp_path: Path) -> None:
    """Ctrl-C gives 130, says that nothing was written, and keeps the earlier results."""
    run(request_for(tmp_path), FakeRooms(case=empty_case()))
    before = (tmp_path / "out" / "case.json").read_bytes()
    code, _, messages = run(request_for(tmp_path), FakeRooms(fault=KeyboardInterrupt()))
    assert code == 130
    assert "interrupted: no result was written" in messages
    assert (tmp_path / "out" / "case.json").read_bytes() == before
    assert not list((tmp_path / "out").glob(".*"))


def test_terminated_by_the_system(tmp_path: Path) -> None:
    """A termination signal unwinds the scan, so that no scrap is left on the disk."""
    fake = FakeRooms()

    def scan(*_: Any) -> Case:
        os.kill(os.getpid(), signal.SIGTERM)
        return example_case()

    rooms = replace(fake.rooms(), scan=scan)
    with pytest.raises(SystemExit) as left:
        run_scan(request_for(tmp_path), io.StringIO(), io.StringIO(), rooms)
    assert left.value.code == 128 + signal.SIGTERM
    assert not (tmp_path / "out").exists()


def test_foreign_results_are_refused_before_any_work(tmp_path: Path) -> None:
    """An account table in the output folder is noticed before an hour of reading."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "accounts.csv").write_text("account_id,created_at\n")
    fake = FakeRooms()
    with pytest.raises(OutputError, match="would be overwritten"):
        run(request_for(tmp_path), fake)
    assert fake.calls == []


def test_missing_table_is_refused_before_any_work(tmp_path: Path) -> None:
    """So is an account table that is not there."""
    fake = FakeRooms()
    with pytest.raises(NoInputError, match="--accounts"):
        run(request_for(tmp_path, account_table=tmp_path / "nowhere.csv"), fake)
    assert fake.calls == []


def test_no_log_is_a_usage_error(tmp_path: Path) -> None:
    """A scan of nothing is a wrong call, not an empty result."""
    with pytest.raises(UsageError, match="no log"):
        run(request_for(tmp_path, options=IngestOptions(logs=())), FakeRooms())


def test_options_of_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What stands on the command line reaches the rooms."""
    fake = FakeRooms()
    monkeypatch.setattr(scan_run, "real_rooms", lambda *_place, **_more: fake.rooms())
    mapping = tmp_path / "m.toml"
    mapping.write_bytes(b"")
    words = (
        f"scan a.jsonl - --format litellm --mapping {mapping} --max-bad 2% --tz Europe/Berlin "
        "--time-unit ms --account user.id --client-ip header:x-forwarded-for "
        "--trusted-proxy 10.0.0.3 --trusted-proxy 10.1.0.0/16 --since 2026-10-02 "
        f"--fail-on very-likely --seed 5 --all --no-progress -o {tmp_path / 'out'}"
    )
    assert main.run(words.split()) == 1
    assert fake.calls[0] == IngestOptions(
        logs=("a.jsonl", "-"),
        format="litellm",
        mapping=mapping,
        max_bad_share=0.02,
        time_zone="Europe/Berlin",
        time_unit="ms",
        account_field="user.id",
        client_address_field="header:x-forwarded-for",
        trusted_proxies=("10.0.0.3", "10.1.0.0/16"),
        period=Period(since=datetime(2026, 10, 2, tzinfo=ZoneInfo("Europe/Berlin"))),
        columns=SCAN_COLUMNS,
        sample_text=True,
    )
    assert fake.calls[1][3] == 5
    shown = capsys.readouterr()
    assert "near misses, not listed:\n" in shown.out
    assert shown.err == ""


def test_option_before_the_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An option that may be repeated does not swallow the log after it."""
    fake = FakeRooms()
    monkeypatch.setattr(scan_run, "real_rooms", lambda *_place, **_more: fake.rooms())
    words = ["scan", "--trusted-proxy", "10.0.0.3", "a.jsonl", "-o", str(tmp_path / "out")]
    assert main.run(words) == 0
    assert fake.calls[0].logs == ("a.jsonl",)


def test_unknown_option(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt option is not taken for a log."""
    assert main.run(["scan", "a.jsonl", "--seeed", "4"]) == 2
    assert "--seeed" in capsys.readouterr().err
