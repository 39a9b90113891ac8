"""Values of the packs' parameters; every list says when it was made and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cautery.errors import ConfigurationError
from cautery.policy.configuration import ListFile, ParameterValue, PolicyFile
from cautery.policy.pack import Parameter, is_of_kind
from cautery.policy.places import did_you_mean
from cautery.policy.sources import PolicySources
from cautery.policy.toml_text import decode_toml, fault_at

LIST_SCHEMA: Final = "cautery.policy-list/1"


def parameter_values(
    file: PolicyFile,
    parameters: Mapping[str, Parameter],
    sources: PolicySources,
    text: str,
    name: str,
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Give every parameter its value.

    Args:
        file: The configuration.
        parameters: Of all packs.
        sources: Texts of the policy set.
        text: The configuration's text, for messages.
        name: Its name.

    Returns:
        Values by parameter, and where the lists come from.

    Raises:
        ConfigurationError: A value is missing, or not what the parameter takes; names the line.
    """
    for key in file.parameters:
        if key not in parameters:
            raise fault_at(
                text, name, ["parameters", key], f"no pack has a parameter '{key}'",
                did_you_mean(key, parameters),
            )  # fmt: skip
    values, origins = {}, []
    for key, parameter in sorted(parameters.items()):
        given = file.parameters.get(key)
        fault = fault_at(text, name, ["parameters", key], "")
        if given is None and parameter.default is None:
            raise ConfigurationError(
                f"the parameter '{key}' has no value: {parameter.description}",
                where=fault.where,
                hint=f"[parameters.{key}]",
            )
        if given is None:
            values[key] = parameter.default
            continue
        value, origin = _value(key, given, parameter, sources, fault.where)
        values[key] = value
        origins += [origin] if origin else []
    return values, tuple(origins)


def _value(
    key: str, given: ParameterValue, parameter: Parameter, sources: PolicySources, where: str
) -> tuple[Any, str]:
    if bool(given.file) == (given.value is not None):
        raise ConfigurationError(f"'{key}' takes either value or file", where=where)
    if given.file:
        if parameter.kind != "texts":
            raise ConfigurationError(f"'{key}' is no list: it takes no file", where=where)
        listed = decode_toml(sources.read(given.file, where), ListFile, LIST_SCHEMA, given.file)
        return list(listed.values), f"{key}: {listed.source} ({listed.dated})"
    if not is_of_kind(given.value, parameter.kind):
        raise ConfigurationError(f"'{key}' is no {parameter.kind}", where=where)
    if parameter.kind != "texts":
        return given.value, ""
    if given.dated is None or not given.source.strip():
        raise ConfigurationError(
            f"the list '{key}' does not say when it was made and where it comes from",
            where=where,
            hint="Give dated and source.",
        )
    return list(given.value), f"{key}: {given.source} ({given.dated})"
