"""Ordinary ways of using an API: the strands that honest accounts and cover traffic share."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from cautery.simulate.accounts import zone_hours
from cautery.simulate.arrivals import read_traces
from cautery.simulate.columns import Columns
from cautery.simulate.seeds import random_keys
from cautery.simulate.strands import (
    FLAT,
    HUMAN,
    OFFICE,
    PER_CALL,
    PER_SESSION,
    STICKY,
    TRACE,
)
from cautery.simulate.text.items import clause, sentence
from cautery.simulate.text.kinds import KIND_NUMBER
from cautery.simulate.world import World, local_languages

PERSON, APPLICATION, CODER = range(3)
"""Ways of life: someone who chats, a product that calls the API, a programmer with an agent."""
LIFE_SHARES: Final = (0.38, 0.42, 0.20)
APPLICATION_KINDS: Final = (
    "document",
    "task",
    "record",
    "segment",
    "opening",
    "broad_task",
    "math",
    "human",
    "code_task",
    "pair",
)
APPLICATION_WEIGHTS: Final = (0.3, 0.18, 0.08, 0.08, 0.13, 0.07, 0.04, 0.04, 0.05, 0.03)
SIZES_OF_ADDRESS_POOLS: Final = (1, 1, 2, 3, 6, 40, 120)
AGENT_PROMPT: Final = (
    "You are Tidepool, an interactive coding agent. Use the tools to read and edit files. "
    "Think before you act, keep changes small and run the tests after every change."
)


def composed_texts(world: World, keys: Any, domains: Any, pattern: str) -> list[str]:
    """Write one fixed text for every key: a pattern with ``{task}`` filled in."""
    pieces = world.words.bank.pieces
    columns = clause(world.words, keys, domains, 20)
    return [
        pattern.format(task="".join(pieces[piece] for piece in row))
        for row in zip(*columns, strict=True)
    ]


HEAD_PATTERNS: Final = (
    "", "{task}:\n", "Task: {task}\n\nInput: ", "### Instruction\n{task}\n### Input\n",
    "We {task}. Given the text below, answer.\n\n", "<context>{task}</context>\n",
    "Use case: {task}.\nReply in one paragraph.\n", "Explain your answer. {task}\n",
    "{task}. Think step by step, then answer.\n\n", "Rate from 1 to 5 and justify: {task}\n",
)  # fmt: skip
HEAD_WEIGHTS: Final = np.array([0.3, 0.12, 0.12, 0.08, 0.1, 0.08, 0.08, 0.05, 0.04, 0.03])
ROLE_PATTERNS: Final = (
    "You are the assistant of a product that helps people {task}. Be concise.",
    "You are an expert. Your users {task}. Answer in their language and never invent facts.",
    "System for: {task}. Return JSON with the keys answer and confidence.",
)


def further_sentences(world: World, random: np.random.Generator, domains: Any) -> list[str]:
    """Write none to a dozen more sentences of instructions for every application."""
    count, most = len(domains), 26
    keys = random_keys(random, count * most)
    columns = sentence(world.words, keys, np.repeat(domains, most), 0)
    pieces = world.words.bank.pieces
    texts = ["".join([pieces[piece] for piece in row]) for row in zip(*columns, strict=True)]
    lengths = np.where(random.random(count) < 0.65, random.integers(1, most + 1, count), 0)
    return ["".join(texts[n * most : n * most + lengths[n]]) for n in range(count)]


def own_prompts(world: World, random: np.random.Generator, domains: Any) -> tuple[Any, Any]:
    """Give every application its own head and system prompt; return their piece numbers."""
    count = len(domains)
    keys = random_keys(random, count)
    patterns = random.choice(len(HEAD_PATTERNS), count, p=HEAD_WEIGHTS)
    tasks = composed_texts(world, keys, domains, "{task}")
    more = further_sentences(world, random, domains)
    heads = [
        extra + HEAD_PATTERNS[p].format(task=task)
        for p, task, extra in zip(patterns, tasks, more, strict=True)
    ]
    roles = random.integers(0, len(ROLE_PATTERNS), count)
    more = further_sentences(world, random, domains)
    prompts = [
        ROLE_PATTERNS[r].format(task=task) + " " + extra
        for r, task, extra in zip(roles, tasks, more, strict=True)
    ]
    head = world.pieces(heads).start + np.arange(count)
    system = world.pieces(prompts).start + np.arange(count)
    return head, np.where(random.random(count) < 0.6, system, 0)


def volumes(
    random: np.random.Generator, count: int, middle: float = 9.0, spread: float = 1.05
) -> Any:
    """Draw exchanges per active day: log-normal, as ServeGen's clients are heavy-tailed."""
    return np.minimum(middle * np.exp(spread * random.standard_normal(count)), 400.0)


def networks(world: World, random: np.random.Generator, accounts: Columns) -> dict[str, Any]:
    """Give every account its addresses: home, office or cloud; some rotate a lot.

    Serverless functions, container clusters, mobile networks and relays change the address with
    every session or call, for honest accounts too.
    """
    count = accounts.rows
    kinds = random.choice(["residential", "hosting", "corporate"], count, p=[0.55, 0.3, 0.15])
    mode = random.choice([STICKY, PER_SESSION, PER_CALL], count, p=[0.47, 0.35, 0.18])
    sizes = np.where(mode == STICKY, random.choice(SIZES_OF_ADDRESS_POOLS[:4], count), 0)
    sizes = np.where(mode != STICKY, random.choice([8, 30, 120, 400], count), sizes)
    return {
        "network": mode,
        "address": world.home_addresses(random, accounts, kinds, sizes),
        "address_size": sizes,
    }


def habits(world: World, random: np.random.Generator, accounts: Columns) -> dict[str, Any]:
    """Draw what every account has whatever it does: clock, client, models, parameters."""
    count = accounts.rows
    client, client_size = world.own_clients(random, count)
    some = random.random((8, count))
    temperature = np.where(
        some[0] < 0.55, np.nan, random.choice([0, 0.2, 0.3, 0.7, 0.7, 1.0], count)
    )
    ceilings = random.choice([512, 800, 1024, 1024, 2000, 2048, 4096, 4096, 8192, 16000], count)
    return {
        "zone_hours": zone_hours(accounts["country"]),
        "peak_hour": 14 + 3 * random.standard_normal(count),
        "spread_hours": random.uniform(2.0, 5.0, count),
        "client": client, "client_size": client_size,
        "temperature": temperature,
        "top_p": np.where(some[1] < 0.25, random.choice([0.9, 0.95, 1.0], count), np.nan),
        "max_tokens": np.where(some[2] < 0.5, ceilings, 0),
        "fixed_seed": np.where(some[3] < 0.04, random.choice([0, 42, 1234], count), -1),
        "stream": np.where(some[4] < 0.45, 1, np.where(some[4] < 0.7, 0, -1)),
        "logprobs": np.where(some[5] < 0.04, 1, -1),
        "choices": np.where(some[6] < 0.06, random.choice([1, 1, 2, 4], count), 0),
        "model": random.choice([0, 1, 1, 1, 2], count),
        "other_model": random.choice([0, 1, 2], count),
        "other_share": random.choice([0.0, 0.1, 0.25, 0.4], count),
        "adoption_days": np.where(some[7] < 0.22, random.uniform(0, 1, count),
        random.exponential(6.0, count)),
        "adoption_share": random.beta(1.1, 1.0, count),
        "output_log": random.normal(5.6, 0.8, count), "output_spread": random.uniform(0.4, 1.1,
        count),
        "reasoning_share": random.choice([0.05, 0.2, 0.5, 0.9], count),
        "keys": random.choice([1, 1, 1, 2, 4], count),
        "cache_share": random.choice([0, 0, 0.2, 0.6], count),
        "error_share": random.choice([0.0, 0.01, 0.03, 0.08], count),
        "active_share": random.beta(2.0, 1.3, count), "weekend": random.choice([0.1, 0.5, 0.9,
        1.2], count),
    }  # fmt: skip


def episodes(random: np.random.Generator, count: int, days: int) -> dict[str, Any]:
    """Let a third of the accounts work in one stretch only, as projects do."""
    short = random.random(count) < 0.4
    begin = np.where(short, random.uniform(-0.1, 0.85, count) * days, 0.0)
    length = random.gamma(2.0, 0.17 * days, count) + 0.5
    return {"start": begin, "end": np.where(short, begin + length, 1e9)}


def lead_ordinary_lives(
    world: World,
    random: np.random.Generator,
    rows: Any,
    accounts: Columns,
    most_lives: int = 3,
    **values: Any,
) -> None:
    """Add ordinary work to every account: one to three kinds of it, each with its own habits.

    Args:
        world: Receives the strands.
        random: Stream to draw from.
        rows: Row numbers of the accounts.
        accounts: The accounts.
        most_lives: Most kinds of work of one account.
        **values: Strand columns that override what is drawn: one value, or one an account.
    """
    count = accounts.rows
    given = {"rate": volumes(random, count), **episodes(random, count, world.plan.days)}
    given.update(networks(world, random, accounts) if "address" not in values else {})
    given.update(values)
    amount = np.minimum(random.choice([1, 2, 3], count, p=[0.45, 0.38, 0.17]), most_lives)
    share = random.dirichlet([1.5, 1.5, 1.5], count) * (np.arange(3) < amount[:, None])
    share /= share.sum(1, keepdims=True)
    for number in range(most_lives):
        some = amount > number
        if some.any():
            own = {k: v[some] if isinstance(v, np.ndarray) else v for k, v in given.items()}
            own["rate"] = np.asarray(given["rate"] * share[:, number])[some]
            lead_one_life(world, random, rows[some], accounts.take(some), own)


def lead_one_life(
    world: World, random: np.random.Generator, rows: Any, accounts: Columns, values: dict[str, Any]
) -> None:
    """Add one strand for every account: a person, an application or a programmer."""
    count = accounts.rows
    domains = random.integers(0, len(world.words.domains), count)
    life = random.choice(3, count, p=LIFE_SHARES)
    base = habits(world, random, accounts)
    base["domain"] = domains
    base["second_domain"] = random.integers(0, len(world.words.domains), count)
    base["session"] = 1.0 + random.gamma(1.5, 2.0, count)
    base["gap_seconds"] = np.exp(random.normal(4.0, 1.0, count))
    base["language"] = local_languages(random, accounts["country"])
    for kind in (PERSON, APPLICATION, CODER):
        mask = life == kind
        if mask.any():
            details = life_details(world, random, kind, domains[mask])
            chosen = {name: np.asarray(value)[mask] for name, value in base.items()}
            own = {k: v[mask] if isinstance(v, np.ndarray) else v for k, v in values.items()}
            world.add_strands(rows[mask], **{**chosen, **details, **own})


def life_details(
    world: World, random: np.random.Generator, kind: int, domains: Any
) -> dict[str, Any]:
    """Return the strand columns of one way of life for as many accounts as there are domains."""
    if kind == PERSON:
        _, system = own_prompts(world, random, domains)
        prompted = np.where(random.random(len(domains)) < 0.45, system, 0)
        return {**person(random, len(domains)), "system": prompted}
    if kind == APPLICATION:
        return application(world, random, len(domains), domains)
    return coder(world, random, len(domains))


def person(random: np.random.Generator, count: int) -> dict[str, Any]:
    """Someone who chats: several turns, waking hours."""
    return {
        "kind": random.choice([KIND_NUMBER["opening"], KIND_NUMBER["document"]], count, p=[0.7,
        0.3]),
        "multi_turn": random.random(count) < 0.65,
        "schedule": random.choice([HUMAN, OFFICE], count),
    }  # fmt: skip


def application(
    world: World, random: np.random.Generator, count: int, domains: Any
) -> dict[str, Any]:
    """A product: its own prompt, other people's input, single turns."""
    names = random.choice(len(APPLICATION_KINDS), count, p=APPLICATION_WEIGHTS)
    head, system = own_prompts(world, random, domains)
    return {
        "kind": np.array([KIND_NUMBER[APPLICATION_KINDS[name]] for name in names]),
        "head": head, "system": system, "multi_turn": random.random(count) < 0.15,
        "tools": np.where(random.random(count) < 0.25, random.integers(1, 9, count), 0),
        "schedule": random.choice([HUMAN, OFFICE, FLAT, TRACE], count, p=[0.35, 0.2, 0.15, 0.3]),
        "trace": random.integers(0, len(read_traces()), count),
        "session": 1.0 + random.gamma(1.0, 3.0, count),
        "gap_seconds": np.exp(random.normal(2.5, 1.5, count)),
        "end_users": np.where(random.random(count) < 0.35, random.integers(5, 400, count), 0),
    }  # fmt: skip


def coder(world: World, random: np.random.Generator, count: int) -> dict[str, Any]:
    """A programmer with a popular agent or an editor: long sessions, tools, cached context."""
    agent = random.random(count) < 0.5
    prompt = world.words.bank.add(AGENT_PROMPT)
    return {
        "kind": np.where(agent, KIND_NUMBER["code_turn"], KIND_NUMBER["opening"]),
        "multi_turn": True, "system": np.where(agent, prompt, 0),
        "tools": np.where(agent, random.choice([8, 11, 14, 17], count), 0),
        "domain": random.choice([0, 1, 2, 3, 19], count), "language": -1,
        "session": 2.0 + random.gamma(2.0, 4.0, count),
        "context_tokens": np.where(agent, 3000, 300), "cache_share": np.where(agent, 0.8, 0.2),
        "schedule": random.choice([HUMAN, OFFICE], count),
        "gap_seconds": np.exp(random.normal(3.4, 0.7, count)),
    }  # fmt: skip
