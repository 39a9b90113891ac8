"""The texts that make up a policy set: read from a folder, or kept word for word in an archive."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cautery.errors import ConfigurationError
from cautery.plain_files import open_plain

POLICY_FILE: Final = "policy.toml"
"""Under this name the configuration itself is kept."""
BUILT_IN: Final = "cautery:"
"""Begins the names of texts that come with the package."""
MAX_FILE_BYTES: Final = 16 * 2**20
"""Largest file of a policy set."""
BUNDLE_SCHEMA: Final = "cautery.policy-bundle/1"


class PolicySources:
    """Texts of a policy set by name; remembers what was read, for that *is* the policy set.

    Args:
        kept: Texts that are known already; with no folder nothing else can be read.
        folder: Where other names are looked up; None for a set out of an archive.
    """

    def __init__(self, kept: Mapping[str, str], folder: Path | None = None) -> None:
        self._kept = dict(kept)
        self._folder = folder

    @classmethod
    def of_file(cls, path: Path) -> PolicySources:
        """Begin with a configuration file; the files that it names stand beside it.

        Args:
            path: A ``policy.toml``.

        Returns:
            The sources.

        Raises:
            ConfigurationError: It cannot be read.
        """
        return cls({POLICY_FILE: read_text(path, str(path))}, path.parent)

    def read(self, name: str, where: str = "") -> str:
        """Read a text of the set.

        Args:
            name: As the configuration writes it, relative to its folder.
            where: Who names it, for messages.

        Returns:
            The text.

        Raises:
            ConfigurationError: It cannot be read, or the archive has no such text.
        """
        if name not in self._kept:
            if self._folder is None:
                raise ConfigurationError(f"the kept policy set has no '{name}'", where=where)
            self._kept[name] = read_text(self._folder / name, where or name)
        return self._kept[name]

    def add(self, name: str, text: str) -> str:
        """Add a text that comes with the package, unless the set has its own already.

        Args:
            name: Its name, begun by ``BUILT_IN``.
            text: The text as the package has it now.

        Returns:
            The text that counts: a set out of an archive keeps that of its day.
        """
        return self._kept.setdefault(name, text)

    def bundle(self) -> bytes:
        """Write down every text that was read, so that the set can be loaded again.

        Returns:
            JSON, the same bytes for the same texts.
        """
        content = {"schema": BUNDLE_SCHEMA, "texts": self._kept}
        return json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1).encode()

    def version(self) -> str:
        """Give the SHA-256 of the bundle, in hexadecimal digits."""
        return hashlib.sha256(self.bundle()).hexdigest()


def read_text(path: Path, where: str) -> str:
    """Read a small text file.

    Args:
        path: The file.
        where: Name for messages.

    Returns:
        Its text, UTF-8.

    Raises:
        ConfigurationError: It cannot be read, is too large, or is not UTF-8.
    """
    try:
        with open_plain(path) as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(
            f"cannot read '{path.name}': {error.strerror or error}", where=where
        ) from error
    if len(content) > MAX_FILE_BYTES:
        raise ConfigurationError(
            f"'{path.name}' is larger than {MAX_FILE_BYTES:,} bytes", where=where
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"'{path.name}' is not UTF-8 at byte {error.start}", where=where
        ) from error
