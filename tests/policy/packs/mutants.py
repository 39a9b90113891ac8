"""Wrong versions of a pack, each with one operator of one rule replaced."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from tests.policy.packs.shelf import pack_of

from cautery.policy.pack import Pack
from cautery.policy.rules import read_rules

SWAPS = {
    " == ": " != ",
    " != ": " == ",
    " < ": " >= ",
    " > ": " <= ",
    " >= ": " < ",
    " && ": " || ",
    " &&\n": " ||\n",
    " ||\n": " &&\n",
    " || ": " && ",
    "!resource": "resource",
    "!context": "context",
    "![": "[",
    "unless {": "when {",
}
_OPERATOR = re.compile("|".join(re.escape(words) for words in SWAPS))


@cache
def mutants_of(name: str) -> list[Pack]:
    """Make every wrong version of a pack that differs in one operator."""
    pack = pack_of(name)
    text = pack.rules_text
    found = []
    for match in _OPERATOR.finditer(text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if line.lstrip().startswith(("//", "@")):
            continue
        wrong = text[: match.start()] + SWAPS[match.group()] + text[match.end() :]
        rules = read_rules(wrong, name, pack.rules_name)
        found.append(replace(pack, rules_text=wrong, rules=rules))
    return found
