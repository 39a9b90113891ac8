"""What stands on the shelf of packs: a name, and three files beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cautery.policy.sources import BUILT_IN, read_text

RULES, SETTINGS, CASES = ".cedar", ".toml", ".cases.toml"
"""How the files of a pack end: its rules, what it says of itself, and its allow and deny cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSource:
    """A pack that comes with a package (shelf ``policy/packs``)."""

    name: str
    """As ``packs`` in ``policy.toml`` names it."""
    description: str
    """One line for the list of packs."""
    base: Path
    """Its files without their endings."""

    def read(self) -> dict[str, str]:
        """Read its files.

        Returns:
            Texts by ending: ``.cedar``, ``.toml``, ``.cases.toml``.

        Raises:
            ConfigurationError: One cannot be read.
        """
        return {
            ending: read_text(self.base.with_name(self.base.name + ending), self.name + ending)
            for ending in (RULES, SETTINGS, CASES)
        }


def beside(module_file: str, name: str, description: str) -> PackSource:
    """Make the member of the shelf whose files stand beside a module.

    Args:
        module_file: ``__file__`` of the module.
        name: Name of the pack.
        description: One line for the list of packs.

    Returns:
        The member.
    """
    return PackSource(name=name, description=description, base=Path(module_file).with_suffix(""))


def built_in_name(pack: str, ending: str) -> str:
    """Name a file of a pack of the shelf among the texts of a policy set.

    Args:
        pack: Name of the pack.
        ending: Which of its files.

    Returns:
        The name.

    Example:
        >>> built_in_name("exposure", ".cedar")
        'cautery:exposure.cedar'
    """
    return f"{BUILT_IN}{pack}{ending}"
