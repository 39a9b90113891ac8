"""The port that recognises credentials, when somebody means it ill."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwk
from tests.guard.authentication.issuers import (
    key_of,
    presented_of,
    proof_of,
    proofs_of,
    public_of,
    token_of,
    tokens_of,
)

from cautery.errors import ConfigurationError
from cautery.guard.credentials import Credentials
from cautery.records.identity import Unrecognised

JKT = jwk.import_key(public_of(key_of("ES256", "client"))).thumbprint()


def test_bonds_that_nobody_can_check_are_not_forgotten() -> None:
    """A guard without proofs takes no bound token, rather than take it as a free one."""
    guard = Credentials(tokens=tokens_of())
    bound = token_of(cnf={"jkt": JKT})
    found = guard.authenticate(presented_of(bound, "dpop", proofs=(proof_of(bound),)))
    assert isinstance(found, Unrecognised)
    assert found.fault == "proof_missing"


def test_an_unforeseen_error_fails_closed() -> None:
    """Whatever breaks inside, the port answers, and its error is counted by its kind."""

    class BrokenTokens:
        def verify(self, *_: Any) -> Any:
            raise ZeroDivisionError("with a secret in it")

    counted: list[str] = []
    guard = Credentials(tokens=BrokenTokens(), on_fault=counted.append)  # type: ignore[arg-type]
    answer = guard.authenticate(presented_of(b"a.b.c"))
    assert answer == Unrecognised(fault="unavailable")
    assert counted == ["ZeroDivisionError"]


def test_settings_that_recognise_nobody() -> None:
    """A guard that takes nothing is a mistake; a realm that ends its quotation marks is another."""
    with pytest.raises(ConfigurationError):
        Credentials()
    with pytest.raises(ConfigurationError):
        Credentials(tokens=tokens_of(), realm='a", error="x')


@given(
    credential=st.one_of(st.binary(max_size=200), st.from_regex(rb"[\w.-]{0,90}", fullmatch=True)),
    scheme=st.sampled_from(["bearer", "dpop", "api-key"]),
    proofs=st.lists(st.text(max_size=60), max_size=2),
    url=st.text(max_size=60),
)
def test_junk_is_never_recognised(
    credential: bytes, scheme: str, proofs: list[str], url: str
) -> None:
    """Whatever is sent, the answer is that nobody was recognised, and not by a fault of ours."""
    faults: list[str] = []
    guard = Credentials(tokens=tokens_of(), proofs=proofs_of(), on_fault=faults.append)
    presented = presented_of(credential, scheme, proofs=tuple(proofs), url=url)
    assert isinstance(guard.authenticate(presented), Unrecognised)
    assert faults == []
