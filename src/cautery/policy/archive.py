"""Keeps policy sets by their digest, so that a decision can be asked again years later."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from cautery.errors import ConfigurationError, OutputError, UsageError
from cautery.plain_files import open_plain
from cautery.policy.places import did_you_mean
from cautery.policy.policy_set import PolicySet, load_from
from cautery.policy.sources import BUNDLE_SCHEMA, PolicySources

MAX_BUNDLE_BYTES: Final = 256 * 2**20
"""Largest policy set that is read back."""
SHORTEST: Final = 8
"""Digits of a digest that must be given at least."""


class _Bundle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    schema: str
    texts: dict[str, str]


class PolicyArchive:
    """A folder of policy sets, each in a file named by the SHA-256 of its content.

    Args:
        folder: The folder; made when the first set is stored.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def store(self, policy: PolicySet) -> Path:
        """Keep a policy set; one that is there already is left as it is.

        Args:
            policy: The set.

        Returns:
            Its file.

        Raises:
            OutputError: It cannot be written.
        """
        path = self._folder / policy.version[:2] / f"{policy.version}.json"
        try:
            if path.is_file() and _digest(path.read_bytes()) == policy.version:
                return path
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, policy.bundle)
        except OSError as error:
            raise OutputError(
                f"cannot keep the policy set: {error.strerror or error}", where=str(path)
            ) from error
        return path

    def load(self, version: str) -> PolicySet:
        """Load the policy set of a digest, with the rules and the schema of its day.

        Args:
            version: The digest, or its first eight digits or more.

        Returns:
            The set.

        Raises:
            UsageError: There is none, or several begin so.
            ConfigurationError: The file was changed, or Cedar does not take it any more.
        """
        path = self._path_of(version.lower())
        try:
            with open_plain(path) as stream:
                content = stream.read(MAX_BUNDLE_BYTES + 1)
        except OSError as error:
            raise ConfigurationError(
                f"cannot be read: {error.strerror or error}", where=str(path)
            ) from error
        if _digest(content) != path.stem:
            raise ConfigurationError("the kept policy set was changed", where=str(path))
        try:
            bundle = msgspec.json.decode(content, type=_Bundle)
        except msgspec.DecodeError as error:
            raise ConfigurationError(f"no policy set: {error}", where=str(path)) from error
        if bundle.schema != BUNDLE_SCHEMA:
            raise ConfigurationError(f"schema must be '{BUNDLE_SCHEMA}'", where=str(path))
        return load_from(PolicySources(bundle.texts), str(path))

    def versions(self) -> list[str]:
        """List the digests of all sets that are kept, sorted."""
        return sorted(path.stem for path in self._folder.glob("[0-9a-f][0-9a-f]/*.json"))

    def _path_of(self, version: str) -> Path:
        if not re.fullmatch(rf"[0-9a-f]{{{SHORTEST},64}}", version):
            raise UsageError(f"a digest has {SHORTEST} to 64 hexadecimal digits")
        found = sorted(self._folder.glob(f"{version[:2]}/{version}*.json"))
        if len(found) != 1:
            words = "several policy sets begin so" if found else "no policy set is kept under"
            raise UsageError(
                f"{words} '{version}'",
                where=str(self._folder),
                hint="" if found else did_you_mean(version, self.versions()),
            )
        return found[0]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
