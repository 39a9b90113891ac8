"""Honest accounts of the recorded pools: people, companies, and users of the same tools."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from benchmarks.recorded_material import HARVESTERS, Material, Recorded, own_words, with_item
from benchmarks.world_habits import (
    DAY_SECONDS,
    Addresses,
    answer_of,
    heavy_size,
    identifier,
    waking_times,
    working_times,
)
from benchmarks.world_records import World, WorldAccount, WorldExchange

_MAIL: Final[tuple[str, ...]] = ("gmail.com", "outlook.com", "icloud.com", "yahoo.com", "proton.me")
_COUNTRIES: Final[tuple[str, ...]] = ("US", "GB", "DE", "FR", "IN", "BR", "JP", "CA", "PL", "NG")
_MODELS: Final[tuple[str, ...]] = ("gpt-4o-mini", "gpt-4o-mini", "gpt-4o", "gpt-4.1", "o4-mini")


@dataclass(slots=True, kw_only=True)
class Stage:
    """What every part of a recorded world is built with."""

    rng: random.Random
    material: Material
    start: float
    days: int
    world: World
    clients: list[Recorded] = field(default_factory=list)
    """Requests of ordinary clients; accounts take their headers from them."""

    def __post_init__(self) -> None:
        """Take the recorded clients, and make the address book."""
        self.clients = self.material.recorded("sdks")
        # The pipelines' client is an ordinary library too: a fourth of all people use it.
        harvester = self.material.harvester(HARVESTERS[0])[0]
        plain = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": ""}]}
        tuned = plain | {"temperature": 0.7, "max_tokens": 1_024, "top_p": 1.0}
        for body in (plain, tuned):
            self.clients += [replace(harvester, body=body)] * (len(self.clients) // 6)
        self.addresses = Addresses(self.rng)

    addresses: Addresses = field(init=False)

    def account(self, account_class: str, **facts: object) -> WorldAccount:
        """Add one account; what is not given is drawn as for an ordinary person."""
        rng = self.rng
        account = WorldAccount(
            account_id=identifier(rng, "acct-"),
            created_at=self.start - rng.random() * 400 * DAY_SECONDS,
            org_id=identifier(rng, "org-", 10) if rng.random() < 0.4 else "",
            email_domain=rng.choice(_MAIL),
            payment_fingerprint=identifier(rng, "card-"),
            country=rng.choice(_COUNTRIES),
            verification=rng.choice(("none", "email", "email", "phone")),
            account_class=account_class,
        )
        for name, value in facts.items():
            setattr(account, name, value)
        self.world.accounts.append(account)
        return account

    def add(self, exchange: WorldExchange, address: str) -> None:
        """Add one exchange with an answer."""
        exchange.client_address = address
        exchange.output_tokens = heavy_size(self.rng, 220, 0.8, 4_000)
        exchange.output_text = answer_of(self.rng, self.material.words, exchange.output_tokens)
        self.world.exchanges.append(exchange)

    def client(self) -> Recorded:
        """Draw the client that one account uses."""
        return self.rng.choice(self.clients)


def add_honest(stage: Stage, ordinary: int) -> None:
    """Add every class of honest accounts.

    Args:
        stage: The world under construction.
        ordinary: Number of ordinary people; the other classes have fixed sizes.
    """
    for _ in range(ordinary):
        _person(stage, stage.account("ordinary"), [stage.addresses.address() for _ in range(2)])
    for add in _CLASSES:
        add(stage)


def _person(stage: Stage, account: WorldAccount, addresses: list[str]) -> None:
    rng, client = stage.rng, stage.client()
    served = str(client.body["model"])
    model = served if served.startswith("claude") else rng.choice(_MODELS)
    other = model if served.startswith("claude") else rng.choice(_MODELS)
    warm = rng.choice((None, None, 0.0, 0.7, 1.0))
    homes, wandering = list(addresses), 0.06 if len(addresses) == 2 else 0.0
    history: tuple[tuple[str, str], ...] = ()
    last = 0.0
    for moment in waking_times(rng, heavy_size(rng, 12, 1.0, 150), stage.start, stage.days):
        exchange = client.exchange(account.account_id, moment, own_words(rng, stage.material))
        exchange.request_model = other if rng.random() < 0.2 else model
        exchange.temperature = warm if rng.random() < 0.5 else exchange.temperature
        # A request soon after the last one goes on with the same talk.
        exchange.history = history = history if moment - last < 900 else ()
        last = moment
        stage.add(exchange, stage.addresses.wander(homes, wandering))
        history = (*history, ("user", exchange.input_text), ("assistant", exchange.output_text))


def _enterprise(stage: Stage) -> None:
    """Forty people of one company: one payer, one exit address, everybody's own questions."""
    exit_address = stage.addresses.address()
    shared = {
        "org_id": identifier(stage.rng, "org-", 10),
        "payment_fingerprint": identifier(stage.rng, "card-"),
        "email_domain": "northharbour.example",
        "verification": "contract",
        "program": "enterprise",
    }
    for _ in range(40):
        _person(stage, stage.account("enterprise_nat", **shared), [exit_address])


def _class(stage: Stage) -> None:
    """Thirty students: one network, one assignment, one deadline, the same questions."""
    rng, network = stage.rng, stage.addresses.network()
    assignment = rng.sample(stage.material.human_prompts, 12)
    deadline = stage.start + (stage.days - 3) * DAY_SECONDS
    for address in stage.addresses.addresses_in(network, 30):
        account = stage.account(
            "university_class",
            email_domain="students.example.edu",
            program="education",
            created_at=stage.start + rng.random() * 2 * DAY_SECONDS,
        )
        client = stage.client()
        for prompt in rng.sample(assignment, 8):
            moment = deadline - rng.expovariate(1 / (0.5 * DAY_SECONDS))
            exchange = client.exchange(account.account_id, max(moment, stage.start), prompt)
            stage.add(exchange, address)
        _person(stage, account, [address])


def _evaluators(stage: Stage) -> None:
    """Twenty laboratories that run one public benchmark with the recorded harness."""
    rng, requests = stage.rng, stage.material.recorded("lm-eval-chat")
    for _ in range(20):
        account = stage.account("eval_harness", program="research")
        address, moment = stage.addresses.address(), stage.start + rng.random() * 9 * DAY_SECONDS
        for recorded in requests[: rng.choice((60, 100, 160))]:
            moment += rng.expovariate(1 / 4.0)
            stage.add(recorded.exchange(account.account_id, moment), address)


def _kit_users(stage: Stage) -> None:
    """Thirty people who try the recorded example programs of client libraries."""
    rng, examples = stage.rng, stage.material.recorded("sdks")
    for _ in range(30):
        account, address = stage.account("sdk_user"), stage.addresses.address()
        for moment in waking_times(rng, rng.randrange(5, 25), stage.start, stage.days):
            stage.add(rng.choice(examples).exchange(account.account_id, moment), address)


def _application_users(stage: Stage) -> None:
    """Sixty people who run one open-source program: one template, everybody's own items."""
    rng = stage.rng
    words = " ".join(rng.sample(stage.material.words, 14))
    template = f"You are given a note from my journal. Tidy it up, and {words}.\nNote: {{}}\nTidy:"
    client = stage.client()
    for _ in range(60):
        account, address = stage.account("open_source_app"), stage.addresses.address()
        for moment in waking_times(rng, heavy_size(rng, 12, 0.6, 60), stage.start, stage.days):
            text = template.format(own_words(rng, stage.material))
            stage.add(client.exchange(account.account_id, moment, text), address)


def _company_pipelines(stage: Stage) -> None:
    """Eight companies with three service accounts each: own template, one payer, one network."""
    rng = stage.rng
    for _ in range(8):
        shared = {
            "org_id": identifier(rng, "org-", 10),
            "payment_fingerprint": identifier(rng, "card-"),
            "email_domain": f"{rng.choice(stage.material.words)}.example",
            "verification": "contract",
            "program": "enterprise",
        }
        network = stage.addresses.network()
        words = " ".join(rng.sample(stage.material.words, 16))
        template, client = f"Classify the message as {words}.\nMessage: {{}}", stage.client()
        for address in stage.addresses.addresses_in(network, 3):
            account = stage.account("company_pipeline", **shared)
            for moment in working_times(rng, 60, stage.start, stage.days):
                text = template.format(own_words(rng, stage.material))
                stage.add(client.exchange(account.account_id, moment, text), address)


def _lone_pipeline_users(stage: Stage) -> None:
    """Twenty unrelated people who each run one of the recorded pipelines with stock settings."""
    for number in range(20):
        account = stage.account("lone_pipeline_user")
        _run_pipeline(stage, account, HARVESTERS[number % len(HARVESTERS)])


def _permitted_harvester(stage: Stage) -> None:
    """Six accounts of one customer whose contract permits synthetic data."""
    shared = {
        "org_id": identifier(stage.rng, "org-", 10),
        "payment_fingerprint": identifier(stage.rng, "card-"),
        "verification": "contract",
        "permitted_use": "synthetic_data",
    }
    for _ in range(6):
        _run_pipeline(stage, stage.account("permitted_synthetic", **shared), "selfinstruct")


def _run_pipeline(stage: Stage, account: WorldAccount, name: str) -> None:
    rng, address = stage.rng, stage.addresses.address()
    requests = stage.material.harvester(name)
    for moment in working_times(rng, rng.randrange(20, 60), stage.start, stage.days):
        recorded = rng.choice(requests)
        text = with_item(rng, stage.material, name, recorded, own_words(rng, stage.material))
        stage.add(recorded.exchange(account.account_id, moment, text), address)


_CLASSES: Final[tuple[Callable[[Stage], None], ...]] = (
    _enterprise,
    _class,
    _evaluators,
    _kit_users,
    _application_users,
    _company_pipelines,
    _lone_pipeline_users,
    _permitted_harvester,
)
"""Every class of honest accounts beside ordinary people."""
