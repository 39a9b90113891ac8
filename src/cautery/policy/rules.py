"""Reads rules out of Cedar: each a ``forbid``, with annotations that say what is to be done.

Cedar answers *allow* or *deny*. What a deny means here stands in the annotations of the rules that
brought it about, so that all of them are named, not only the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final, cast

from cautery.errors import ConfigurationError
from cautery.policy.cedar import cedar
from cautery.policy.places import did_you_mean, line_of_text
from cautery.records.decision import ACTIONS, DEGRADATIONS, Action, Degradation, clash_of

RULE_ACTIONS: Final = tuple(action for action in ACTIONS if action != "allow")
MAX_TIER_CHARACTERS: Final = 60
MAX_RETRY_SECONDS: Final = 7 * 86400
ANNOTATIONS: Final = (
    "id",
    "action",
    "text",
    "basis",
    "retry_after_seconds",
    "degradations",
    "defence_tier",
    "watermark_key",
)
"""What may stand above a rule."""
NEEDED: Final = ("id", "action", "text", "basis")

_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*")
_PIECES: Final = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*', re.DOTALL)
_WORD: Final = re.compile(r"`([^`]+)`|: (\S+)$|unexpected token `?([^`]+)`?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a pack, without its condition: Cedar keeps that."""

    rule: str
    """Identifier: name of the pack, a dot, name of the rule."""
    action: Action
    """What it asks for."""
    text: str
    """One sentence for the analyst."""
    basis: str
    """On what it rests: a term of service, a list, a law, a threshold with its source."""
    retry_after_seconds: int
    """When to come again, under *throttle*."""
    degradations: tuple[Degradation, ...]
    """What is done to the answer, under *degrade*."""
    defence_tier: str
    """Tier of the guard's own file that says so instead, under *degrade*."""
    watermark_key: str
    """Under *tag*: ``campaign`` for the key of the account's campaign, or a key's identifier."""
    where: str
    """File and line."""
    reads: tuple[str, ...]
    """Attributes that its condition looks at, such as ``context.account.billing_country``."""
    cedar: str
    """The rule in Cedar, annotations included."""


def read_rules(text: str, pack: str, name: str) -> tuple[Rule, ...]:
    """Read the rules of one pack.

    Args:
        text: Cedar.
        pack: Name of the pack; identifiers of its rules begin with it.
        name: Name of the file, for messages.

    Returns:
        The rules, in the order of the text.

    Raises:
        ConfigurationError: Not Cedar, a permit, a template, or an annotation is wrong; names the
            line.
        MissingExtraError: The library for Cedar is not installed.
    """
    try:
        found = cedar().policies_to_pst(text)
    except ValueError as error:
        raise ConfigurationError(
            f"not Cedar: {error}", where=f"{name}:{_line_of_fault(text, str(error))}"
        ) from error
    if found.templates:
        raise ConfigurationError("templates with slots (?principal) are not used here", where=name)
    spans = rule_spans(text)
    rules: dict[str, Rule] = {}
    policies = sorted(found.static_policies.values(), key=lambda policy: int(policy.id[6:]))
    for policy, (start, end) in zip(policies, spans, strict=True):
        where = f"{name}:{text.count(chr(10), 0, start) + 1}"
        rule = _read_rule(policy, pack, where, text[start:end])
        if rule.rule in rules:
            raise ConfigurationError(f"two rules are called '{rule.rule}'", where=where)
        rules[rule.rule] = rule
    return tuple(rules.values())


def rule_spans(text: str) -> list[tuple[int, int]]:
    """Find where rules stand: from their first annotation to their semicolon.

    Args:
        text: Cedar that parses.

    Returns:
        First and last place of each, in the order of the rules.
    """
    blank = _blanked(text)
    spans, begun = [], 0
    for match in re.finditer(r";", blank):
        chunk = blank[begun : match.end()]
        spans.append((begun + len(chunk) - len(chunk.lstrip()), match.end()))
        begun = match.end()
    return spans


def _blanked(text: str) -> str:
    """Blank comments out, and the insides of texts, keeping every character in its place."""
    return _PIECES.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def _line_of_fault(text: str, words: str) -> int:
    """Guess the line that Cedar means: it says what it stumbled over, but not where."""
    for match in _WORD.finditer(words):
        wanted = next(group for group in match.groups() if group)
        found = re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", _blanked(text))
        if found:
            return text.count("\n", 0, found.start()) + 1
        if wanted in text:
            return line_of_text(text, wanted)
    return 1 if text.count(";") else max(1, text.rstrip().count("\n") + 1)


def _read_rule(policy: Any, pack: str, where: str, text: str) -> Rule:
    notes = dict(policy.annotations)
    if policy.effect != "forbid":
        raise ConfigurationError(
            "a rule is a forbid; what no rule forbids is allowed",
            where=where,
            hint="Turn the permit into an unless-clause of the rule that it is to soften.",
        )
    for note in notes:
        if note not in ANNOTATIONS:
            raise ConfigurationError(
                f"unknown annotation '@{note}'", where=where, hint=did_you_mean(note, ANNOTATIONS)
            )
    for note in NEEDED:
        if not notes.get(note, "").strip():
            raise ConfigurationError(f'a rule needs @{note}("...")', where=where)
    name, action = notes["id"], notes["action"]
    if not _NAME.fullmatch(name) or name.split(".")[0] != pack:
        raise ConfigurationError(
            f"the rule '{name}' of this pack must be called '{pack}.' and a name of small letters, "
            "digits and dashes",
            where=where,
        )
    if action not in RULE_ACTIONS:
        raise ConfigurationError(
            f"there is no action '{action}'", where=where, hint=did_you_mean(action, RULE_ACTIONS)
        )
    return Rule(
        rule=name,
        action=cast("Action", action),
        text=notes["text"],
        basis=notes["basis"],
        where=where,
        reads=tuple(sorted(_paths(policy.clauses) | _scope(policy))),
        cedar=text,
        **_read_arguments(action, notes, where),
    )


def _scope(policy: Any) -> set[str]:
    """Say that a rule whose scope names a class of models looks at the class."""
    return set() if type(policy.resource).__name__ == "ScopeAny" else {"resource"}


def _paths(node: Any) -> set[str]:
    """Collect the attributes that a condition looks at, each by its longest path.

    A record that is compared or tested as a whole gives its own path, which stands for all in it.
    """
    if type(node).__name__ == "GetAttr":
        steps = [node.attr]
        base = node.base
        while type(base).__name__ == "GetAttr":
            steps.append(base.attr)
            base = base.base
        if type(base).__name__ == "Var":
            return {".".join([base.name, *reversed(steps)])}
        return _paths(base)
    if type(node).__name__ == "Var":
        return {str(node.name)}
    if isinstance(node, tuple | list | frozenset):
        return {path for item in node for path in _paths(item)}
    if is_dataclass(node):
        return {path for item in fields(node) for path in _paths(getattr(node, item.name))}
    return set()


def _read_arguments(action: str, notes: Mapping[str, str], where: str) -> dict[str, Any]:
    """Read what an action needs to be told; each argument belongs to one action."""
    if "degradations" in notes and "defence_tier" in notes:
        raise ConfigurationError(
            "a rule has @degradations or a @defence_tier, which says what they are",
            where=where,
            hint="Leave one.",
        )
    arguments: dict[str, Any] = {}
    for owner, note, read, empty in _ARGUMENTS:
        if (note in notes) != (action == owner and _INSTEAD.get(note) not in notes):
            words = f'@{note} belongs to @action("{owner}")'
            raise ConfigurationError(f"{words}, which needs it; the two go together", where=where)
        arguments[note] = read(notes[note], where) if note in notes else empty
    return arguments


def _read_seconds(words: str, where: str) -> int:
    seconds = int(words) if re.fullmatch(r"[0-9]{1,7}", words) else 0
    if not 0 < seconds <= MAX_RETRY_SECONDS:
        raise ConfigurationError(
            f"@retry_after_seconds must be 1 to {MAX_RETRY_SECONDS}, not '{words[:40]}'",
            where=where,
        )
    return seconds


def _read_degradations(words: str, where: str) -> tuple[Degradation, ...]:
    names = [name.strip() for name in words.split(",")]
    for name in names:
        if name not in DEGRADATIONS:
            raise ConfigurationError(
                f"there is no degradation '{name}'",
                where=where,
                hint=did_you_mean(name, DEGRADATIONS),
            )
    if clash := clash_of(names):
        raise ConfigurationError(
            f"{clash[0]} and {clash[1]} clash",
            where=where,
            hint="The first leaves nothing to the second: leave one.",
        )
    return cast("tuple[Degradation, ...]", tuple(dict.fromkeys(names)))


def _read_tier(words: str, where: str) -> str:
    if not 0 < len(words.strip()) <= MAX_TIER_CHARACTERS:
        raise ConfigurationError(f"'{words[:40]}' is no name of a tier", where=where)
    return words.strip()


def is_key_id(words: str) -> bool:
    """Say whether words can be the opaque identifier of a watermark key, which headers carry."""
    return re.fullmatch(r"[A-Za-z0-9._/:-]{1,128}", words) is not None


def _read_key(words: str, where: str) -> str:
    if not is_key_id(words):
        raise ConfigurationError(f"'{words[:40]}' is no identifier of a key", where=where)
    return words


_ARGUMENTS: Final[tuple[tuple[str, str, Callable[[str, str], Any], Any], ...]] = (
    ("throttle", "retry_after_seconds", _read_seconds, 0),
    ("degrade", "degradations", _read_degradations, ()),
    ("degrade", "defence_tier", _read_tier, ""),
    ("tag", "watermark_key", _read_key, ""),
)
_INSTEAD: Final = {"degradations": "defence_tier", "defence_tier": "degradations"}
