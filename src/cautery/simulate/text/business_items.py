"""Items of companies' pipelines: records, pairs to grade, segments to translate, benchmarks."""

from __future__ import annotations

import numpy as np

from cautery.simulate.seeds import Keys
from cautery.simulate.text.bank import Pieces, chance, choose
from cautery.simulate.text.items import (
    Domains,
    clause,
    literal,
    phrase,
    pick,
    rows_per_domain,
    sentence,
    shown_where,
)
from cautery.simulate.text.vocabulary import Vocabulary


def record(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """A business record: who, what, how much, when."""
    return [
        phrase(words, "record_kinds", keys, 0),
        literal(words, " ", keys),
        choose(words.numbers, keys, 1),
        literal(words, "-", keys),
        choose(words.numbers, keys, 2),
        literal(words, "; ", keys),
        phrase(words, "first_names", keys, 3),
        phrase(words, "last_names", keys, 4),
        literal(words, "; ", keys),
        phrase(words, "companies", keys, 5),
        literal(words, "; ", keys),
        choose(words.numbers, keys, 6),
        literal(words, ".50; ", keys),
        phrase(words, "months", keys, 7),
        literal(words, " 2026; ", keys),
        phrase(words, "record_states", keys, 8),
        literal(words, "; ", keys),
        pick(words, words.domain["adjectives"], domains, keys, 9),
        pick(words, words.domain["nouns"], domains, keys, 10),
    ]


def graded_pair(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """An instruction with two answers to compare."""
    return [
        *clause(words, keys, domains, 0)[:4],
        literal(words, "\n[A] ", keys),
        phrase(words, "answers", keys, 4),
        phrase(words, "answer_links", keys, 5),
        *clause(words, keys, domains, 6)[1:],
        literal(words, "\n[B] ", keys),
        phrase(words, "answers", keys, 13),
        phrase(words, "answer_links", keys, 14),
        *clause(words, keys, domains, 15)[1:],
    ]


def segment(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """A passage of three sentences."""
    return [
        *sentence(words, keys, domains, 0),
        *sentence(words, keys, domains, 6),
        *sentence(words, keys, domains, 12),
    ]


def document(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """A document of two to eleven sentences with a question about it."""
    length = chance(keys, 90) * 10 + 1
    columns = [*clause(words, keys, domains, 0), literal(words, "\n\n", keys)]
    for place in range(10):
        shown = length > place
        part = sentence(words, keys, domains, 10 + 6 * place)
        columns += shown_where(shown, part)
    return columns


def benchmark(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """A public benchmark item, word for word."""
    return [choose(words.prompts["gsm8k"], keys, 0)]


def second_benchmark(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """An item of another public benchmark, word for word."""
    return [choose(words.prompts["mt_bench"], keys, 0)]


def human(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """A real prompt with a composed detail, as a seed for rewriting."""
    return [
        choose(words.prompts["opening"], keys, 0),
        literal(words, "\n", keys),
        *clause(words, keys, domains, 1),
        phrase(words, "reasons", keys, 8),
    ]


def sensitive(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """A politically sensitive passage to be rewritten safely."""
    return [
        phrase(words, "sentence_subjects", keys, 0),
        phrase(words, "sentence_verbs", keys, 1),
        literal(words, "a report on ", keys),
        phrase(words, "subjects", keys, 2),
        literal(words, " and ", keys),
        phrase(words, "subjects", keys, 3),
        phrase(words, "sentence_times", keys, 4),
        literal(words, "(", keys),
        phrase(words, "months", keys, 5),
        literal(words, ", ", keys),
        phrase(words, "last_names", keys, 6),
        literal(words, ") ", keys),
        phrase(words, "rewrites", keys, 7),
        literal(words, ", about ", keys),
        choose(words.numbers, keys, 8),
        literal(words, " words", keys),
    ]


def code_review(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """A change to review, as a continuous-integration job sends it."""
    return [
        literal(words, "diff --git a/src/", keys),
        phrase(words, "file_names", keys, 0),
        phrase(words, "file_ends", keys, 1),
        literal(words, " @@ -", keys),
        choose(words.numbers, keys, 2),
        literal(words, " @@\n-", keys),
        phrase(words, "code_verbs", keys, 3),
        literal(words, "_", keys),
        phrase(words, "code_things", keys, 4),
        literal(words, "(", keys),
        choose(words.numbers, keys, 5),
        literal(words, ")\n+", keys),
        phrase(words, "code_verbs", keys, 6),
        literal(words, "_", keys),
        phrase(words, "code_things", keys, 7),
        literal(words, "  # ", keys),
        *clause(words, keys, domains, 8)[:4],
    ]


def broad_task(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """A task whose domain follows from the key: broad coverage, as a harvest wants it."""
    domains = rows_per_domain(keys, len(words.domains))
    return [
        *clause(words, keys, domains, 0),
        phrase(words, "reasons", keys, 7),
        phrase(words, "constraints", keys, 8),
        literal(words, " ", keys),
        phrase(words, "sentence_subjects", keys, 9),
        phrase(words, "sentence_verbs", keys, 10),
        phrase(words, "articles", keys, 11),
        pick(words, words.domain["nouns"], domains, keys, 12),
        phrase(words, "sentence_times", keys, 13),
    ]


def broad_pair(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """A pair to grade, from any domain."""
    return graded_pair(words, keys, rows_per_domain(keys, len(words.domains)))


def coursework(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """One of a course's few assignments: many students send the same words."""
    return [
        *sentence(words, keys, domains, 0),
        *clause(words, keys, domains, 6),
        literal(words, " (question ", keys),
        choose(words.numbers, keys, 12),
        literal(words, ")", keys),
    ]


def empty(words: Vocabulary, keys: Keys, domains: Domains) -> list[Pieces]:
    """Nothing: the prompt is its head and tail."""
    return [np.zeros(len(keys), np.int32)]
