"""What a scan was told stands in its case: files by their content, and options that change it."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.cli.test_scan_verb import FakeRooms, request_for

from cautery.cli.scan_run import run_scan
from cautery.cli.scan_settings import settings_of
from cautery.errors import NoInputError
from cautery.ingest.options import IngestOptions
from cautery.ingest.period import Period
from cautery.records.case import GivenFile, GivenOption, Settings
from cautery.report.load import read_case


def test_nothing_was_told(tmp_path: Path) -> None:
    """A plain scan has no settings; where and in how much memory it ran is none either."""
    request = request_for(
        tmp_path, memory_bytes=4 * 10**9, silent=True, resume_folder=tmp_path, fail_on="watch"
    )
    assert settings_of(request) is None


def test_every_file(tmp_path: Path) -> None:
    """Each file is named by its option and known by its content."""
    paths = {name: tmp_path / name for name in ("a", "r", "m", "c", "i")}
    for name, path in paths.items():
        path.write_text(name)
    found = settings_of(
        request_for(
            tmp_path,
            options=IngestOptions(logs=("a.jsonl",), mapping=paths["m"]),
            account_table=paths["a"],
            release_table=paths["r"],
            calibration_file=paths["c"],
            peers=(paths["i"], ()),
        )
    )
    options = ("--accounts", "--releases", "--mapping", "--calibration", "--indicators")
    assert found == Settings(
        files=tuple(
            GivenFile(option=option, name=str(path), sha256=_sha256(path.name))
            for option, path in zip(options, paths.values(), strict=True)
        ),
        options=(),
    )


def test_days_that_are_kept(tmp_path: Path) -> None:
    """How long a state keeps exchanges changes what a scan sees."""
    found = settings_of(request_for(tmp_path, state_folder=tmp_path, keep_days=30))
    assert found == Settings(files=(), options=(GivenOption(option="--keep-days", value="30"),))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_every_option_that_can_change_a_result(tmp_path: Path) -> None:
    """They are told as they were understood: a date is a time with its zone."""
    since = datetime(2026, 10, 2, tzinfo=ZoneInfo("Europe/Berlin"))
    options = IngestOptions(
        logs=("a.jsonl",),
        format="litellm",
        max_bad_share=0.5,
        processes=3,
        time_zone="Europe/Berlin",
        time_unit="ms",
        account_field="user.id",
        client_address_field="header:x-forwarded-for",
        trusted_proxies=("10.0.0.3", "10.1.0.0/16"),
        period=Period(since=since),
    )
    found = settings_of(request_for(tmp_path, options=options, seed=5, everything=True))
    assert found is not None
    assert [(one.option, one.value) for one in found.options] == [
        ("--format", "litellm"),
        ("--tz", "Europe/Berlin"),
        ("--time-unit", "ms"),
        ("--account", "user.id"),
        ("--client-ip", "header:x-forwarded-for"),
        ("--trusted-proxy", "10.0.0.3"),
        ("--trusted-proxy", "10.1.0.0/16"),
        ("--since", "2026-10-02T00:00:00+02:00"),
        ("--seed", "5"),
        ("--all", "true"),
    ]


def test_they_are_written_and_read(tmp_path: Path) -> None:
    """A scan writes them into its case, where whoever reads it finds them."""
    request = replace(request_for(tmp_path, seed=5), silent=True)
    assert run_scan(request, io.StringIO(), io.StringIO(), FakeRooms().rooms()) == 0
    told = Settings(files=(), options=(GivenOption(option="--seed", value="5"),))
    assert read_case(tmp_path / "out").settings == told


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """A case must not name a table that nobody can hash any more."""
    with pytest.raises(NoInputError, match=r"gone\.csv: cannot be read: No such file"):
        settings_of(request_for(tmp_path, account_table=tmp_path / "gone.csv"))
