"""Client software: user agents, header orders and TLS fingerprints that belong together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from cautery.simulate.text.bank import read_sample

NODE_ORDER: Final = (
    "host,connection,content-type,accept,user-agent,x-stainless-lang,x-stainless-package-version,"
    "x-stainless-os,x-stainless-arch,x-stainless-runtime,x-stainless-runtime-version,"
    "authorization,content-length"
)
GO_ORDER: Final = "host,user-agent,content-length,authorization,content-type,accept-encoding"
CURL_ORDER: Final = "host,authorization,user-agent,accept,content-type,content-length"
REQUESTS_ORDER: Final = (
    "host,user-agent,accept-encoding,accept,connection,authorization,content-type,content-length"
)
BROWSER_ORDER: Final = (
    "host,connection,content-length,sec-ch-ua,content-type,user-agent,accept,origin,referer,"
    "accept-encoding,accept-language,cookie"
)


BROWSER_AGENT: Final = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/{}.0.0.0 Safari/537.36"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One version of one client library on one platform."""

    family: str
    """Library, for example ``openai-python``."""
    user_agent: str
    header_order: str
    tls_ja4: str


def fingerprint(stack: str) -> str:
    """Make a JA4-shaped fingerprint of a TLS stack; the same stack has the same one."""
    digest = hashlib.sha256(stack.encode()).hexdigest()
    counts = f"{15 + int(digest[0], 16) % 4}{10 + int(digest[1], 16) % 7}"
    return f"t13d{counts}h2_{digest[2:14]}_{digest[14:26]}"


def recorded_order(agent: str) -> str:
    """Return the header order that was recorded from a client."""
    for row in read_sample("clients.json.gz"):
        if row["user_agent"] == agent:
            return str(row["header_order"])
    return REQUESTS_ORDER


@cache
def families() -> dict[str, tuple[Client, ...]]:
    """Return the clients of every family, newest version last."""
    openai, asynchronous = (
        recorded_order("OpenAI/Python 2.54.0"),
        recorded_order("AsyncOpenAI/Python 3.54.0"),
    )
    anthropic = recorded_order("Anthropic/Python 2.12.0")
    lines: dict[str, tuple[str, str, list[str], list[str]]] = {
        "openai-python": ("OpenAI/Python {}", openai, ["2.38.0", "2.46.1", "2.54.0", "3.20.0",
        "3.47.2", "3.54.0"], ["cpython3.11", "cpython3.12", "cpython3.13"]),
        "openai-python-async": ("AsyncOpenAI/Python {}", asynchronous, ["2.38.0", "2.54.0",
        "3.20.0", "3.54.0"], ["cpython3.11", "cpython3.12", "cpython3.13"]),
        "anthropic-python": ("Anthropic/Python {}", anthropic, ["1.9.0", "2.3.0", "2.8.1",
        "2.12.0"], ["cpython3.11", "cpython3.12"]),
        "openai-node": ("OpenAI/JS {}", NODE_ORDER, ["5.23.2", "6.9.1", "6.33.0", "7.4.0"],
        ["node20", "node22", "node24"]),
        "langchain": ("langchain-anthropic/{}", recorded_order("langchain-anthropic/1.7.7"),
        ["1.4.0", "1.7.7"], ["cpython3.11", "cpython3.12"]),
        "litellm": ("litellm/{}", recorded_order("litellm/1.106.2"), ["1.92.0", "1.99.3",
        "1.106.2"], ["cpython3.11", "cpython3.13"]),
        "aiohttp": ("Python/3.11 aiohttp/{}", recorded_order("Python/3.11 aiohttp/3.14.5"),
        ["3.11.18", "3.13.2", "3.14.5"], ["cpython3.11"]),
        "requests": ("python-requests/{}", REQUESTS_ORDER, ["2.31.0", "2.32.5"], ["cpython3.10",
        "cpython3.12"]),
        "go": ("Go-http-client/{}", GO_ORDER, ["1.1", "2.0"], ["go1.23", "go1.25"]),
        "curl": ("curl/{}", CURL_ORDER, ["7.88.1", "8.5.0", "8.14.1"], ["openssl3"]),
        "coding-agent": ("tidepool-cli/{} (external, cli)", NODE_ORDER, ["1.8.2", "1.9.0", "2.0.1",
        "2.1.0"], ["node22", "node24"]),
        "desktop": (BROWSER_AGENT, BROWSER_ORDER, ["138", "139", "140", "141"], ["chromium"]),
    }  # fmt: skip
    return {
        name: tuple(
            Client(
                family=name,
                user_agent=pattern.format(version),
                header_order=order,
                tls_ja4=fingerprint(stack),
            )
            for version in versions
            for stack in stacks
        )
        for name, (pattern, order, versions, stacks) in lines.items()
    }


HONEST_MIX: Final = {
    "openai-python": 0.27, "openai-python-async": 0.13, "anthropic-python": 0.09,
    "openai-node": 0.17, "langchain": 0.05, "litellm": 0.06, "aiohttp": 0.03, "requests": 0.06,
    "go": 0.05, "curl": 0.02, "coding-agent": 0.04, "desktop": 0.03,
}  # fmt: skip
"""Share of each family among ordinary accounts (assumed; recorded shares are not public)."""


class ClientBook:
    """All clients of a log by number, and the pools that accounts draw from."""

    def __init__(self) -> None:
        self.clients: list[Client] = [c for group in families().values() for c in group]
        self._places: dict[str, tuple[int, int]] = {}
        place = 0
        for name, group in families().items():
            self._places[name] = (place, len(group))
            place += len(group)
        self.pools: list[int] = []

    def pool(self, random: np.random.Generator, family: str, size: int = 1) -> int:
        """Add a pool of clients of one family; the same client may come twice."""
        start, count = self._places[family]
        self.pools.extend(int(n) for n in start + random.integers(0, count, size))
        return len(self.pools) - size

    def ordinary_pool(self, random: np.random.Generator, size: int = 1) -> int:
        """Add a pool of one client family drawn from the honest mix."""
        names = list(HONEST_MIX)
        weights = np.array(list(HONEST_MIX.values()))
        return self.pool(random, str(random.choice(names, p=weights / weights.sum())), size)
