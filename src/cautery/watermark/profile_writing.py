"""Writes a profile: checked as it will be read, with the digest of its tokenizer."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from cautery.errors import OutputError, UsageError
from cautery.registry import SCHEMES
from cautery.watermark.profile import (
    DEFAULT_FALSE_POSITIVE_RATE,
    LARGEST_FALSE_POSITIVE_RATE,
    PROFILE_SCHEMA,
    Deduplicate,
    TokenizerFile,
)
from cautery.watermark.tokenizer import Tokenizer, tokenizer_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProfile:
    """What a new profile is to say."""

    scheme: str
    parameters: Mapping[str, Any]
    """As the engine names them; those left out are the engine's defaults."""
    tokenizer: Path | None = None
    """A ``tokenizer.json``."""
    deduplicate: Deduplicate | None = None
    """The scheme's own if left out."""
    false_positive_rate: float = DEFAULT_FALSE_POSITIVE_RATE


def parameter_of(words: str) -> tuple[str, Any]:
    """Read NAME=VALUE; the value is JSON if it reads as such, and a word otherwise.

    Args:
        words: Name and value.

    Returns:
        Both.

    Raises:
        UsageError: There is no name or no equals sign.

    Example:
        >>> parameter_of("context_width=4"), parameter_of("scheme=selfhash")
        (('context_width', 4), ('scheme', 'selfhash'))
    """
    name, sign, value = words.partition("=")
    if not name or not sign:
        raise UsageError(f"a parameter is NAME=VALUE, not {words[:60]!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def write_profile(path: Path, new: NewProfile) -> None:
    """Check a profile and write it, whole or not at all.

    Args:
        path: The file; its folder is what the tokenizer's place is relative to.
        new: What it says.

    Raises:
        ConfigurationError: A parameter is unknown or out of range, or the tokenizer is none.
        UsageError: There is no such scheme, the rate is out of range, or there is a file already.
        OutputError: It cannot be written.
    """
    if not 0.0 < new.false_positive_rate <= LARGEST_FALSE_POSITIVE_RATE:
        raise UsageError("the false-positive rate must be above 0 and at most 0.5")
    scheme = SCHEMES.load(new.scheme)
    scheme.parameters(new.parameters)
    document: dict[str, Any] = {
        "schema": PROFILE_SCHEMA,
        "scheme": scheme.name,
        "parameters": dict(new.parameters),
    }
    if new.tokenizer is not None:
        digest = tokenizer_digest(new.tokenizer)
        Tokenizer(TokenizerFile(path=new.tokenizer, sha256=digest))  # refuses what is none
        place = os.path.relpath(new.tokenizer.resolve(), path.resolve().parent)
        document["tokenizer"] = {"file": Path(place).as_posix(), "sha256": digest}
    if new.deduplicate is not None:
        document["deduplicate"] = new.deduplicate
    document["false_positive_rate"] = new.false_positive_rate
    content = msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        os.link(part, path)  # unlike a rename it never replaces: keys hang on a profile's digest
    except FileExistsError as error:
        raise UsageError(f"{path} is there already", hint="Name a new file.") from error
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", where=str(path)) from error
    finally:
        part.unlink(missing_ok=True)
