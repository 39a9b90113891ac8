"""Tests of the likely mistakes of ux.md, section 6, and what is said about each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.ingest.reading import exchanges, golden_input, lines_of, read, rows_of

from cautery.errors import InputError, NoInputError, TimeUnitError, UnknownFormatError


def test_1_wrong_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that matches nothing names the nearest one that does."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    for name in ("a.json", "b.json"):
        (tmp_path / "logs" / name).write_text("{}")
    with pytest.raises(NoInputError) as caught:
        read(tmp_path, "log/*.json")
    assert str(caught.value) == (
        "no file matches 'log/*.json'. Did you mean 'logs/*.json' (2 files)?"
    )
    with pytest.raises(NoInputError, match=r"Did you mean 'logs/a\.json' \(1 file\)\?"):
        read(tmp_path, "logs/aa.json")


def test_2_unknown_format(tmp_path: Path) -> None:
    """A log of nginx is recognised as one that has no account."""
    log = tmp_path / "access.log"
    log.write_text('10.2.0.4 - - [01/Oct/2026:00:00:01 +0000] "GET / HTTP/1.1" 200 1 "-" "x"\n')
    with pytest.raises(UnknownFormatError) as caught:
        read(tmp_path, log)
    text = str(caught.value)
    assert "access.log: cannot tell the format. Line 1 begins '10.2.0.4 - - [01/Oct" in text
    assert "looks like nginx combined, which has no account field" in text
    assert "--mapping FILE" in text


def test_2_unknown_lines(tmp_path: Path) -> None:
    """Other unknown lines get the list of formats, and none of their control characters."""
    log = tmp_path / "a.log"
    log.write_bytes(b"\x1b[31mhello there\n")
    with pytest.raises(UnknownFormatError) as caught:
        read(tmp_path, log)
    assert "begins '?[31mhello there'" in str(caught.value)
    assert "otlp-json" in str(caught.value)


def test_3_no_account(tmp_path: Path) -> None:
    """A log without accounts names the columns that it has."""
    log = tmp_path / "a.jsonl"
    record = json.loads(golden_input("litellm_spend_logs").split(b"\n")[4])
    log.write_bytes(lines_of([{**record, "tenant": "t1"}] * 1500))
    with pytest.raises(InputError) as caught:
        read(tmp_path, log)
    text = str(caught.value)
    assert "litellm-spend-logs file has no account, key or address in 1,000 of 1,000" in text
    assert "Linking needs an account. Columns seen: request_id, call_type" in text
    assert text.endswith("Use --account FIELD.")
    assert read(tmp_path, log, account_field="tenant").rows == 1500


def test_4_bad_lines(tmp_path: Path) -> None:
    """A few bad lines are a warning with reasons and the first place of each."""
    log = tmp_path / "a.jsonl"
    records = exchanges(2000)
    records[9].pop("time_start")
    log.write_bytes(b"nonsense\nnonsense\n" + lines_of(records))
    assert read(tmp_path, log).notes[0] == (
        f"warning: 3 of 2,002 lines rejected (0.1 %): 2 'not JSON' (first: {log}:1), "
        "1 'time missing'. Kept in rejected.jsonl. Limit 1 % (--max-bad)."
    )


def test_5_times_without_zone(tmp_path: Path) -> None:
    """Times without a zone are read in the given one, with a warning."""
    log = tmp_path / "a.jsonl"
    log.write_bytes(lines_of([{"time_start": "2026-07-01 12:00:00", "account_id": "a"}]))
    table = read(tmp_path, log)
    assert table.notes[0] == (
        "warning: 'time_start' has no time zone; read as UTC. If it is local time use --tz "
        "Europe/Berlin or the like. (Rhythm signals depend on it.)"
    )
    (moment,) = rows_of(read(tmp_path, log, time_zone="Europe/Berlin"))["time_start"].to_pylist()
    assert moment.isoformat() == "2026-07-01T10:00:00+00:00"


def test_5_wrong_unit(tmp_path: Path) -> None:
    """Milliseconds read as seconds are an impossible year, with the unit to use."""
    log = tmp_path / "a.jsonl"
    log.write_bytes(lines_of([{"time_start": 1759276800000, "account_id": "a"}] * 3))
    with pytest.raises(TimeUnitError) as caught:
        read(tmp_path, log, time_unit="s")
    assert str(caught.value) == (
        f"{log}: 'time_start' = 1759276800000 reads as year 57719 in seconds. Use --time-unit ms."
    )
    assert read(tmp_path, log, time_unit="ms").rows == 3
    assert read(tmp_path, log).rows == 3


def test_6_too_little(tmp_path: Path) -> None:
    """Few exchanges of few accounts are not calibrated, and the result says so."""
    log = tmp_path / "a.jsonl"
    records = [{**record, "account_id": f"a{i % 6}"} for i, record in enumerate(exchanges(212))]
    log.write_bytes(lines_of(records))
    (note,) = read(tmp_path, log).notes
    assert note == (
        "note: 212 exchanges from 6 accounts. Linking needs about 50 accounts or 5,000 "
        "exchanges; results below are not calibrated."
    )
    log.write_bytes(lines_of(exchanges(212)))
    assert read(tmp_path, log).notes == ()


def test_7_no_prompts(tmp_path: Path) -> None:
    """A LiteLLM log without prompts names the setting that would log them."""
    log = tmp_path / "a.jsonl"
    record = json.loads(golden_input("litellm_spend_logs").split(b"\n")[3])
    record["metadata"]["requester_ip_address"] = "198.51.100.4"
    log.write_bytes(lines_of([record]))
    assert any(
        note.startswith(
            "note: this log has no prompt text (LiteLLM: store_prompts_in_spend_logs is off). "
        )
        for note in read(tmp_path, log).notes
    )


def test_8_load_balancer(tmp_path: Path) -> None:
    """One address on nearly all rows switches the address signals off."""
    log = tmp_path / "a.jsonl"
    records = [{**record, "client_address": "10.0.0.3"} for record in exchanges(1000)]
    records[0]["client_address"] = "203.0.113.9"
    records[1]["client_address"] = "203.0.113.10"
    log.write_bytes(lines_of(records))
    table = read(tmp_path, log)
    (note,) = table.notes
    assert note == (
        "warning: 99.8 % of lines have client address 10.0.0.3, your load balancer? Address "
        "signals switched off. Log X-Forwarded-For and use --client-ip "
        "header:x-forwarded-for --trusted-proxy 10.0.0.3."
    )
    assert table.switched_off == {"client_address", "client_network", "asn"}
    assert table.share("client_address") == 0.0


def test_8_one_address_of_few_accounts_is_kept(tmp_path: Path) -> None:
    """Four accounts on one address are a reason to link them, not a load balancer."""
    log = tmp_path / "a.jsonl"
    records = [
        {**record, "client_address": "10.0.0.3", "account_id": f"a{index % 4}"}
        for index, record in enumerate(exchanges(100))
    ]
    log.write_bytes(lines_of(records))
    assert read(tmp_path, log).switched_off == frozenset()


def test_8_many_addresses_are_kept(tmp_path: Path) -> None:
    """An address on nine rows in ten is not switched off, and memory stays small."""
    log = tmp_path / "a.jsonl"
    records = exchanges(1000)
    for index, record in enumerate(records):
        record["client_address"] = (
            "10.0.0.3" if index % 10 else f"203.0.{index // 250}.{index % 250}"
        )
    log.write_bytes(lines_of(records))
    assert read(tmp_path, log).switched_off == frozenset()
