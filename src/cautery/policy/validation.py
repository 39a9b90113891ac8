"""Refuses rules that do not fit the schema, and says in which line and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from cautery.errors import ConfigurationError
from cautery.policy.cedar import cedar
from cautery.policy.pack import Pack
from cautery.policy.places import did_you_mean, line_of_text
from cautery.policy.rules import rule_spans
from cautery.policy.schema import SCHEMA_NAME

_ATTRIBUTE: Final = re.compile(r"attribute `(?:[\w.]*\.)?(?P<name>\w+)`")
_POLICY: Final = re.compile(r"^for policy `[^`]*`, ")
_KNOWN: Final = re.compile(r'"(\w+)"\s*:')


def check_rules(packs: Iterable[Pack], schema_text: str) -> None:
    """Refuse rules that do not validate against the schema.

    Args:
        packs: The packs.
        schema_text: Cedar schema.

    Raises:
        ConfigurationError: A rule names what is not there, or compares what cannot be compared;
            names file and line of the first fault, and how many more there are.
    """
    library = cedar()
    try:
        schema = library.Schema.from_str(schema_text)
    except ValueError as error:
        raise ConfigurationError(
            f"the schema is not Cedar's: {error}", where=SCHEMA_NAME
        ) from error
    for pack in packs:
        errors = library.validate_policies(pack.rules_text, schema).errors
        if not errors:
            continue
        first = errors[0]
        words = _POLICY.sub("", str(first.error))
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise ConfigurationError(
            words + more,
            where=f"{pack.rules_name}:{_line_of(pack, str(first.policy_id), words)}",
            hint=_hint(words, schema_text),
        )


def _line_of(pack: Pack, policy_id: str, words: str) -> int:
    """Find the line of a fault: that of the word it names, from the rule's first line on."""
    spans = rule_spans(pack.rules_text)
    place = int(policy_id[6:]) if policy_id[6:].isdigit() else 0
    start, end = spans[place] if place < len(spans) else (0, len(pack.rules_text))
    before = pack.rules_text.count("\n", 0, start)
    name = _misspelt(words)
    return before + (line_of_text(pack.rules_text[start:end], name) if name else 1)


def _misspelt(words: str) -> str:
    match = _ATTRIBUTE.search(words)
    return match["name"] if match else ""


def _hint(words: str, schema_text: str) -> str:
    name = _misspelt(words)
    return did_you_mean(name, set(_KNOWN.findall(schema_text)) - {name}) if name else ""
