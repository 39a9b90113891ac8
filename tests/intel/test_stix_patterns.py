"""Patterns: ours are STIX, and of others' only simple ones are read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stix2patterns.v21.pattern import Pattern
from tests.intel.indicators import VALUES, bulletin, indicator

from cautery.intel.stix_patterns import pattern_of, values_of_pattern
from cautery.records.indicator import IndicatorKind


@pytest.mark.parametrize("clear", [False, True], ids=["keyed", "clear"])
def test_every_pattern_parses(clear: bool) -> None:
    """OASIS's grammar accepts the pattern of every indicator."""
    for one in bulletin(clear_addresses=clear).indicators:
        Pattern(pattern_of(one))


@pytest.mark.parametrize("kind", ["address", "network", "autonomous_system"])
def test_own_patterns_are_read_back(kind: IndicatorKind) -> None:
    """What a tool without our extension sees is enough for values in clear."""
    assert values_of_pattern(pattern_of(indicator(kind))) == [(kind, VALUES[kind])]


READ = [
    (
        "[ipv4-addr:value = '198.51.100.7' OR ipv6-addr:value = '2001:db8::1']",
        [("address", "198.51.100.7"), ("address", "2001:db8::1")],
    ),
    ("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", [("network", "198.51.100.0/24")]),
    ("[ autonomous-system:number = 64500 ]", [("autonomous_system", "64500")]),
]


@pytest.mark.parametrize(("pattern", "values"), READ, ids=["addresses", "network", "system"])
def test_simple_patterns_of_others(pattern: str, values: list[tuple[str, str]]) -> None:
    """Single comparisons of what a log shows are read."""
    assert values_of_pattern(pattern) == values


UNREAD = [
    "",
    "[]",
    "[ipv4-addr:value = '198.51.100.7' AND ipv4-addr:value = '198.51.100.8']",
    "[ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [ipv4-addr:value = '198.51.100.8']",
    "[ipv4-addr:value LIKE '%']",
    "[ipv4-addr:value MATCHES '(a+)+$']",
    "[ipv4-addr:value ISSUBSET '0.0.0.0/0']",
    "[ipv4-addr:value ISSUBSET '198.51.0.0/16']",
    "[ipv4-addr:value = 'not an address']",
    "[file:hashes.'SHA-256' = 'aa']",
    "[email-addr:value = 'person@mail.example']",
    "[ipv4-addr:value = '198.51.100.7' OR ]",
    "[" + "ipv4-addr:value = '198.51.100.7' OR " * 200 + "ipv4-addr:value = '198.51.100.7']",
    "[" + " " * 20_000 + "]",
]


@pytest.mark.parametrize("place", range(len(UNREAD)))
def test_other_patterns_are_passed_over(place: int) -> None:
    """What is more than a list of values, or would hit half the world, is not read."""
    assert values_of_pattern(UNREAD[place]) is None


@given(st.text(max_size=300))
def test_any_text_is_read_or_not(text: str) -> None:
    """No text makes the reading fail."""
    for pattern in (text, f"[{text}]", f"[ipv4-addr:value = '{text}']"):
        found = values_of_pattern(pattern)
        assert found is None or all(value for _kind, value in found)
