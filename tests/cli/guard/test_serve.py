"""``cautery guard serve``: that it begins; what it does then is tested in tests/guard."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from tests.guard.guards import model_server, running_guard, write_configuration

from cautery.cli.main import run


def test_a_wrong_file_is_an_error_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is served by a configuration that is wrong."""
    path = tmp_path / "guard.toml"
    path.write_text('[guard]\nlisten = "x"\n[upstream]\nurl = "http://127.0.0.1:8000"\n')
    assert run(["guard", "serve", str(path)]) == 3
    assert f"{path}:2:" in capsys.readouterr().err


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """It is an error in one line and an exit code, not a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken, model_server() as server:
        path = write_configuration(tmp_path, server.port)
        port = taken.getsockname()[1]
        path.write_text(path.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}", 1))
        with pytest.raises(AssertionError, match="cannot listen"), running_guard(path):
            pass
    assert "Traceback" not in (tmp_path / "guard.log").read_text()


def test_says_where_it_serves(tmp_path: Path) -> None:
    """Whoever starts it reads the ports on its output."""
    with model_server() as server:
        path = write_configuration(tmp_path, server.port)
        with running_guard(path) as guard:
            assert guard.page("/readyz") == "ready\n"
            assert guard.stop() == 0
