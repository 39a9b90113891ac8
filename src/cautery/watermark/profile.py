"""A profile: what an engine was told about its watermark, as ``cautery.profile/1`` says it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from cautery.errors import ConfigurationError, UsageError
from cautery.ports import Scheme
from cautery.registry import SCHEMES
from cautery.watermark.json_file import JsonFile

PROFILE_SCHEMA: Final = "cautery.profile/1"
DEFAULT_FALSE_POSITIVE_RATE: Final = 1e-6
"""One false alarm in a million texts: an accusation needs it, and 200 tokens give it."""
LARGEST_FALSE_POSITIVE_RATE: Final = 0.5

Deduplicate = Literal["none", "context", "context-token", "prf-input"]
_DIGEST: Final = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenizerFile:
    """The tokenizer that an engine's token ids belong to."""

    path: Path
    """A ``tokenizer.json``."""
    sha256: str
    """Digest of the file, 64 hexadecimal digits in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Scheme, parameters and tokenizer: everything about a watermark but its key."""

    name: str
    """The file's name without its suffix; for messages and certificates."""
    scheme: Scheme
    parameters: Any
    """What ``scheme.parameters`` made of the file's; only the scheme reads it."""
    given: dict[str, Any]
    """The parameters as the file says them."""
    tokenizer: TokenizerFile | None
    deduplicate: Deduplicate
    false_positive_rate: float

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 of what a key is made for: scheme, parameters and tokenizer."""
        tokenizer = self.tokenizer.sha256 if self.tokenizer else ""
        parts = [self.scheme.name, self.given, tokenizer]
        return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


class _Tokenizer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    file: str
    sha256: str


class _Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: str
    scheme: str
    parameters: dict[str, Any] = {}
    tokenizer: _Tokenizer | None = None
    deduplicate: Deduplicate | None = None
    false_positive_rate: float = DEFAULT_FALSE_POSITIVE_RATE


def load_profile(path: Path) -> Profile:
    """Read a profile.

    Args:
        path: A JSON file of the schema ``cautery.profile/1``; the file of a tokenizer in it is
            relative to it.

    Returns:
        The profile. A left out ``deduplicate`` is ``prf-input`` where the scheme reads only a
        part of its context, and ``context-token`` otherwise.

    Raises:
        ConfigurationError: It cannot be read or is wrong; names file, line and field.
    """
    file = JsonFile(path)
    document = file.decode(_Profile, PROFILE_SCHEMA)
    try:
        scheme = SCHEMES.load(document.scheme)
    except UsageError as error:
        raise file.fault(f"scheme: {error.what}. {error.hint}", ["scheme"]) from error
    try:
        parameters = scheme.parameters(document.parameters)
    except ConfigurationError as error:
        what = f"{error.where}: {error.what}. {error.hint}".strip(":. ")
        raise file.fault(what, [*(error.where or "parameters").split(".")]) from error
    rate = document.false_positive_rate
    if not 0.0 < rate <= LARGEST_FALSE_POSITIVE_RATE:
        raise file.fault(
            "false_positive_rate: must be above 0 and at most 0.5", ["false_positive_rate"]
        )
    return Profile(
        name=Path(path).stem,
        scheme=scheme,
        parameters=parameters,
        given=document.parameters,
        tokenizer=_tokenizer(file, document.tokenizer),
        deduplicate=document.deduplicate or scheme.deduplicate(parameters),
        false_positive_rate=rate,
    )


def caveat_of(profile: Profile) -> str:
    """Say what whoever reads a verdict should know about a profile's parameters.

    Args:
        profile: The profile.

    Returns:
        A sentence; empty if there is nothing to know.
    """
    return str(getattr(profile.parameters, "caveat", ""))


def _tokenizer(file: JsonFile, given: _Tokenizer | None) -> TokenizerFile | None:
    if given is None:
        return None
    if not given.file:
        raise file.fault("tokenizer.file: must name a file", ["tokenizer", "file"])
    if not _DIGEST.fullmatch(given.sha256):
        raise file.fault("tokenizer.sha256: must be 64 hexadecimal digits", ["tokenizer", "sha256"])
    return TokenizerFile(path=file.path.parent / given.file, sha256=given.sha256.lower())
