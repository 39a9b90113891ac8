from __future__ import annotations

import asyncio
import socket
import urllib.request
from pathlib import Path

import pytest
from tests.guard.guards import free_port
from tests.guard.middleware.applications import write_configuration

from cautery.errors import ConfigurationError, OutputError
from cautery.guard.embedded import CONFIGURATION_VARIABLE, EmbeddedGuard


def test_begins_once_whoever_asks(tmp_path: Path) -> None:
    """Requests that come together find one guard, and after its end there is none."""

    async def scenario() -> None:
        guard = EmbeddedGuard(write_configuration(tmp_path))
        begun = await asyncio.gather(*(guard.begin() for _ in range(5)))
        assert len({id(one) for one in begun}) == 1
        await guard.end()
        await guard.end()

    asyncio.run(scenario())


def test_proxy_sections_may_be_left_out(tmp_path: Path) -> None:
    """Inside another server nobody listens, and nothing is passed on."""
    guard = EmbeddedGuard(write_configuration(tmp_path))
    assert guard.configuration.upstream is None
    assert guard.configuration.inside.paths == ("/v1/",)


def test_names_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault comes with its line, before anything runs; so does a file that nobody named."""
    path = write_configuration(tmp_path, '[decision]\nmodus = "enforce"\n')
    with pytest.raises(
        ConfigurationError, match=r"guard.toml:\d+: \[decision\] has no key 'modus'"
    ):
        EmbeddedGuard(path)
    monkeypatch.delenv(CONFIGURATION_VARIABLE, raising=False)
    with pytest.raises(ConfigurationError, match=CONFIGURATION_VARIABLE):
        EmbeddedGuard()


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ('[inside]\npaths = ["v1"]\n', "paths must begin with a slash"),
        ('[inside]\nopen_paths = ["health"]\n', "open_paths must begin with a slash"),
        ('[inside]\nopen_paths = ["/"]\n', "open_paths must not be everything"),
    ],
    ids=["paths", "open-paths", "everything"],
)
def test_paths_are_checked(tmp_path: Path, more: str, text: str) -> None:
    """An open path that is every path would be no guard."""
    with pytest.raises(ConfigurationError, match=text):
        EmbeddedGuard(write_configuration(tmp_path, more))


def test_serves_its_metrics(tmp_path: Path) -> None:
    """Where the configuration says, until its end."""
    port = free_port()

    def page() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=20) as answer:
            return bytes(answer.read()).decode()

    async def scenario() -> None:
        more = f'[inside]\nadmin = "127.0.0.1:{port}"\n'
        guard = EmbeddedGuard(write_configuration(tmp_path, more))
        await guard.begin()
        assert "ready" in await asyncio.to_thread(page)
        await guard.end()

    asyncio.run(scenario())


def test_an_admin_port_that_is_taken(tmp_path: Path) -> None:
    """Of several processes one has it; the others say so and serve nobody."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        more = f'[inside]\nadmin = "127.0.0.1:{taken.getsockname()[1]}"\n'

        async def scenario() -> None:
            guard = EmbeddedGuard(write_configuration(tmp_path, more))
            with pytest.raises(OutputError, match="cannot listen"):
                await guard.begin()
            await guard.end()

        asyncio.run(scenario())
