"""The words of the packaged sample as spans of the bank."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cautery.simulate.text.bank import Span, TextBank, read_sample

SPLIT_PARTS = ("verbs", "nouns", "adjectives", "names")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The spans of one part of speech, one for every domain or language."""

    starts: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Every span that prompts are composed from."""

    bank: TextBank
    phrases: dict[str, Span]
    """English building blocks by name, ``paraphrase.verbs`` style for the nested ones."""
    domains: tuple[str, ...]
    domain: dict[str, Group]
    """``verbs``, ``nouns``, ``adjectives`` (some empty) and ``names`` by domain."""
    languages: tuple[str, ...]
    language: dict[str, Group]
    """``openers``, ``verbs``, ``nouns`` and ``tails`` by language."""
    prompts: dict[str, Span]
    """Real prompts and public benchmark items."""
    numbers: Span
    """Whole numbers 2 to 997."""


def as_group(bank: TextBank, lists: Sequence[list[str]]) -> Group:
    """Add one span for every list."""
    spans = [bank.add_all(texts) for texts in lists]
    return Group(
        starts=np.array([span.start for span in spans], np.int64),
        sizes=np.array([span.size for span in spans], np.int64),
    )


ENDINGS: dict[str, Callable[[list[str]], list[str]]] = {
    "verbs": lambda words: [word + " " for word in words],
    "nouns": lambda words: words,
    "adjectives": lambda words: [word + " " for word in words] + [""] * 8,
    "names": lambda words: words,
}


def load_phrases(bank: TextBank) -> dict[str, Span]:
    """Add the English building blocks."""
    spans: dict[str, Span] = {}
    for name, value in read_sample("phrases.toml").items():
        if isinstance(value, str):
            spans[name] = bank.add_all(value.split("|"))
        else:
            for part, texts in value.items():
                spans[f"{name}.{part}"] = bank.add_all(texts.split("|"))
    return spans


def load_vocabulary() -> Vocabulary:
    """Build a bank that holds the packaged sample."""
    bank = TextBank()
    words = read_sample("vocabulary.toml")
    domains, languages = words["domain"], words["language"]
    return Vocabulary(
        bank=bank,
        phrases=load_phrases(bank),
        domains=tuple(domains),
        domain={
            part: as_group(
                bank, [ENDINGS[part](table[part].split("|")) for table in domains.values()]
            )
            for part in SPLIT_PARTS
        },
        languages=tuple(languages),
        language={
            part: as_group(bank, [table[part].split("|") for table in languages.values()])
            for part in ("openers", "verbs", "nouns", "tails")
        },
        prompts={
            name: bank.add_all(texts) for name, texts in read_sample("prompts.json.gz").items()
        },
        numbers=bank.add_all([str(number) for number in range(2, 998)]),
    )
