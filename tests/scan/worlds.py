"""Invented accounts for the tests of the scan: strangers, and a planted group among them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from tests.scan.small_logs import Row, SmallLog, exchange, moment

ByExchange = Callable[[int, int], Row]
"""Columns of an exchange, from the number of its account and its own number there."""
ByAccount = Callable[[int], Row]
"""Columns of the account table, from the number of the account."""

HOUR = 3_600
DAY = 86_400
DAYS = 7
"""Days that the worlds last."""
TEMPLATES = (
    (
        "Solve the olympiad exercise and explain every intermediate step before you commit to one "
        "result: {} Write the final result alone on the last line"
    ),
    (
        "You are given an article from our archive, write three hard questions about it whose "
        "answers stand in the text: {} Return the questions as a numbered list without a comment"
    ),
)
"""Frames of prompts that nobody but a planted group uses; ``{}`` is the item."""


def _nothing(*_numbers: int) -> Row:
    return {}


def made_up_words(generator: np.random.Generator, count: int) -> str:
    """Join words of three syllables, of so many that no four meet again in the same order."""
    consonants, vowels = "bcdfghjklmnpqrstvwxz", "aeiou"
    places = generator.integers(0, (20, 5, 20, 5, 20, 5), size=(count, 6)).tolist()
    return " ".join(
        "".join((consonants, vowels)[place % 2][letter] for place, letter in enumerate(word))
        for word in places
    )


def ordinary(
    count: int,
    *,
    name: str = "ordinary",
    block: int = 1,
    exchanges: int = 8,
    seed: int = 1,
    columns: ByExchange = _nothing,
    account_columns: ByAccount = _nothing,
) -> SmallLog:
    """Make innocent accounts, each with its own address, card, words, hours and domain.

    Args:
        count: Number of accounts, at most 250.
        name: Begin of their names; a number of three digits follows.
        block: Second octet of their addresses; another one for each crowd of a log.
        exchanges: Exchanges of each account, spread over ``DAYS``.
        seed: Seed of words and times.
        columns: Columns that replace or join those of an exchange.
        account_columns: The same for a row of the account table.

    Returns:
        The log of these accounts.
    """
    log = SmallLog()
    for number in range(count):
        account = f"{name}-{number:03d}"
        generator = np.random.default_rng([seed, block, number])
        morning = int(generator.integers(6, 20)) * HOUR
        rows = []
        for turn in range(exchanges):
            second = int(generator.integers(DAYS)) * DAY + morning + int(generator.integers(HOUR))
            row = exchange(account, second) | _ordinary_columns(generator, block, number)
            rows.append(row | {"request_id": f"{account}-{turn}"} | columns(number, turn))
        row = account_row(account, number) | account_columns(number)
        log += SmallLog(exchanges=tuple(rows), accounts=(row,))
    return log


def planted(
    count: int,
    *,
    name: str = "planted",
    block: int = 2,
    exchanges: int = 8,
    cover: float = 0.0,
    accounts_per_card: int = 4,
    accounts_per_address: int = 1,
    templates: tuple[str, ...] = TEMPLATES,
    seed: int = 2,
    columns: ByExchange = _nothing,
    account_columns: ByAccount = _nothing,
) -> SmallLog:
    """Make a group of one owner: it shares cards, client and templates, and asks no item twice.

    Args:
        count: Number of accounts, at most 250.
        name: Begin of their names; a number of three digits follows.
        block: Second octet of their addresses.
        exchanges: Exchanges of each account, spread over ``DAYS``.
        cover: Part of each account's exchanges that are ordinary ones instead.
        accounts_per_card: Accounts on each card, in order.
        accounts_per_address: Accounts on each address, interleaved; 1 gives each its own.
        templates: Frames of the prompts, in turn; none leaves ordinary words.
        seed: Seed of items and times.
        columns: Columns that replace or join those of an exchange.
        account_columns: The same for a row of the account table.

    Returns:
        The log of these accounts.
    """
    addresses = -(-count // accounts_per_address)

    def harvest(number: int, turn: int) -> Row:
        generator = np.random.default_rng([seed, block, number, turn])
        address = {"client_address": f"198.{block}.{number % addresses}.7"}
        if not templates or turn < round(cover * exchanges):
            return address | columns(number, turn)
        frame = templates[turn % len(templates)]
        row = address | PIPELINE | {"input_text": frame.format(made_up_words(generator, 9))}
        return row | columns(number, turn)

    def on_card(number: int) -> Row:
        card = {"payment_fingerprint": f"card-{name}-{number // accounts_per_card}"}
        return card | account_columns(number)

    return ordinary(
        count,
        name=name,
        block=block,
        exchanges=exchanges,
        seed=seed,
        columns=harvest,
        account_columns=on_card,
    )


PIPELINE: Row = {
    "user_agent": "pipeline/1.0",
    "tls_ja4": "t13d-pipeline",
    "temperature": 0.9,
    "max_tokens": 4_096,
    "message_count": 1,
    "output_tokens": 1_400,
}
"""What the client of a planted group sends and gets, harvest and not cover."""


def account_row(account: str, number: int) -> Row:
    """Make a row of the account table of somebody who shares nothing."""
    return {
        "account_id": account,
        "created_at": moment(-DAY - number * 7 * HOUR),
        "email_domain": f"{account}.example",
        "payment_fingerprint": f"card-{account}",
        "status": "active",
    }


def _ordinary_columns(generator: np.random.Generator, block: int, number: int) -> Row:
    kind = int(np.random.default_rng([block, number]).integers(30))
    return {
        "request_model": "served-1",
        "client_address": f"198.{block}.{number}.7",
        "user_agent": f"client/{kind % 5}",
        "tls_ja4": f"t13d-{kind % 5}",
        "temperature": kind % 3 / 4,
        "max_tokens": 256 * (1 + kind % 6),
        "message_count": int(generator.integers(1, 9)),
        "input_tokens": 40,
        "output_tokens": int(generator.integers(20, 600)),
        "input_text": made_up_words(generator, 14),
    }
