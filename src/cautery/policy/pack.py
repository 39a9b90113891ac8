"""A pack of rules: dated, with its sources and parameters, and cases beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from cautery.errors import ConfigurationError, UsageError
from cautery.policy.pack_source import CASES, RULES, SETTINGS, built_in_name
from cautery.policy.rules import Rule, read_rules
from cautery.policy.toml_text import decode_toml, fault_at
from cautery.registry import PACKS

if TYPE_CHECKING:
    from cautery.policy.sources import PolicySources

PACK_SCHEMA: Final = "cautery.policy-pack/1"
NOTICE: Final = "Not legal advice."
"""Every pack says so, word for word."""

ParameterKind = Literal["texts", "text", "whole number", "flag"]
CEDAR_TYPES: Final[dict[str, str]] = {
    "texts": "Set<String>",
    "text": "String",
    "whole number": "Long",
    "flag": "Bool",
}


class Parameter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A thing that a pack leaves to whoever loads it."""

    kind: ParameterKind
    """What its value is."""
    description: str
    """What it means, with its unit."""
    example: Any
    """A value for the pack's own cases; for lists an illustration, never a list to go by."""
    default: Any = None
    """Its value where ``policy.toml`` gives none; without one it has to."""


class _Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: str
    dated: date


class _PackFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    description: str
    dated: date
    notice: str
    sources: tuple[_Source, ...]
    parameters: dict[str, Parameter] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack as loaded."""

    name: str
    """Its name; identifiers of its rules begin with it."""
    description: str
    """One line."""
    dated: date
    """When it was last gone over."""
    sources: tuple[str, ...]
    """Where its rules come from, each with a date."""
    parameters: dict[str, Parameter]
    """What is left to whoever loads it."""
    rules: tuple[Rule, ...]
    """Its rules, in the order of the file."""
    rules_text: str
    """Cedar."""
    rules_name: str
    """Name of the file with the rules."""
    cases_text: str
    """Its cases, undecoded."""
    cases_name: str
    """Name of the file with the cases."""


def load_pack(sources: PolicySources, reference: str, where: str = "") -> Pack:
    """Load a pack of the shelf by its name, or a pack of one's own by its ``.cedar`` file.

    Args:
        sources: Texts of the policy set; what is read joins them.
        reference: A name, or a path that ends in ``.cedar``.
        where: Who names it, for messages.

    Returns:
        The pack.

    Raises:
        ConfigurationError: There is none, or one of its files is wrong; names the line.
        MissingExtraError: The library for Cedar is not installed.
    """
    if reference.endswith(RULES):
        base = reference.removesuffix(RULES)
        names = {ending: base + ending for ending in (RULES, SETTINGS, CASES)}
        texts = {ending: sources.read(name, where) for ending, name in names.items()}
    else:
        reference = reference.replace("_", "-")
        names = {ending: built_in_name(reference, ending) for ending in (RULES, SETTINGS, CASES)}
        texts = _read_shelf(sources, reference, names, where)
    file = decode_toml(texts[SETTINGS], _PackFile, PACK_SCHEMA, names[SETTINGS])
    _check(file, texts[SETTINGS], names[SETTINGS], reference)
    return Pack(
        name=file.name,
        description=file.description,
        dated=file.dated,
        sources=tuple(f"{source.text} ({source.dated})" for source in file.sources),
        parameters=file.parameters,
        rules=read_rules(texts[RULES], file.name, names[RULES]),
        rules_text=texts[RULES],
        rules_name=names[RULES],
        cases_text=texts[CASES],
        cases_name=names[CASES],
    )


def is_of_kind(value: Any, kind: ParameterKind) -> bool:
    """Say whether a value is what a parameter takes.

    Args:
        value: As TOML gives it.
        kind: Of the parameter.

    Returns:
        Whether it is.

    Example:
        >>> is_of_kind(True, "whole number"), is_of_kind(["AA"], "texts")
        (False, True)
    """
    if kind == "texts":
        return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    if kind == "whole number":
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
    return isinstance(value, str if kind == "text" else bool)


def _read_shelf(
    sources: PolicySources, reference: str, names: dict[str, str], where: str
) -> dict[str, str]:
    try:
        member = PACKS.load(reference)
    except UsageError as error:
        raise ConfigurationError(
            error.what, where=where, hint=error.hint.replace("_", "-")
        ) from error
    texts = member.read()
    return {ending: sources.add(name, texts[ending]) for ending, name in names.items()}


def _check(file: _PackFile, text: str, name: str, reference: str) -> None:
    if file.notice != NOTICE:
        raise fault_at(text, name, ["notice"], f"notice must be '{NOTICE}'")
    if not file.sources:
        raise fault_at(text, name, ["name"], "a pack names the sources of its rules", "[[sources]]")
    expected = reference.removesuffix(RULES).rsplit("/", 1)[-1]
    if file.name != expected:
        raise fault_at(text, name, ["name"], f"name must be '{expected}', as the file is called")
    for key, parameter in file.parameters.items():
        if not key.isidentifier() or key != key.lower():
            raise fault_at(text, name, ["parameters", key], f"'{key}' is no name of a parameter")
        for field in ("example", "default"):
            value = getattr(parameter, field)
            if (field == "example" or value is not None) and not is_of_kind(value, parameter.kind):
                raise fault_at(
                    text,
                    name,
                    ["parameters", key, field],
                    f"{field} of '{key}' is no {parameter.kind}",
                )
