"""The file of tokens: one block for each, with its digest and never the token."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta, Struct

from cautery.errors import ConfigurationError, OutputError
from cautery.intel.taxii.configuration_reading import TomlDocument
from cautery.intel.taxii.configuration_sections import Fingerprint, Name
from cautery.intel.taxii.peers import TokenDigest, digest_of, draw_token
from cautery.intel.taxii.timestamps import microseconds_of, timestamp_of
from cautery.records.key import Secret
from cautery.toml_files import FileFault
from cautery.watermark.master_secret import read_secret

SCHEMA: Final = "cautery.taxii-tokens/1"


class _TokenSection(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    peer: Name
    digest: Fingerprint
    made: str = ""
    expires: Annotated[str, Meta(max_length=64)] = ""


def read_pepper(reference: str, folder: Path) -> Secret:
    """Read the pepper of the digests. There is no default.

    Args:
        reference: ``file:PATH``, ``env:NAME`` or ``command:WORDS``.
        folder: Of the configuration; a relative path is in it.

    Returns:
        The pepper.

    Raises:
        ConfigurationError: It is not there, not hexadecimal, too short, or not random.
    """
    kind, _, rest = reference.partition(":")
    if kind == "file":
        reference = f"file:{folder / rest}"
    hint = "Make one: (umask 077; openssl rand -hex 32 > pepper)"
    return read_secret(reference, noun="pepper", hint=hint)


def check_tokens(path: Path, peers: frozenset[str]) -> tuple[list[TokenDigest], list[FileFault]]:
    """Read a file of tokens and name everything that is wrong in it.

    Args:
        path: The file.
        peers: Names of all peers.

    Returns:
        The tokens, and the faults.
    """
    document = TomlDocument(path)
    if document.faults:
        return [], document.faults
    if document.tables.get("schema") != SCHEMA:
        document.fault(["schema"], f'the file must say schema = "{SCHEMA}"')
    document.check_names(("schema", "token"))
    found = []
    for place, one in enumerate(document.sections("token", _TokenSection)):
        if one is None:
            continue
        if one.peer not in peers:
            document.fault(["token", place, "peer"], f"there is no [[peer]] '{one.peer}'")
        if one.expires and microseconds_of(one.expires) is None:
            document.fault(["token", place, "expires"], "expires must be a timestamp in UTC")
        found.append(TokenDigest(peer=one.peer, digest=one.digest, expires=one.expires))
    return found, document.faults


def read_tokens(path: Path, peers: frozenset[str]) -> list[TokenDigest]:
    """Read a file of tokens.

    Args:
        path: The file.
        peers: Names of all peers.

    Returns:
        The tokens.

    Raises:
        ConfigurationError: Some of it is wrong.
    """
    found, faults = check_tokens(path, peers)
    if faults:
        raise ConfigurationError(faults[0].text, where=faults[0].where)
    return found


def add_token(path: Path, peer: str, pepper: Secret, *, now: int) -> Secret:
    """Draw a token and append its digest to the file; a file that is not there is made.

    Args:
        path: The file.
        peer: Whose it is.
        pepper: The secret of the digests.
        now: The time, microseconds since 1970.

    Returns:
        The token, which is kept nowhere.

    Raises:
        OutputError: The file cannot be written.
    """
    token = draw_token()
    digest = digest_of(token.reveal(), pepper)
    block = f'\n[[token]]\npeer = "{peer}"\ndigest = "{digest}"\nmade = "{timestamp_of(now)}"\n'
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="ascii") as stream:
            head = "" if os.fstat(descriptor).st_size else f'schema = "{SCHEMA}"\n'
            stream.write(head + block)
            stream.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", where=str(path)) from error
    return token
