"""``cautery ledger init``: begin a ledger."""

from __future__ import annotations

from pathlib import Path


def init(
    folder: Path, *, key: Path | None = None, new_key: Path | None = None, name: str = ""
) -> int:
    """Begin a ledger.

    Give the public key (KEY.pub) to whoever is to verify, before they need it, by a way that
    nobody who can write to the ledger controls.

    Args:
        folder: The ledger's folder; made if it is not there.
        key: The file of the signing key that it is to have.
        new_key: Draw a signing key and write it to this new file, for its owner only.
        name: Name of the new key and the ledger, like example.com/ledger.

    Returns:
        The exit code.
    """
    from cautery.cli.ledger.writing_run import begin_ledger

    return begin_ledger(folder, key, new_key, name)
