"""A policy set as loaded: checked against its schema, named by its digest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cautery.policy.configuration import (
    POLICY_SCHEMA,
    Enforcement,
    Exemptions,
    ModelClass,
    PolicyFile,
    WatermarkKeys,
)
from cautery.policy.denied_lists import DeniedLists, read_denied_list
from cautery.policy.documents import DocumentRegister, read_documents
from cautery.policy.model_classes import UNLISTED, ModelClasses
from cautery.policy.pack import Pack, load_pack
from cautery.policy.parameters import parameter_values
from cautery.policy.places import did_you_mean
from cautery.policy.rules import Rule, is_key_id
from cautery.policy.schema import (
    SCHEMA_NAME,
    base_schema,
    composed_schema,
    entities_text,
    parameters_of,
)
from cautery.policy.sources import POLICY_FILE, PolicySources
from cautery.policy.toml_text import decode_toml, fault_at
from cautery.policy.validation import check_rules
from cautery.records.decision import Mode

_CLASS_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    """Everything that decides about a request, but for the request itself."""

    name: str
    """Its file, for messages."""
    version: str
    """SHA-256 of all its texts: which set a decision was made by."""
    rules_sha256: str
    """SHA-256 of its rules, parameters and classes, without modes and lists: what a backtest
    speaks of."""
    bundle: bytes
    """All its texts, for the archive."""
    packs: tuple[Pack, ...]
    """Its packs, in the order of the configuration."""
    rules: dict[str, Rule]
    """Its rules by identifier."""
    modes: dict[str, Mode]
    """Mode of each rule."""
    values: dict[str, Any]
    """Values of its parameters."""
    origins: tuple[str, ...]
    """Where its lists come from, each with a date."""
    classes: ModelClasses
    """Its classes of models."""
    exemptions: Exemptions | None
    """Who is exempt."""
    denied: DeniedLists
    """Its denied lists."""
    documents: DocumentRegister | None
    """Its register of identity documents."""
    watermark_keys: WatermarkKeys
    """Keys of campaigns."""
    enforcement: Enforcement
    """What allows enforcement."""
    schema_text: str
    """Cedar schema, parameters included."""
    entities_text: str
    """What Cedar is told about the provider."""


def load_policy_set(path: Path) -> PolicySet:
    """Load and check a policy set.

    Args:
        path: A ``policy.toml``.

    Returns:
        The set.

    Raises:
        ConfigurationError: Anything in it is wrong; names file and line.
        MissingExtraError: The library for Cedar is not installed.
    """
    return load_from(PolicySources.of_file(path), str(path))


def load_from(sources: PolicySources, name: str) -> PolicySet:
    """Load and check a policy set out of its texts.

    Args:
        sources: The texts.
        name: Name of the configuration, for messages.

    Returns:
        The set.

    Raises:
        ConfigurationError: Anything in it is wrong; names file and line.
        MissingExtraError: The library for Cedar is not installed.
    """
    text = sources.read(POLICY_FILE)
    file = decode_toml(text, PolicyFile, POLICY_SCHEMA, name)
    packs = _load_packs(file, sources, text, name)
    values, origins = parameter_values(file, parameters_of(packs), sources, text, name)
    modes = _modes(file, packs, text, name)
    check_classes(file.classes, text, name)
    _check_keys(file.watermark_keys, text, name)
    denied = [
        read_denied_list(sources.read(item.file, name), item.file, item.sha256)
        for item in file.denied
    ]
    documents = None
    if file.documents is not None:
        uses = read_documents(sources.read(file.documents.file, name), file.documents.file)
        documents = DocumentRegister(uses, file.documents.days)
    return assembled(
        name,
        sources,
        packs,
        modes=modes,
        values=values,
        origins=origins,
        classes=ModelClasses(file.classes),
        exemptions=file.exemptions,
        denied=DeniedLists(denied),
        documents=documents,
        watermark_keys=file.watermark_keys,
        enforcement=file.enforcement,
    )


def _check_keys(keys: WatermarkKeys, text: str, name: str) -> None:
    named: dict[tuple[str, ...], str] = {
        ("watermark_keys", "campaigns", one): key for one, key in keys.campaigns.items()
    }
    named["watermark_keys", "other"] = keys.other
    for path, key in named.items():
        if key and not is_key_id(key):
            raise fault_at(text, name, list(path), f"'{key[:40]}' is no identifier of a key")


def assembled(
    name: str, sources: PolicySources, packs: tuple[Pack, ...], *, modes: dict[str, Mode],
    values: dict[str, Any], classes: ModelClasses, exemptions: Exemptions | None, **rest: Any,
) -> PolicySet:  # fmt: skip
    """Put a policy set together out of parts that were read, and check its rules.

    Args:
        name: For messages.
        sources: All its texts.
        packs: Its packs.
        modes: Mode by rule.
        values: Values of parameters.
        classes: Classes of models.
        exemptions: Who is exempt.
        **rest: The other fields of a policy set that are not derived.

    Returns:
        The set.

    Raises:
        ConfigurationError: A rule does not validate; names file and line.
        MissingExtraError: The library for Cedar is not installed.
    """
    base = sources.add(SCHEMA_NAME, base_schema())
    schema_text = composed_schema(base, parameters_of(packs))
    check_rules(packs, schema_text)
    rules = {rule.rule: rule for pack in packs for rule in pack.rules}
    entities = entities_text(values, classes.attributes())
    return PolicySet(
        name=name,
        version=sources.version(),
        rules_sha256=_rules_digest(packs, schema_text, entities, exemptions),
        bundle=sources.bundle(),
        packs=packs,
        rules=rules,
        modes=modes,
        values=values,
        classes=classes,
        exemptions=exemptions,
        schema_text=schema_text,
        entities_text=entities,
        **rest,
    )


def _load_packs(file: PolicyFile, sources: PolicySources, text: str, name: str) -> tuple[Pack, ...]:
    found: dict[str, Pack] = {}
    for reference in file.packs:
        fault = fault_at(text, name, ["packs"], f"two packs are called '{reference}'")
        pack = load_pack(sources, reference, fault.where)
        if pack.name in found:
            raise fault
        found[pack.name] = pack
    if not any(pack.rules for pack in found.values()):
        raise fault_at(
            text, name, ["packs"], "no pack has a rule", "A set without rules allows all."
        )
    return tuple(found.values())


def _modes(file: PolicyFile, packs: tuple[Pack, ...], text: str, name: str) -> dict[str, Mode]:
    rules = [rule.rule for pack in packs for rule in pack.rules]
    known = {*rules, *(pack.name for pack in packs)}
    for key in file.modes:
        if key not in known:
            raise fault_at(
                text, name, ["modes", key], f"no rule or pack '{key}'", did_you_mean(key, known)
            )
    return {
        rule: file.modes.get(rule, file.modes.get(rule.split(".")[0], file.default_mode))
        for rule in rules
    }


def check_classes(classes: Mapping[str, ModelClass], text: str, name: str) -> None:
    """Refuse classes of models that overlap or have no proper name.

    Args:
        classes: The classes, by name.
        text: The file that names them, for messages.
        name: Its name.

    Raises:
        ConfigurationError: A class is wrong; names file and line.
    """
    owners: dict[str, str] = {}
    for key, kind in classes.items():
        if key == UNLISTED or not _CLASS_NAME.fullmatch(key):
            raise fault_at(text, name, ["classes", key], f"'{key}' cannot be the name of a class")
        for model in kind.models:
            if not model or model in owners:
                words = f"'{model}' is in two classes" if model else "a model has no name"
                raise fault_at(text, name, ["classes", key, "models"], words)
            owners[model] = key


def _rules_digest(
    packs: Iterable[Pack], schema_text: str, entities: str, exemptions: Exemptions | None
) -> str:
    exempt: Mapping[str, Any] = (
        {}
        if exemptions is None
        else {"uses": exemptions.permitted_uses, "verification": exemptions.least_verification}
    )
    content = [schema_text, [pack.rules_text for pack in packs], json.loads(entities), exempt]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
