"""Who may ask the decision service."""

from __future__ import annotations

import pytest
from tests.guard.deciding_service.services import BY_LOOPBACK, BY_SECRET, CALLER_SECRET

from cautery.errors import ConfigurationError
from cautery.guard.deciding_service.callers import Callers
from cautery.guard.proxying.request_head import RequestHead, parse_head
from cautery.records.key import Secret

OTHER = "another-secret-of-callers-0123456789abcdef"


def head_with(*lines: str) -> RequestHead:
    return parse_head("\r\n".join(["GET / HTTP/1.1", "Host: a", *lines, "", ""]).encode())


@pytest.mark.parametrize(
    ("lines", "of_gateway", "of_program"),
    [
        ([f"x-cautery-caller: {CALLER_SECRET}"], True, True),
        ([f"authorization: Bearer {CALLER_SECRET}"], False, True),
        ([f"authorization: bearer  {CALLER_SECRET}"], False, True),
        ([f"x-api-key: {CALLER_SECRET}"], False, True),
        ([f"authorization: Basic {CALLER_SECRET}"], False, False),
        ([f"x-cautery-caller: {CALLER_SECRET[:-1]}"], False, False),
        ([f"x-cautery-caller: {CALLER_SECRET}x"], False, False),
        (["x-cautery-caller:"], False, False),
        ([f"x-cautery-caller: {OTHER}", f"authorization: Bearer {CALLER_SECRET}"], False, False),
        ([f"x-cautery-caller: {OTHER}", f"x-cautery-caller: {CALLER_SECRET}"], False, False),
        ([f"x-api-key: {CALLER_SECRET}", f"authorization: Bearer {OTHER}"], False, False),
        ([], False, False),
    ],
    ids=range(12),
)
def test_a_secret(lines: list[str], of_gateway: bool, of_program: bool) -> None:
    """It is shown once, whole; where a client's credential is, it does not count for a gateway."""
    head = head_with(*lines)
    assert BY_SECRET.admit(head, b"", own_credential=False) is of_gateway
    assert BY_SECRET.admit(head, b"", own_credential=True) is of_program


def test_two_secrets_while_one_is_changed() -> None:
    """The old one and the new one are both good, and no other."""
    both = Callers(proof="secret", secrets=(Secret(CALLER_SECRET.encode()), Secret(OTHER.encode())))
    for secret, good in ((CALLER_SECRET, True), (OTHER, True), (OTHER[::-1], False)):
        head = head_with(f"x-cautery-caller: {secret}")
        assert both.admit(head, b"", own_credential=False) is good


def test_a_certificate_or_nothing() -> None:
    """A certificate that TLS verified is enough where it is asked for; on loopback nothing is."""
    by_certificate = Callers(proof="certificate")
    assert by_certificate.admit(head_with(), b"der", own_credential=False)
    assert not by_certificate.admit(
        head_with(f"x-cautery-caller: {CALLER_SECRET}"), b"", own_credential=True
    )
    assert BY_LOOPBACK.admit(head_with(), b"", own_credential=False)


@pytest.mark.parametrize("secrets", [(), (Secret(b"short"),)], ids=["none", "short"])
def test_no_secret_is_no_protection(secrets: tuple[Secret, ...]) -> None:
    """A service that asks for a secret has one, and none that can be guessed."""
    with pytest.raises(ConfigurationError, match="secret"):
        Callers(proof="secret", secrets=secrets)
