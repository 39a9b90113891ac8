"""What every part of the alternate world is built with: its clients, accounts and exchanges."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.alternate_words import CONTENT_WORDS, TOPICS, question
from benchmarks.world_habits import (
    DAY_SECONDS,
    Addresses,
    answer_of,
    heavy_size,
    identifier,
    waking_times,
)
from benchmarks.world_records import World, WorldAccount, WorldExchange

OLD_MODELS: Final[tuple[str, ...]] = ("atlas-3", "atlas-3", "atlas-3-mini", "atlas-2")
"""Models that are served from the first day on."""

NEW_MODEL: Final = "atlas-4"
"""The model that is released in the middle of the log."""

NO_CARD: Final = 0.2
"""Part of all accounts for which billing knows no payment instrument."""

MOST_HOMES: Final = 3
"""Whoever has fewer addresses is at home, where the provider gives out new ones now and then."""

_COUNTRIES: Final[tuple[str, ...]] = ("US", "DE", "IN", "BR", "VN", "KR", "SG", "NL", "TR", "ID")
_MAIL: Final[tuple[str, ...]] = ("gmail.com", "hotmail.com", "gmx.net", "qq.com", "mail.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A program that people send requests with."""

    user_agent: str
    header_order: str
    temperature: float | None = None
    max_tokens: int | None = None
    stream: bool | None = None


CLIENTS: Final[tuple[Client, ...]] = (
    Client(
        user_agent="python-requests/2.32.4", header_order="host,user-agent,accept,authorization"
    ),
    Client(
        user_agent="OpenAI/JS 6.9.1",
        header_order="host,authorization,content-type,user-agent,x-stainless-lang",
        stream=True,
    ),
    Client(user_agent="Go-http-client/2.0", header_order="host,user-agent,content-length"),
    Client(
        user_agent="OpenAI/Python 2.8.0",
        header_order="host,accept,accept-encoding,authorization,user-agent",
        temperature=1.0,
    ),
    Client(
        user_agent="axios/1.13.2",
        header_order="accept,content-type,authorization,user-agent,host",
        max_tokens=2048,
    ),
    Client(
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
        header_order="host,user-agent,accept,accept-language,origin,cookie",
        stream=True,
    ),
    Client(
        user_agent="okhttp/5.1.0",
        header_order="authorization,content-type,host,user-agent",
        temperature=0.7,
        max_tokens=1024,
    ),
)
"""Clients of honest people and of harvesters alike."""


@dataclass(slots=True, kw_only=True)
class Stage:
    """The world under construction."""

    rng: random.Random
    start: float
    days: int
    released_at: float
    """When ``NEW_MODEL`` comes out."""
    world: World
    addresses: Addresses = field(init=False)

    def __post_init__(self) -> None:
        """Open the address book."""
        self.addresses = Addresses(self.rng)

    def account(self, account_class: str, **facts: object) -> WorldAccount:
        """Add one account; what is not given is drawn as for an ordinary person."""
        rng = self.rng
        has_card = rng.random() >= NO_CARD
        account = WorldAccount(
            account_id=identifier(rng, digits=32),
            created_at=self.start + (rng.random() * 395 - 385) * DAY_SECONDS,
            org_id=identifier(rng, digits=12) if rng.random() < 0.12 else "",
            email_domain=rng.choice(_MAIL),
            payment_fingerprint=identifier(rng, "pm_", 20) if has_card else "",
            country=rng.choice(_COUNTRIES),
            verification=rng.choice(("none", "email", "email", "phone", "document")),
            account_class=account_class,
        )
        account.created_at = min(account.created_at, self.start + self.days * DAY_SECONDS / 2)
        for name, value in facts.items():
            setattr(account, name, value)
        self.world.accounts.append(account)
        return account

    def say(
        self, account: WorldAccount, client: Client, moment: float, text: str, address: str
    ) -> WorldExchange:
        """Add one exchange and return it, so that the caller may add details."""
        exchange = WorldExchange(
            time_start=moment,
            account_id=account.account_id,
            input_text=text,
            client_address=address,
            user_agent=client.user_agent,
            header_order=client.header_order,
            temperature=client.temperature,
            max_tokens=client.max_tokens,
            stream=client.stream,
            output_tokens=heavy_size(self.rng, 260, 0.9, client.max_tokens or 6_000),
        )
        exchange.output_text = answer_of(self.rng, CONTENT_WORDS, exchange.output_tokens)
        self.world.exchanges.append(exchange)
        return exchange

    def topics(self) -> list[str]:
        """Draw what one person is interested in."""
        return self.rng.sample(TOPICS, self.rng.choice((1, 2, 2, 3, 4)))

    def model_at(self, moment: float, old_model: str, days_to_move: float) -> str:
        """Draw the model asked for: people move to a new one over days, each in the own time."""
        if moment < self.released_at:
            return old_model
        moved = 1 - 2 ** (-(moment - self.released_at) / (days_to_move * DAY_SECONDS))
        return NEW_MODEL if self.rng.random() < moved else old_model


def add_person(
    stage: Stage, account: WorldAccount, addresses: Sequence[str], median: float = 20
) -> None:
    """Add what one person asks over the log: talks on own topics, in own words.

    Args:
        stage: The world.
        account: Whose account it is.
        addresses: Where the person connects from.
        median: Half of all people ask fewer times.
    """
    rng, topics = stage.rng, stage.topics()
    client, old_model = rng.choice(CLIENTS), rng.choice(OLD_MODELS)
    opener = question(rng, topics, None).split(" ", 1)[0] + " " if rng.random() < 0.3 else None
    homes, wandering = list(addresses), 0.06 if len(addresses) < MOST_HOMES else 0.0
    history: tuple[tuple[str, str], ...] = ()
    last, first = 0.0, max(stage.start, account.created_at)
    days = max(1, int((stage.start + stage.days * DAY_SECONDS - first) // DAY_SECONDS))
    for moment in waking_times(rng, heavy_size(rng, median, 1.1, 600), first, days):
        text = question(rng, topics, opener)
        exchange = stage.say(
            account, client, moment, text, stage.addresses.wander(homes, wandering)
        )
        exchange.request_model = stage.model_at(moment, old_model, 8)
        exchange.history = history = history if moment - last < 700 else ()
        history = (*history[-6:], ("user", text), ("assistant", exchange.output_text))
        last = moment
