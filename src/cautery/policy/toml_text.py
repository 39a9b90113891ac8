"""Decodes TOML into checked structures; wrong fields are named by file and line."""

from __future__ import annotations

import re
import tomllib
from typing import Any, Final, TypeVar

import msgspec

from cautery.errors import ConfigurationError
from cautery.policy.places import did_you_mean, line_of_key

Kind = TypeVar("Kind")
_PLACE: Final = re.compile(r" - at `(?:key in )?(?P<path>[^`]*)`$")
_STEP: Final = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<place>\d+)\]|\[\.\.\.\]")
_UNKNOWN: Final = re.compile(r"^Object contains unknown field `(?P<name>[^`]*)`")
_LINE: Final = re.compile(r"\(at line (?P<line>\d+), column \d+\)$")


def decode_toml(text: str, kind: type[Kind], schema: str, name: str) -> Kind:
    """Decode a TOML text into a record.

    Args:
        text: The text.
        kind: A msgspec structure that forbids unknown fields.
        schema: What its key ``schema`` must say.
        name: Name of the file, for messages.

    Returns:
        The record.

    Raises:
        ConfigurationError: Not TOML, of another schema, or a field is wrong; names the line.
    """
    try:
        found: dict[str, Any] = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        words = str(error)
        place = _LINE.search(words)
        where = f"{name}:{place['line']}" if place else name
        raise ConfigurationError(
            f"not TOML: {_LINE.sub('', words).strip()}", where=where
        ) from error
    said = found.pop("schema", None)
    if said != schema:
        shown = repr(said)[:80]
        raise fault_at(text, name, ["schema"], f"schema must be '{schema}', not {shown}")
    try:
        return msgspec.convert(found, kind)
    except msgspec.ValidationError as error:
        raise _explained(str(error), text, name, found, kind) from error


def fault_at(
    text: str, name: str, path: list[str | int], what: str, hint: str = ""
) -> ConfigurationError:
    """Make the error for a key of a TOML file.

    Args:
        text: Content of the file.
        name: Its name.
        path: The key, from the outside in.
        what: What is wrong.
        hint: What to do.

    Returns:
        An error that names file and line.
    """
    return ConfigurationError(what, where=f"{name}:{line_of_key(text, path)}", hint=hint)


def _explained(
    words: str, text: str, name: str, found: dict[str, Any], kind: Any
) -> ConfigurationError:
    """Turn msgspec's message into one that names the line, and guesses what was meant."""
    place = _PLACE.search(words)
    path = _resolved(place["path"] if place else "$", found, words, kind)
    plain = _PLACE.sub("", words)
    if unknown := _UNKNOWN.match(plain):
        field = unknown["name"]
        names = _fields_at(kind, path)
        return fault_at(
            text, name, [*path, field], f"unknown key '{field}'", did_you_mean(field, names)
        )
    label = ".".join(str(step) for step in path)
    return fault_at(text, name, path, f"{label}: {plain}" if label else plain)


def _resolved(path: str, found: dict[str, Any], words: str, kind: Any) -> list[str | int]:
    """Fill in the keys that msgspec writes as ``[...]``: the first one whose value is refused."""
    steps: list[str | int] = []
    value: Any = found
    here = kind
    for match in _STEP.finditer(path):
        if match.group() == "[...]":
            inner = _value_type(here)
            key = next((key for key, item in value.items() if _refused(item, inner)), "")
            steps.append(key)
            value, here = value.get(key), inner
            continue
        step: str | int = match["name"] or int(match["place"])
        steps.append(step)
        here = _field_type(here, step)
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            break
    return steps


def _refused(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return True
    return False


def _field_type(kind: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return _value_type(kind)
    fields = _fields(kind)
    return next((field.type for field in fields if field.encode_name == step), Any)


def _value_type(kind: Any) -> Any:
    arguments = getattr(kind, "__args__", ())
    return (
        arguments[-1] if arguments and arguments[-1] is not Ellipsis else (arguments or (Any,))[0]
    )


def _fields_at(kind: Any, path: list[str | int]) -> list[str]:
    here = kind
    for step in path:
        fields = _fields(here)
        named = [field.type for field in fields if field.encode_name == step]
        here = named[0] if named else _value_type(here)
    return [field.encode_name for field in _fields(here)]


def _fields(kind: Any) -> tuple[Any, ...]:
    """List the fields of a structure, also if it is one side of a union with None."""
    for candidate in (kind, *getattr(kind, "__args__", ())):
        if isinstance(candidate, type) and issubclass(candidate, msgspec.Struct):
            return msgspec.structs.fields(candidate)
    return ()
