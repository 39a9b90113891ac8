"""Who is recognised: tokens by keyed digests, certificates by fingerprint."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from cautery.errors import OutputError
from cautery.intel.taxii.configuration_sections import PeerSection
from cautery.intel.taxii.peers import Peers, TokenDigest, digest_of, draw_token
from cautery.intel.taxii.token_files import add_token, read_tokens
from cautery.records.key import Secret

PEPPER = Secret(bytes(range(32)))
CERTIFICATE = b"certificate of acme"
SECTIONS = [
    PeerSection(name="acme", certificates=(hashlib.sha256(CERTIFICATE).hexdigest(),)),
    PeerSection(name="other"),
]


def _peers(expires: str = "") -> tuple[Peers, str]:
    token = draw_token().reveal()
    kept = TokenDigest(peer="other", digest=digest_of(token, PEPPER), expires=expires)
    return Peers(SECTIONS, [kept], PEPPER), token.decode()


def test_a_token_is_recognised_and_its_neighbours_are_not() -> None:
    """One changed character, another case or another scheme is nobody."""
    peers, token = _peers()
    assert peers.recognise(f"Bearer {token}", b"", 0) == "other"
    assert peers.recognise(f"bearer  {token} ", b"", 0) == "other"
    for header in (f"Token {token}", token, f"Bearer {token[:-1]}", f"Bearer {token}x", "Bearer "):
        assert peers.recognise(header, b"", 0) is None
    assert peers.recognise(f"Bearer {token.upper()}", b"", 0) is None


def test_basic_needs_the_peer_s_own_name() -> None:
    """A token is worth nothing under another name, or under none."""
    peers, token = _peers()

    def basic(text: str) -> str | None:
        return peers.recognise(f"Basic {base64.b64encode(text.encode()).decode()}", b"", 0)

    assert basic(f"other:{token}") == "other"
    assert basic(f"acme:{token}") is None
    assert basic(f":{token}") is None
    assert basic(token) is None


def test_certificates_and_tokens_must_agree() -> None:
    """A certificate is enough, and with a token of somebody else it is nobody."""
    peers, token = _peers()
    assert peers.recognise(None, CERTIFICATE, 0) == "acme"
    assert peers.recognise(None, b"another", 0) is None
    assert peers.recognise(None, b"", 0) is None
    assert peers.recognise(f"Bearer {token}", CERTIFICATE, 0) is None
    assert peers.recognise("Bearer wrong", CERTIFICATE, 0) is None


def test_tokens_expire() -> None:
    """From its end on a token is nobody's, and an end that cannot be read is over."""
    peers, token = _peers("1970-01-01T00:00:01Z")
    assert peers.recognise(f"Bearer {token}", b"", 999_999) == "other"
    assert peers.recognise(f"Bearer {token}", b"", 1_000_000) is None
    peers, token = _peers("never")
    assert peers.recognise(f"Bearer {token}", b"", 0) is None


def test_without_a_pepper_no_token_is_known() -> None:
    """There is no default key."""
    token = draw_token().reveal()
    kept = TokenDigest(peer="other", digest=digest_of(token, PEPPER))
    assert Peers(SECTIONS, [kept], None).recognise(f"Bearer {token.decode()}", b"", 0) is None


def test_the_file_holds_digests_only(tmp_path: Path) -> None:
    """A token that was added is recognised, is nowhere in the file, and others cannot read it."""
    path = tmp_path / "tokens.toml"
    first = add_token(path, "acme", PEPPER, now=0)
    second = add_token(path, "other", PEPPER, now=0)
    text = path.read_text(encoding="ascii")
    assert first.reveal().decode() not in text
    assert path.stat().st_mode & 0o077 == 0
    peers = Peers(SECTIONS, read_tokens(path, frozenset({"acme", "other"})), PEPPER)
    assert peers.recognise(f"Bearer {first.reveal().decode()}", b"", 0) == "acme"
    assert peers.recognise(f"Bearer {second.reveal().decode()}", b"", 0) == "other"
    wrong = Peers(
        SECTIONS, read_tokens(path, frozenset({"acme", "other"})), Secret(bytes(range(1, 33)))
    )
    assert wrong.recognise(f"Bearer {first.reveal().decode()}", b"", 0) is None


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Drawing a token into nowhere is an error of ours."""
    with pytest.raises(OutputError):
        add_token(tmp_path / "no" / "tokens.toml", "acme", PEPPER, now=0)
