"""Networks of keys: who is shared, who is not, and how much memory that takes."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from cautery.errors import ConfigurationError
from cautery.guard.authentication.key_networks import KeyNetworks, SpreadSettings
from cautery.records.key_spread import KeySpread

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def system_of(address: str) -> int:
    """Give an address's provider: its first number; of IPv6 none is known."""
    return 0 if ":" in address else int(address.split(".", maxsplit=1)[0])


def spread_of(addresses: Iterable[tuple[str, timedelta]]) -> KeySpread:
    """Use a key from addresses at times before now, the earliest first."""
    seen = KeyNetworks(system_of=system_of)
    for address, before in addresses:
        seen.note("k", address, NOW - before)
    found = seen.spread("k", NOW)
    assert found is not None
    return found


def test_resold_to_twenty_people_at_once() -> None:
    """Twenty networks of ten providers within ten minutes are many people."""
    used = [(f"{20 + n % 10}.{n}.0.1", (20 - n) * MINUTE / 2) for n in range(20)]
    found = spread_of(used)
    assert found.shared
    assert (found.networks_at_once, found.systems_at_once) == (20, 10)
    assert "20 networks of 10 providers" in found.text


def test_shared_over_a_day() -> None:
    """Forty networks of twenty providers over a day, one after another."""
    used = [(f"{20 + n % 20}.{n}.0.1", (40 - n) * 30 * MINUTE) for n in range(40)]
    found = spread_of(used)
    assert found.shared
    assert found.networks_at_once <= 1


@pytest.mark.parametrize(
    "used",
    [
        [(f"20.{n}.0.1", (60 - n) * 20 * MINUTE) for n in range(60)],
        [(f"20.{n}.0.1", MINUTE) for n in range(60)],
        [(f"{20 + n % 2}.{n % 5}.0.{n}", (60 - n) * MINUTE) for n in range(60)],
        [("20.0.0.1", (600 - n) * MINUTE) for n in range(600)],
        [(f"{20 + n}.0.0.1", (7 - n) * MINUTE) for n in range(7)],
        [(f"{20 + n}.{n}.0.1", (40 - n) * 120 * MINUTE) for n in range(40)],
        [(f"2001:db8:1:{n:x}::1", MINUTE) for n in range(60)],
    ],
    ids=[
        "a phone in one provider's networks",
        "a cloud's addresses at once",
        "an office and a home",
        "many people behind one address",
        "a laptop on a journey",
        "many networks over four days",
        "privacy addresses of one site",
    ],
)
def test_what_one_customer_does(used: list[tuple[str, timedelta]]) -> None:
    """Moving, clouds, offices and NAT are not sharing."""
    assert not spread_of(used).shared


def test_networks_not_addresses_are_counted() -> None:
    """A /24 and a /48 are one network each; IPv4 in IPv6 is IPv4."""
    found = spread_of(
        [
            ("192.0.2.1", MINUTE),
            ("192.0.2.200", MINUTE),
            ("::ffff:192.0.2.3", MINUTE),
            ("2001:db8:1::1", MINUTE),
            ("2001:db8:1:ffff::1", MINUTE),
            ("2001:db8:2::1", MINUTE),
        ]
    )
    assert (found.networks, found.systems) == (3, 2)


def test_what_is_old_no_longer_counts() -> None:
    """A network counts until a day after its last use."""
    seen = KeyNetworks()
    seen.note("k", "192.0.2.1", NOW)
    assert [
        found.networks
        for hours in (23, 25)
        if (found := seen.spread("k", NOW + timedelta(hours=hours)))
    ] == [1, 0]


@pytest.mark.parametrize("address", ["", "unknown", "192.0.2", "192.0.2.1/24", "<script>"])
def test_what_is_no_address(address: str) -> None:
    """It is left out."""
    seen = KeyNetworks()
    seen.note("k", address, NOW)
    assert seen.spread("k", NOW) is None


def test_memory_is_bounded() -> None:
    """So many keys, so many networks of each; the count then says "or more"."""
    draw = random.Random(5)
    seen = KeyNetworks(SpreadSettings(most_keys=50, most_networks=40))
    for number in range(20_000):
        address = f"{draw.randrange(1, 224)}.{draw.randrange(256)}.{draw.randrange(256)}.1"
        seen.note(f"k-{number % 50}", address, NOW)
    for number in range(50, 70):
        seen.note(f"k-{number}", "192.0.2.1", NOW)
    assert len(seen._keys) == 50
    assert all(sys.getsizeof(each.slots) < 40 * 24 * 2 for each in seen._keys.values())
    found = seen.spread("k-49", NOW)
    assert found is not None
    assert found.networks == 40
    assert "40 or more networks" in found.text


def test_keys_in_use_are_kept() -> None:
    """The ones that were not seen for longest are forgotten."""
    seen = KeyNetworks(SpreadSettings(most_keys=2))
    for key, minute in (("a", 0), ("b", 0), ("a", 1), ("c", 1)):
        seen.note(key, "192.0.2.1", NOW + minute * MINUTE)
    assert [key for key in "abc" if seen.spread(key, NOW)] == ["a", "c"]


def test_a_full_list_forgets_the_oldest_network() -> None:
    """What is at once is right even for a key with more networks than are remembered."""
    seen = KeyNetworks(SpreadSettings(most_networks=32))
    for number in range(100):
        seen.note("k", f"20.{number}.0.1", NOW + number * MINUTE)
    found = seen.spread("k", NOW + 99 * MINUTE)
    assert found is not None
    assert (found.networks, found.networks_at_once) == (32, 15)


@pytest.mark.parametrize("settings", [{"networks": 65}, {"systems": 0}, {"most_keys": -1}], ids=str)
def test_limits_that_make_no_sense(settings: dict[str, int]) -> None:
    """A limit beyond what is remembered would never be reached."""
    with pytest.raises(ConfigurationError):
        SpreadSettings(**settings)


def test_it_says_so_as_it_notes() -> None:
    """The answer to each use is that of the whole count, also for an address that was just seen."""
    seen = KeyNetworks(SpreadSettings(networks_at_once=3, systems_at_once=3))
    said = []
    for address in ("20.0.0.1", "20.0.0.1", "21.0.0.1", "22.0.0.1", "22.0.0.1", "no address"):
        said.append(seen.note("k", address, NOW))
        found = seen.spread("k", NOW)
        assert found is not None
        assert found.shared == said[-1]
    assert said == [False, False, False, True, True, True]
    assert not seen.note("k", "20.0.0.1", NOW + 60 * MINUTE)
    assert not seen.note("other", "no address", NOW)
