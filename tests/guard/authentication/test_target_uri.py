"""Addresses in their normal form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.authentication.compact_token import WrongTokenError
from cautery.guard.authentication.target_uri import normalise

NORMAL = ("https://api.example.com", "/v1/chat")


@pytest.mark.parametrize(
    "uri",
    [
        "https://api.example.com/v1/chat",
        "HTTPS://API.Example.COM/v1/chat",
        "https://api.example.com:443/v1/chat",
        "https://api.example.com/v1/chat?x=1",
        "https://api.example.com/v1/chat#y",
        "https://api.example.com/v1/./chat",
        "https://api.example.com/x/../v1/chat",
        "https://api.example.com/../v1/chat",
        "https://api.example.com/v1/%63hat",
    ],
)
def test_the_same_address(uri: str) -> None:
    """RFC 3986 says that these are one."""
    assert normalise(uri) == NORMAL


@pytest.mark.parametrize(
    "uri",
    [
        "http://api.example.com/v1/chat",
        "https://api.example.com:8443/v1/chat",
        "https://api.example.com./v1/chat",
        "https://api.example.com/V1/chat",
        "https://api.example.com/v1/chat/",
        "https://api.example.com/v1//chat",
        "https://api.example.com/v1%2Fchat",
        "https://api.example.com.evil.example/v1/chat",
    ],
)
def test_other_addresses(uri: str) -> None:
    """These are other ones, however alike."""
    assert normalise(uri) != NORMAL


def test_spellings_of_escapes() -> None:
    """What must stay encoded has upper-case digits."""
    assert normalise("https://a.example/%2f%c3%a9")[1] == "/%2F%C3%A9"


def test_addresses_with_numbers() -> None:
    """IPv6 keeps its brackets; a missing path is the root."""
    assert normalise("http://[2001:DB8::1]:8080") == ("http://[2001:db8::1]:8080", "/")


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/v1/chat",
        "//api.example.com/v1",
        "https:///v1",
        "https://api.example.com@evil.example/v1",
        "https://a@api.example.com/v1",
        "ftp://api.example.com/v1",
        "javascript:alert(1)",
        "https://api.example.com\\@evil.example/v1",
        "https://api.example.com/v 1",
        "https://api.example.com/v1\r\nx: y",
        "https://api.example.com/é",
        "https://api.example.com:x/v1",
        "https://api.example.com:99999/v1",
        "https://[::1/v1",
        "https://api.example.com/" + "a" * 3000,
    ],
    ids=range(16),
)
def test_what_is_no_address(uri: str) -> None:
    """What two parsers could read in two ways is refused."""
    with pytest.raises(WrongTokenError):
        normalise(uri)


@given(st.lists(st.sampled_from(["a", "..", ".", "", "%2E", "%7e", "b"]), max_size=8))
def test_the_normal_form_is_its_own(segments: list[str]) -> None:
    """To bring it into normal form again changes nothing."""
    origin, path = normalise("https://a.example/" + "/".join(segments))
    assert normalise(origin + path) == (origin, path)
    assert "/../" not in path
    assert not path.endswith("/..")
