"""The schema that every rule is checked against, and what Cedar is told about the provider."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from cautery.errors import ConfigurationError
from cautery.policy.pack import CEDAR_TYPES, Pack, Parameter
from cautery.policy.sources import read_text

SCHEMA_NAME: Final = "cautery:policy.cedarschema"
CALLER: Final = {"type": "Caller", "id": "account"}
"""Whoever asks. Rules see attributes of the account, never its name, so answers can be kept."""
REQUEST: Final = {"type": "Action", "id": "request"}
PERMIT: Final = "permit (principal, action, resource);\n"
"""What no rule forbids is allowed; written by this room, never by a pack."""


@cache
def base_schema() -> str:
    """Read the schema that comes with the package.

    Returns:
        Cedar schema text, without the entity ``Settings``.
    """
    path = Path(__file__).with_name("data") / "policy.cedarschema"
    return read_text(path, path.name)


def parameters_of(packs: Iterable[Pack]) -> dict[str, Parameter]:
    """Put the parameters of packs together.

    Args:
        packs: The packs.

    Returns:
        Parameters by name.

    Raises:
        ConfigurationError: Two packs mean different kinds of thing by one name.
    """
    found: dict[str, Parameter] = {}
    for pack in packs:
        for name, parameter in pack.parameters.items():
            if name in found and found[name].kind != parameter.kind:
                raise ConfigurationError(
                    f"the parameter '{name}' is a {found[name].kind} in another pack, "
                    f"here it is a {parameter.kind}",
                    where=pack.name,
                )
            found[name] = parameter
    return found


def composed_schema(base: str, parameters: Mapping[str, Parameter]) -> str:
    """Add the entity ``Settings`` to the schema.

    Args:
        base: The schema that comes with the package.
        parameters: Of all packs.

    Returns:
        Cedar schema text.
    """
    lines = [
        f"  // {' '.join(parameter.description.split())}\n"
        f'  "{name}": {CEDAR_TYPES[parameter.kind]},\n'
        for name, parameter in sorted(parameters.items())
    ]
    return f"{base}\nentity Settings {{\n{''.join(lines)}}};\n"


def entities_text(values: Mapping[str, Any], classes: Mapping[str, Mapping[str, Any]]) -> str:
    """Write down what Cedar is told about the provider: its parameters and classes of models.

    Args:
        values: Values of parameters.
        classes: Attributes of classes of models, by name.

    Returns:
        Cedar's JSON of entities.
    """
    settings = {"type": "Settings", "id": "settings"}
    entities = [{"uid": settings, "attrs": dict(values), "parents": []}]
    for name, attributes in classes.items():
        entities.append(
            {
                "uid": {"type": "ModelClass", "id": name},
                "attrs": {**attributes, "settings": {"__entity": settings}},
                "parents": [],
            }
        )
    return json.dumps(entities)
