"""``cautery guard check``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cautery.cli.main import run

GOOD = '[guard]\nlisten = "127.0.0.1:8088"\n[upstream]\nurl = "http://127.0.0.1:8000"\n'


def check(path: Path, *words: str) -> int:
    return run(["guard", "check", str(path), *words])


def test_a_good_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says so and succeeds."""
    path = tmp_path / "guard.toml"
    path.write_text(GOOD)
    assert check(path) == 0
    assert capsys.readouterr().out == f"{path}: can be served by\n"


def test_every_fault_on_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a fault, with file and line, and what was meant."""
    path = tmp_path / "guard.toml"
    path.write_text(GOOD + "[limits]\nhead_syze = 1\nconnections = 0\n")
    assert check(path) == 3
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"{path}:6: [limits] has no key 'head_syze' (did you mean 'head_size'?)",
        f"{path}:7: [limits] connections must be at least 1",
    ]


def test_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For programs: the same faults as one object."""
    path = tmp_path / "guard.toml"
    path.write_text(GOOD + "[nothing]\n")
    assert check(path, "--output-format", "json") == 3
    found = json.loads(capsys.readouterr().out)
    assert found["usable"] is False
    assert found["faults"][0]["where"] == f"{path}:5"


def test_secrets_are_read_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pepper that is none is found before the guard starts, and not quoted."""
    path = tmp_path / "guard.toml"
    (tmp_path / "pepper").write_text("planted")
    path.write_text(GOOD + '[identity]\npepper_file = "pepper"\n')
    assert check(path) == 3
    out = capsys.readouterr().out
    assert "hexadecimal" in out
    assert "planted" not in out


def test_what_to_do_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An error's hint stands behind what is wrong, as with every other verb, and in JSON."""
    path = tmp_path / "guard.toml"
    (tmp_path / "pepper").write_text("planted")
    path.write_text(GOOD + '[identity]\npepper_file = "pepper"\n')
    assert check(path) == 3
    assert capsys.readouterr().out.endswith(". Make one: openssl rand -hex 32.\n")
    assert check(path, "--output-format", "json") == 3
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert fault["hint"] == "Make one: openssl rand -hex 32."
    assert "openssl" not in fault["text"]


def test_a_guard_inside_another_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file without the proxy's sections is good for middleware and plug-in; it says so."""
    path = tmp_path / "guard.toml"
    path.write_text('[decision]\nmode = "shadow"\n[inside]\npaths = ["/v1/"]\n')
    assert check(path) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{path}: can be used inside another server")
    assert "cautery guard serve needs" in out


@pytest.mark.parametrize("inside", ["", "[inside]\n", "[inside]\n[guard]\n"])
def test_faults_of_a_guard_inside_another_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], inside: str
) -> None:
    """Its faults are named as those of the proxy's file; it needs no upstream."""
    path = tmp_path / "guard.toml"
    path.write_text('[decision]\nmoed = "shadow"\n[identiy]\n' + inside)
    assert check(path) == 3
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"{path}:3: there is no section 'identiy' (did you mean 'identity'?)",
        f"{path}:2: [decision] has no key 'moed' (did you mean 'mode'?)",
    ]


def test_a_forgotten_upstream(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who wrote [guard] wants to serve, and is told what serving needs."""
    path = tmp_path / "guard.toml"
    path.write_text('[guard]\nlisten = "127.0.0.1:8088"\n')
    assert check(path) == 3
    assert "[upstream] needs url" in capsys.readouterr().out


def test_files_of_a_guard_inside_another_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it names is read too, and every file that cannot be used is named."""
    path = tmp_path / "guard.toml"
    for name in ("pepper", "hook"):
        (tmp_path / name).write_text("planted")
    path.write_text(
        '[identity]\npepper_file = "pepper"\n[events]\nfile = "nowhere/events.jsonl"\n'
        '[[webhook]]\nurl = "https://example.org/"\nsecret_file = "hook"\n'
    )
    assert check(path, "--output-format", "json") == 3
    out = capsys.readouterr().out
    places = [one["where"] for one in json.loads(out)["faults"]]
    assert places == [str(tmp_path / name) for name in ("pepper", "nowhere/events.jsonl", "hook")]
    assert "planted" not in out
    assert not (tmp_path / "nowhere").exists()
