"""Items: what a prompt is about, as rows of pieces that depend on one key alone.

The same key gives the same text, so a shared benchmark is a small set of keys and a partitioned
work queue is a set of keys that never repeats.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from cautery.simulate.seeds import Keys, field
from cautery.simulate.text.bank import Pieces, Span, chance, choose, choose_by
from cautery.simulate.text.vocabulary import Group, Vocabulary

Domains = npt.NDArray[np.int64]
Builder = Callable[[Vocabulary, Keys, Domains], list[Pieces]]


def pick(words: Vocabulary, group: Group, kinds: Domains, keys: Keys, slot: int) -> Pieces:
    """Choose a word of each row's own domain or language."""
    return choose_by(group.starts[kinds], group.sizes[kinds], keys, slot)


def literal(words: Vocabulary, text: str, keys: Keys) -> Pieces:
    """Repeat one piece."""
    return np.full(len(keys), words.bank.add(text), np.int32)


def phrase(words: Vocabulary, name: str, keys: Keys, slot: int) -> Pieces:
    """Choose an English building block."""
    return choose(words.phrases[name], keys, slot)


def shown_where(shown: npt.NDArray[np.bool_], columns: list[Pieces]) -> list[Pieces]:
    """Keep columns where a mask says so, and leave them empty elsewhere."""
    return [np.where(shown, column, 0).astype(np.int32) for column in columns]


def clause(words: Vocabulary, keys: Keys, domains: Domains, slot: int) -> list[Pieces]:
    """Compose *verb the adjective noun with name*."""
    return [
        pick(words, words.domain["verbs"], domains, keys, slot),
        phrase(words, "articles", keys, slot + 1),
        pick(words, words.domain["adjectives"], domains, keys, slot + 2),
        pick(words, words.domain["nouns"], domains, keys, slot + 3),
        phrase(words, "prepositions", keys, slot + 4),
        pick(words, words.domain["names"], domains, keys, slot + 5),
    ]


def sentence(words: Vocabulary, keys: Keys, domains: Domains, slot: int) -> list[Pieces]:
    """Compose a plain statement about a domain's things."""
    return [
        phrase(words, "sentence_subjects", keys, slot),
        phrase(words, "sentence_verbs", keys, slot + 1),
        phrase(words, "articles", keys, slot + 2),
        pick(words, words.domain["adjectives"], domains, keys, slot + 3),
        pick(words, words.domain["nouns"], domains, keys, slot + 4),
        phrase(words, "sentence_times", keys, slot + 5),
    ]


def verbatim(words: Vocabulary, span: Span, keys: Keys) -> list[Pieces]:
    """Take one real prompt."""
    return [choose(span, keys, 0)]


def task(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """A thing to do, in one or two clauses, with a number."""
    return [
        *clause(words, keys, domains, 0),
        phrase(words, "reasons", keys, 7),
        literal(words, " #", keys),
        choose(words.numbers, keys, 8),
        literal(words, ", then ", keys),
        *clause(words, keys, domains, 9),
    ]


def opening(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """What a person asks first: composed, or for one in seven a real prompt."""
    real = chance(keys, 40) < 1 / 7
    columns = [
        phrase(words, "openers", keys, 0),
        *clause(words, keys, domains, 1),
        phrase(words, "reasons", keys, 8),
        phrase(words, "constraints", keys, 9),
    ]
    more = chance(keys, 41) < 0.35
    extra = [
        literal(words, " ", keys),
        phrase(words, "sentence_subjects", keys, 10),
        phrase(words, "sentence_verbs", keys, 11),
        phrase(words, "articles", keys, 12),
        pick(words, words.domain["nouns"], domains, keys, 13),
        phrase(words, "sentence_times", keys, 14),
    ]
    columns += shown_where(more, extra)
    prompt = choose(words.prompts["opening"], keys, 15)
    columns = shown_where(~real, columns)
    columns[0] = np.where(real, prompt, columns[0]).astype(np.int32)
    return columns


def follow_up(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """What a person says next in a conversation."""
    real = chance(keys, 40) < 0.1
    columns = [
        phrase(words, "follow_ups", keys, 0),
        phrase(words, "articles", keys, 1),
        pick(words, words.domain["adjectives"], domains, keys, 2),
        pick(words, words.domain["nouns"], domains, keys, 3),
        phrase(words, "prepositions", keys, 4),
        pick(words, words.domain["names"], domains, keys, 5),
        phrase(words, "follow_tails", keys, 6),
    ]
    for place in range(3):
        pasted = [literal(words, " ", keys), *sentence(words, keys, domains, 110 + 6 * place)]
        columns += shown_where(chance(keys, 41) < 0.36 - 0.12 * place, pasted)
    prompt = choose(words.prompts["follow_up"], keys, 7)
    columns = shown_where(~real, columns)
    columns[0] = np.where(real, prompt, columns[0]).astype(np.int32)
    return columns


def foreign(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """A request in another language; ``domains`` holds language numbers here."""
    kinds = domains % len(words.languages)
    topics = rows_per_domain(keys, len(words.domains))
    return [
        pick(words, words.language["openers"], kinds, keys, 0),
        pick(words, words.language["verbs"], kinds, keys, 1),
        literal(words, " ", keys),
        pick(words, words.language["nouns"], kinds, keys, 2),
        literal(words, " (", keys),
        pick(words, words.domain["names"], topics, keys, 8),
        literal(words, ", ", keys),
        pick(words, words.domain["nouns"], topics, keys, 9),
        literal(words, " ", keys),
        choose(words.numbers, keys, 6),
        literal(words, ")", keys),
        pick(words, words.language["tails"], kinds, keys, 3),
        literal(words, " ", keys),
        pick(words, words.language["verbs"], kinds, keys, 4),
        literal(words, " ", keys),
        pick(words, words.language["nouns"], kinds, keys, 5),
        pick(words, words.language["tails"], kinds, keys, 7),
    ]


def math_problem(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """A school word problem in the manner of GSM8K, with its own names and numbers."""
    return [
        phrase(words, "first_names", keys, 0),
        phrase(words, "shop_verbs", keys, 1),
        choose(words.numbers, keys, 2),
        literal(words, " ", keys),
        phrase(words, "things", keys, 3),
        phrase(words, "periods", keys, 4),
        literal(words, " and ", keys),
        phrase(words, "first_names", keys, 5),
        phrase(words, "shop_verbs", keys, 6),
        choose(words.numbers, keys, 7),
        literal(words, " ", keys),
        phrase(words, "things", keys, 8),
        phrase(words, "periods", keys, 9),
        phrase(words, "math_questions", keys, 10),
        choose(words.numbers, keys, 11),
        literal(words, " ", keys),
        phrase(words, "things", keys, 12),
        literal(words, "?", keys),
    ]


def code_task(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """A programming exercise with its own names and limits."""
    return [
        phrase(words, "code_languages", keys, 0),
        literal(words, ": ", keys),
        phrase(words, "code_verbs", keys, 1),
        literal(words, "_", keys),
        phrase(words, "code_things", keys, 2),
        literal(words, "_by_", keys),
        phrase(words, "code_things", keys, 3),
        literal(words, "_", keys),
        choose(words.numbers, keys, 4),
        phrase(words, "code_limits", keys, 5),
        phrase(words, "code_limits", keys, 6),
        literal(words, " in ", keys),
        phrase(words, "file_names", keys, 7),
        phrase(words, "file_ends", keys, 8),
        literal(words, " to ", keys),
        *clause(words, keys, domains, 9)[:4],
    ]


def code_turn(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """What a coding agent sends back: a file, an error and the next wish."""
    columns = [
        phrase(words, "file_names", keys, 0),
        phrase(words, "file_ends", keys, 1),
        literal(words, ":", keys),
        choose(words.numbers, keys, 2),
        literal(words, " ", keys),
        phrase(words, "errors", keys, 3),
        literal(words, "\n", keys),
        phrase(words, "code_verbs", keys, 4),
        literal(words, "_", keys),
        phrase(words, "code_things", keys, 5),
        literal(words, "(", keys),
        phrase(words, "code_things", keys, 6),
        literal(words, ", ", keys),
        choose(words.numbers, keys, 7),
        literal(words, ")\n", keys),
        *clause(words, keys, domains, 8)[:4],
    ]
    length = chance(keys, 42) * 9 - 2
    for place in range(7):
        line = [
            phrase(words, "code_verbs", keys, 100 + 4 * place),
            literal(words, "(", keys),
            phrase(words, "code_things", keys, 101 + 4 * place),
            literal(words, ", ", keys),
            choose(words.numbers, keys, 102 + 4 * place),
            literal(words, ")\n", keys),
        ]
        columns += shown_where(length > place, line)
    return columns


def rows_per_domain(keys: Keys, count: int) -> Domains:
    """Give every key a domain of its own."""
    return (field(keys, 60) % np.uint64(count)).astype(np.int64)
