"""The decision service as an adapter: where it listens, and certificates of its callers."""

from __future__ import annotations

import asyncio
import ssl
import stat
from pathlib import Path

import pytest
from tests.guard.certificates import Authority
from tests.guard.deciders import FakeAuthenticator, FakeDecider
from tests.guard.deciding_service.services import BY_LOOPBACK, of_client

from cautery.guard.adapters.decision_service import MEMBER
from cautery.guard.configuration_service import DecisionServiceSection
from cautery.guard.deciding_service.callers import Callers
from cautery.guard.deciding_service.service import DecisionService
from cautery.guard.deciding_service.settings import ServiceSettings
from cautery.guard.metrics import Metrics
from cautery.guard.service_assembly import service_context
from cautery.ports import Enforcer
from cautery.records.decision import ACTIONS

QUESTION = "\r\n".join(
    [
        "GET /authz/nginx HTTP/1.1",
        "Host: guard",
        "Connection: close",
        *(f"{name}: {value}" for name, value in of_client().items()),
        "",
        "",
    ]
).encode()


def make_service(callers: Callers) -> DecisionService:
    settings = ServiceSettings(
        decider=FakeDecider(), authenticator=FakeAuthenticator(), callers=callers
    )
    return DecisionService(settings, Metrics(), asyncio.get_running_loop())


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, question: bytes = QUESTION
) -> bytes:
    writer.write(question)
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return answer


def test_what_it_carries_out() -> None:
    """It sees no answer, so that *degrade* becomes the next stricter action."""
    assert isinstance(MEMBER, Enforcer)
    assert MEMBER.carries_out == frozenset(ACTIONS) - {"degrade"}
    assert not MEMBER.sees_body
    assert not MEMBER.sees_answer


def test_a_unix_socket_is_for_user_and_group(tmp_path: Path) -> None:
    """Nobody else of the machine can ask; one that was left over is made anew."""
    place = tmp_path / "decide.sock"

    async def scenario() -> None:
        for _ in range(2):
            service = make_service(BY_LOOPBACK)
            listening = await MEMBER.listen(service, place)
            assert stat.S_IMODE(place.stat().st_mode) == 0o660
            answer = await ask(*await asyncio.open_unix_connection(str(place)))
            assert answer.startswith(b"HTTP/1.1 200 ")
            listening.close()
            service.close()
            await asyncio.sleep(0.05)

    asyncio.run(scenario())


def test_only_callers_with_a_certificate_are_heard(tmp_path: Path) -> None:
    """TLS refuses who has none of the authority; who has one needs no secret."""
    authority = Authority(tmp_path)
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other").issue("stranger")
    guard, gateway = authority.issue("guard"), authority.issue("gateway")
    section = DecisionServiceSection(
        callers="certificate",
        certificate=guard.certificate,
        private_key=guard.private_key,
        client_authorities=authority.certificate,
    )

    async def scenario() -> None:
        service = make_service(Callers(proof="certificate"))
        tls = service_context(section)
        listening = await MEMBER.listen(service, ("127.0.0.1", 0), tls=tls)
        port = listening.sockets[0].getsockname()[1]
        for files, heard in ((gateway, True), (stranger, False), (None, False)):
            context = ssl.create_default_context(cafile=authority.certificate)
            if files is not None:
                context.load_cert_chain(files.certificate, files.private_key)
            try:
                answer = await ask(*await asyncio.open_connection("127.0.0.1", port, ssl=context))
            except (ssl.SSLError, ConnectionError):
                answer = b""
            assert answer.startswith(b"HTTP/1.1 200 ") is heard
        assert len(service.settings.decider.asked) == 1  # type: ignore[attr-defined]
        listening.close()
        service.close()
        await asyncio.sleep(0.05)

    asyncio.run(scenario())


@pytest.mark.parametrize("seconds", [0.2])
def test_stops_without_losing_a_question(seconds: float) -> None:
    """What is under way is answered, and the connection closed after it."""

    async def scenario() -> None:
        service = make_service(BY_LOOPBACK)
        listening = await MEMBER.listen(service, ("127.0.0.1", 0))
        port = listening.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(QUESTION[:-2])
        await asyncio.sleep(seconds / 4)
        listening.close()
        draining = asyncio.create_task(service.drain())
        await asyncio.sleep(seconds / 4)
        writer.write(QUESTION[-2:])
        answer = await asyncio.wait_for(reader.read(), 20)
        assert answer.startswith(b"HTTP/1.1 200 ")
        writer.close()
        await asyncio.wait_for(draining, 20)

    asyncio.run(scenario())
