"""The demo: offline, with the truth beside what was found."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.command_line import RESULT_FILES, cautery

OFFLINE = """
import socket

def refuse(*_, **__):
    raise OSError("the network is off")

socket.socket.connect = refuse
socket.getaddrinfo = refuse
from cautery.cli.main import main
main()
"""
"""Runs the command line with a network that answers nobody."""


def test_the_demo_runs_offline_and_finds_what_was_planted(tmp_path: Path) -> None:
    """Traffic, results and truth are there, and the last lines say what to do next."""
    words = ("demo", "-o", tmp_path / "demo", "--no-progress")
    outcome = cautery(*words, program=OFFLINE)
    assert outcome.code == 0, outcome.messages[-2_000:]
    assert (tmp_path / "demo" / "traffic" / "truth" / "accounts.csv").is_file()
    for name in RESULT_FILES:
        assert (tmp_path / "demo" / "out" / name).is_file()
    assert "cautery scan" in outcome.output + outcome.messages
