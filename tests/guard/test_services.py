"""One process that serves a proxy and a decision service by one guard."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import subprocess
import sys
import urllib.error
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.guard.certificates import Authority
from tests.guard.deciding_service.gateways import FILES
from tests.guard.guards import PEPPER, RunningGuard, free_port, model_server, running_guard

from cautery.errors import ConfigurationError
from cautery.guard.configuration import (
    GuardConfiguration,
    load_configuration,
)
from cautery.guard.services import check_same_place, settles_usage

SECRET = "planted-secret-of-callers-0123456789abcdef"
SERVICE = '[decision_service]\nlisten = "127.0.0.1:0"\n'
BY_SECRET = SERVICE + 'callers = "secret"\ncaller_secret_file = "caller-secret"\n'
KEY = "sk-planted-key-of-a-customer"
PROXY = '[guard]\nlisten = "127.0.0.1:8088"\n[upstream]\nurl = "http://127.0.0.1:8000"\n'


def write(folder: Path, text: str) -> Path:
    (folder / "pepper").write_text(PEPPER)
    (folder / "caller-secret").write_text(SECRET + "\n")
    path = folder / "guard.toml"
    path.write_text(text + '[identity]\npepper_file = "pepper"\n')
    return path


def ask(
    port: int, path: str, headers: dict[str, str], body: bytes | None = None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST" if body is not None else "GET", path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def check_chat(guard: RunningGuard, secret: str = SECRET) -> tuple[int, dict[str, str], bytes]:
    """Ask as nginx does about a chat."""
    told = {
        "x-cautery-caller": secret,
        "x-original-method": "POST",
        "x-original-uri": "/v1/chat/completions",
        "authorization": f"Bearer {KEY}",
    }
    return ask(guard.decision_port, "/authz/nginx", told)


def test_the_how_tos_file_serves(tmp_path: Path) -> None:
    """The service alone: no model server, no proxy, and the guard's page says who asks."""
    text = (FILES / "guard.toml").read_text().replace(":8090", ":0").replace(":8089", ":0")
    write(tmp_path, "")
    path = tmp_path / "guard.toml"
    path.write_text(text)
    with running_guard(path) as guard:
        assert guard.port == 0
        assert check_chat(guard)[0] == 200
        assert check_chat(guard, "wrong" * 10)[0] == 403
        page = guard.page("/metrics")
        assert 'cautery_guard_questions_total{asker="nginx"} 2' in page
        assert "cautery_guard_strangers_total 1" in page
        assert guard.page("/readyz") == "ready\n"
        assert guard.stop() == 0
        assert SECRET not in guard.log_path.read_text() + page
        assert KEY not in guard.log_path.read_text() + page


def test_proxy_and_service_keep_one_limit(tmp_path: Path) -> None:
    """What an account asked through the proxy counts when a gateway asks about it."""
    rate = (
        '[[rate]]\nname = "two"\nscope = "account"\namount = 2\nwindow = "1h"\nmode = "enforce"\n'
    )
    with model_server() as server:
        path = write(
            tmp_path,
            '[guard]\nlisten = "127.0.0.1:0"\nadmin = "127.0.0.1:0"\n'
            f'[upstream]\nurl = "http://127.0.0.1:{server.port}"\n{BY_SECRET}'
            f'[decision]\nmode = "enforce"\n{rate}',
        )
        with running_guard(path) as guard:
            guard.chat(KEY)
            assert check_chat(guard)[0] == 200
            status, headers, _ = check_chat(guard)
            assert (status, headers["x-cautery-status"]) == (403, "429")
            assert int(headers["retry-after"]) > 60
            with pytest.raises(urllib.error.HTTPError) as refused:
                guard.chat(KEY)
            assert refused.value.code == 429
            refused.value.close()
            assert guard.stop() == 0


def test_a_new_secret_without_a_new_start(tmp_path: Path) -> None:
    """The old one is good as long as it is listed as the former."""
    path = write(tmp_path, BY_SECRET)
    with running_guard(path) as guard:
        (tmp_path / "new-secret").write_text(SECRET[::-1])
        text = path.read_text().replace('"caller-secret"', '"new-secret"')
        path.write_text(text.replace(SERVICE, SERVICE + 'former_secret_file = "caller-secret"\n'))
        guard.signal(signal.SIGHUP)
        guard.wait_for("configuration read again")
        assert check_chat(guard)[0] == check_chat(guard, SECRET[::-1])[0] == 200
        path.write_text(text)
        guard.signal(signal.SIGHUP)
        while check_chat(guard)[0] != 403:
            pass
        assert check_chat(guard, SECRET[::-1])[0] == 200
        assert guard.stop() == 0


def test_several_processes_share_the_port(tmp_path: Path) -> None:
    """Two workers answer at one port and name accounts alike."""
    port = free_port()
    text = BY_SECRET.replace(":0", f":{port}")
    path = write(tmp_path, "[guard]\nworkers = 2\n" + text + '[decision]\nmode = "enforce"\n')
    with running_guard(path) as guard:
        assert guard.decision_port == port
        for _ in range(12):
            assert check_chat(guard)[0] == 200
        assert guard.stop() == 0


def test_over_tls_with_certificates(tmp_path: Path) -> None:
    """Callers show a certificate of the authority instead of a secret."""
    authority = Authority(tmp_path)
    guard_files, gateway = authority.issue("guard"), authority.issue("gateway")
    path = write(
        tmp_path,
        f'{SERVICE}callers = "certificate"\ncertificate = "{guard_files.certificate}"\n'
        f'private_key = "{guard_files.private_key}"\n'
        f'client_authorities = "{authority.certificate}"\n',
    )
    import ssl

    with running_guard(path) as guard:
        context = ssl.create_default_context(cafile=authority.certificate)
        context.load_cert_chain(gateway.certificate, gateway.private_key)
        connection = http.client.HTTPSConnection(
            "127.0.0.1", guard.decision_port, timeout=20, context=context
        )
        body = b'{"account_id":"a"}'
        connection.request("POST", "/v1/decide", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        assert json.loads(answer.read())["enforced_action"] == "allow"
        connection.close()
        assert guard.stop() == 0


def test_an_address_that_is_taken(tmp_path: Path) -> None:
    """The error names the address of the service."""
    path = write(tmp_path, BY_SECRET)
    with running_guard(path) as guard:
        other = tmp_path / "other"
        shutil.copytree(tmp_path, other, ignore=shutil.ignore_patterns("other", "*.log"))
        taken = other / "guard.toml"
        taken.write_text(
            taken.read_text().replace("127.0.0.1:0", f"127.0.0.1:{guard.decision_port}")
        )
        result = subprocess.run(
            [sys.executable, "-m", "cautery.cli", "guard", "serve", str(taken)],
            check=False,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 3
        assert f"127.0.0.1:{guard.decision_port}: cannot listen" in result.stderr
        assert guard.stop() == 0


@pytest.fixture
def configuration(tmp_path: Path) -> GuardConfiguration:
    return load_configuration(write(tmp_path, PROXY + BY_SECRET))


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"upstream": None}, "[upstream]"),
        ({"decision_service": None}, "[decision_service]"),
        ({"callers": "loopback"}, "[decision_service] callers"),
        ({"listen": None}, "[decision_service] listen"),
        ({"certificate": Path("x")}, "[decision_service] certificate"),
        ({"tag_header": "x-key"}, ""),
        ({}, ""),
    ],
    ids=range(7),
)
def test_what_needs_a_new_start(
    configuration: GuardConfiguration, changed: dict[str, Any], named: str
) -> None:
    """What is served, where and to whom stays while a process lives; the rest may change."""
    section = configuration.decision_service
    assert section is not None
    if set(changed) & {"upstream", "decision_service"}:
        new = replace(configuration, **changed)
    else:
        new = replace(configuration, decision_service=replace(section, **changed))
    if not named:
        check_same_place(configuration, new)
        return
    with pytest.raises(ConfigurationError, match="a new start is needed") as refused:
        check_same_place(configuration, new)
    assert named in str(refused.value)


def test_estimates_wait_only_where_somebody_settles(configuration: GuardConfiguration) -> None:
    """The proxy tells what answers cost; a service alone does so if the operator says it."""
    assert settles_usage(configuration)
    alone = replace(configuration, upstream=None)
    assert not settles_usage(alone)
    section = configuration.decision_service
    assert section is not None
    assert settles_usage(replace(alone, decision_service=replace(section, settles=True)))
