"""Tests of networks: whole arrays of addresses give what one address at a time does."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from cautery.ingest.identities import plain_address
from cautery.ingest.networks import client_networks, is_usual_ipv4, map_others, network_of

UNUSUAL = (
    "",
    " 10.0.0.1",
    "10.0.0.1 ",
    "10.0.0.1\n",
    "10.0.0.1\n10.0.0.2",
    "10.0.0.1\0",
    "10.0.0",
    "10.0.0.0.1",
    "10.0.0.",
    ".0.0.1",
    "10..0.1",
    "10.0.0.256",
    "300.0.0.1",
    "010.0.0.1",
    "10.0.0.00",
    "10.0.0.1/24",
    "10.0.0.1:443",
    "+10.0.0.1",
    "-1.0.0.1",
    "0x10.0.0.1",
    "١٠.0.0.1",
    "10。0。0。1",
    "167772161",
    "::",
    "::1",
    "::10.0.0.1",
    "::ffff:10.0.0.1",
    "::FFFF:0A00:0001",
    "2001:DB8:1:2:0::5",
    "fe80::1%eth0",
    "[2001:db8::1]",
    "2001:db8::/48",
    "unix:",
    "unknown",
)
FOUR = st.ip_addresses(v=4).map(str)
SIX = st.ip_addresses(v=6).flatmap(
    lambda one: st.sampled_from([str(one), one.exploded, one.exploded.upper()])
)
MAPPED = FOUR.map("::ffff:{}".format)
NEARLY = st.lists(st.integers(0, 300).map(str) | st.sampled_from(["", "00", "a"]), max_size=5).map(
    ".".join
)
TEXTS = st.one_of(
    st.none(), FOUR, SIX, MAPPED, NEARLY, st.sampled_from(UNUSUAL), st.text(max_size=12)
)
ARRAYS = st.lists(TEXTS, max_size=12).map(lambda texts: pa.array(texts, pa.string()))


@given(ARRAYS, st.integers(0, 3), st.sampled_from(["string", "large_string", "dictionary"]))
def test_networks_are_those_of_one_address(whole: Any, start: int, kind: str) -> None:
    """Whatever stands among the addresses, each has the network that it has alone."""
    texts = whole.slice(start)
    expected = [None if text is None else network_of(text) for text in texts.to_pylist()]
    array = texts.dictionary_encode() if kind == "dictionary" else texts.cast(kind)
    found = client_networks(array)
    assert found.to_pylist() == expected
    assert found.type == pa.string()


def test_unusual_spellings() -> None:
    """Every unusual spelling is read or refused as the standard library does."""
    assert not any(is_usual_ipv4(pa.array(UNUSUAL)).to_pylist())
    found = client_networks(pa.array(UNUSUAL)).to_pylist()
    assert found == [network_of(text) for text in UNUSUAL]
    told = {text: network for text, network in zip(UNUSUAL, found, strict=True) if network}
    assert told == {
        "::": "::/48",
        "::1": "::/48",
        "::10.0.0.1": "::/48",
        "::ffff:10.0.0.1": "10.0.0.0/24",
        "::FFFF:0A00:0001": "10.0.0.0/24",
        "2001:DB8:1:2:0::5": "2001:db8:1::/48",
        "fe80::1%eth0": "fe80::/48",
    }


@given(ARRAYS)
def test_usual_addresses(texts: Any) -> None:
    """A text is in the usual spelling if, and only if, it is how IPv4 addresses are written."""
    expected = [
        text is not None and plain_address(text) == text and ":" not in text
        for text in texts.to_pylist()
    ]
    assert is_usual_ipv4(texts).to_pylist() == expected


def test_every_octet_is_usual() -> None:
    """No number of an address is taken for something else, in any place."""
    for octet in range(256):
        texts = [f"{octet}.1.2.3", f"1.{octet}.2.3", f"1.2.{octet}.3", f"1.2.3.{octet}"]
        assert is_usual_ipv4(pa.array(texts)).to_pylist() == [True] * 4
        assert client_networks(pa.array(texts)).to_pylist() == [
            f"{octet}.1.2.0/24",
            f"1.{octet}.2.0/24",
            f"1.2.{octet}.0/24",
            "1.2.3.0/24",
        ]


def odd_length(text: str) -> str | None:
    """Answer for some texts and not for others."""
    return f"{len(text)} characters" if len(text) % 2 else None


@given(st.lists(st.tuples(TEXTS, st.booleans()), max_size=12))
def test_others_are_mapped_one_by_one(rows: list[tuple[str | None, bool]]) -> None:
    """What is done stays, the rest is asked for once each, and what is missing stays missing."""
    asked: list[str] = []

    def noted(text: str) -> str | None:
        asked.append(text)
        return odd_length(text)

    texts = pa.array([text for text, _done in rows], pa.string())
    done = pa.array([ready for _text, ready in rows], pa.bool_())
    results = pa.array(["done" if ready else None for _text, ready in rows], pa.string())
    found = map_others(texts, done, results, noted)
    assert asked == [text for text, ready in rows if text is not None and not ready]
    assert found.to_pylist() == [
        "done" if ready else None if text is None else odd_length(text) for text, ready in rows
    ]
