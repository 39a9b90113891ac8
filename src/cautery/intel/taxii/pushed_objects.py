"""Reads an envelope that a peer pushed: the bytes of each object, and the little that is needed.

Objects are kept as the bytes they came as, so what nobody here knows (extension definitions, custom
objects) comes back byte for byte. They are parsed only to learn identifier, version and marking,
strictly: a name that stands twice in an object is refused, because two readers could see two
different objects in it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import msgspec

from cautery.intel.taxii.object_labels import label_of_object
from cautery.intel.taxii.refusals import too_large, unprocessable
from cautery.intel.taxii.timestamps import version_key
from cautery.records.indicator import Tlp

OBJECT_ID: Final = re.compile(
    r"([a-z][a-z0-9-]{1,248}[a-z0-9])--"
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
)
"""A STIX identifier; its first group is the type (STIX 2.1, section 2.9)."""
SPEC_VERSION: Final = "2.1"
_DIGEST_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class PushLimits:
    """How much an envelope may hold."""

    objects: int
    """Objects."""
    object_bytes: int
    """Bytes of one object."""
    depth: int
    """Objects and lists within one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedObject:
    """An object of an envelope."""

    object_id: str
    """STIX identifier."""
    object_type: str
    """STIX type."""
    version: str
    """Key of ``modified``, else of ``created``; empty if it has neither (the server's time is its
    version then)."""
    label: Tlp | None
    """How far it may travel; None if it is not marked."""
    content: bytes
    """As it was pushed, byte for byte."""
    digest: bytes
    """Of the content."""
    fault: str = ""
    """Why it is not taken; empty if it is."""


class _Envelope(msgspec.Struct):
    objects: list[msgspec.Raw]
    type: str = ""


def read_envelope(body: bytes, limits: PushLimits) -> tuple[PushedObject, ...]:
    """Read an envelope.

    Args:
        body: The request's body.
        limits: How much it may hold.

    Returns:
        Its objects; those that cannot be taken say why.

    Raises:
        RequestRefusedError: It is no envelope, or too large, or an object has no identifier, so
            that no status could name it: nothing of it is taken.
    """
    try:
        body.decode()
        envelope = msgspec.json.decode(body, type=_Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise unprocessable(f"This is no envelope: {error}"[:300]) from error
    # An envelope has no type (section 3.7); the sink of the stix2 library sends bundles, which have
    # objects all the same.
    if envelope.type not in {"", "bundle"}:
        raise unprocessable("An envelope has objects, and is none itself.")
    if not envelope.objects:
        raise unprocessable("The envelope has no objects.")
    if len(envelope.objects) > limits.objects:
        raise too_large(f"An envelope may have {limits.objects} objects.")
    return tuple(
        _read_object(bytes(raw), place, limits) for place, raw in enumerate(envelope.objects)
    )


def _read_object(content: bytes, place: int, limits: PushLimits) -> PushedObject:
    if len(content) > limits.object_bytes:
        raise too_large(f"Object {place} is longer than {limits.object_bytes} bytes.")
    try:
        document = json.loads(
            content, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant
        )
        if not isinstance(document, dict):
            raise ValueError("it is no JSON object")  # noqa: TRY004, TRY301 - of what was pushed
        _check_depth(document, limits.depth)
        object_id, object_type = _identity_of(document)
    except (ValueError, RecursionError) as error:
        raise unprocessable(f"Object {place}: {error}"[:300]) from error
    version, fault = "", ""
    label: Tlp | None = None
    try:
        version = _version_of(document)
        label = label_of_object(document)
        _check_specification(document)
    except ValueError as error:
        fault = str(error)
    return PushedObject(
        object_id=object_id,
        object_type=object_type,
        version=version,
        label=label,
        content=content,
        digest=hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest(),
        fault=fault,
    )


def _identity_of(document: dict[str, Any]) -> tuple[str, str]:
    object_id, object_type = document.get("id"), document.get("type")
    match = OBJECT_ID.fullmatch(object_id) if isinstance(object_id, str) else None
    if match is None or not isinstance(object_id, str):
        raise ValueError("it needs an id as STIX writes it")
    if object_type != match[1]:
        raise ValueError("its type is not that of its id")
    if object_type == "bundle":
        raise ValueError("a bundle is no object of a collection; push what is in it")
    return object_id, match[1]


def _version_of(document: dict[str, Any]) -> str:
    for name in ("modified", "created"):
        if name in document:
            value = document[name]
            key = version_key(value) if isinstance(value, str) else None
            if key is None:
                raise ValueError(f"its {name} is no timestamp")
            return key
    return ""


def _check_specification(document: dict[str, Any]) -> None:
    """Refuse STIX 2.0, whose objects with a time of creation have no ``spec_version``."""
    default = None if "created" in document else SPEC_VERSION
    if document.get("spec_version", default) != SPEC_VERSION:
        raise ValueError("it is not of STIX 2.1, which its spec_version must say")


def _check_depth(document: dict[str, Any], most: int) -> None:
    level: list[Any] = [document]
    for _ in range(most):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise ValueError(f"it is deeper than {most} levels")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in it")
    return found


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")
