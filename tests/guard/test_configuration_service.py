"""The section about the decision service: who may ask is said in so many words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.guard.test_services import BY_SECRET, PROXY, SERVICE, write

from cautery.guard.configuration import check_configuration
from cautery.guard.configuration_service import is_loopback


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[decision_service]\n", "[decision_service] needs callers"),
        (
            '[decision_service]\ncallers = "loopback"\n',
            "[decision_service] needs either listen or socket",
        ),
        (
            '[decision_service]\ncallers = "loopback"\nlisten = "0.0.0.0:8090"\n',
            ":2: [decision_service] callers can be loopback only at",
        ),
        (SERVICE + 'callers = "secret"\n', ":3: [decision_service] needs caller_secret_file"),
        (SERVICE + 'callers = "certificate"\n', ":3: [decision_service] needs client_authorities"),
        (
            SERVICE + 'callers = "loopback"\ncertificate = "pepper"\n',
            ":4: [decision_service] needs both certificate and private_key",
        ),
        (
            SERVICE + 'callers = "loopback"\nclient_authorities = "pepper"\n',
            ":4: [decision_service] needs certificate and private_key",
        ),
        (
            SERVICE + 'callers = "loopback"\ntag_header = "X-Key"\n',
            ":4: [decision_service] tag_header must be the name of a header",
        ),
        (
            PROXY + '[decision_service]\ncallers = "loopback"\nlisten = "127.0.0.1:8088"\n',
            "[decision_service] must be an address of its own",
        ),
        (
            '[guard]\nworkers = 2\n[decision_service]\ncallers = "loopback"\nsocket = "s"\n',
            "[decision_service] is for one worker",
        ),
        ('[guard]\nlisten = "127.0.0.1:8088"\n', "[upstream] needs url"),
        ('[guard]\n[upstream]\nurl = "http://127.0.0.1:8000"\n', "[guard] needs listen"),
    ],
    ids=range(12),
)
def test_names_what_is_wrong(tmp_path: Path, text: str, fault: str) -> None:
    """Who may ask is said in so many words, and nobody is let in by leaving it out."""
    path = write(tmp_path, text)
    configuration, faults = check_configuration(path)
    assert configuration is None
    assert any(fault in str(one) for one in faults), [str(one) for one in faults]


def test_a_short_secret_is_found_by_check(tmp_path: Path) -> None:
    """``cautery guard check`` reads it, and does not quote it."""
    path = write(tmp_path, BY_SECRET)
    (tmp_path / "caller-secret").write_text("planted")
    result = subprocess.run(
        [sys.executable, "-m", "cautery.cli", "guard", "check", str(path)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 3
    assert "at least 32 characters" in result.stdout
    assert "planted" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - it is refused
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
    ],
)
def test_loopback(host: str, local: bool) -> None:
    """Only addresses that no other machine reaches count."""
    assert is_loopback(host) is local
