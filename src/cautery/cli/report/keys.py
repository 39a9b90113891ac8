"""``cautery report keys``: draw a key that signs evidence packs."""

from __future__ import annotations

import sys
from pathlib import Path


def keys(file: Path, *, name: str) -> int:
    """Draw a key that signs evidence packs.

    The file is for its owner only. FILE.pub beside it is the public key: give it to whoever is to
    verify, by another way than the packs.

    Args:
        file: The new key's file; it must not be there.
        name: Whose key it is, like example.com/trust-and-safety.

    Returns:
        The exit code.
    """
    from cautery.cli.exits import printable
    from cautery.ledger.key_files import new_signing_key, write_signing_key

    signing = new_signing_key(name)
    public = write_signing_key(file, signing)
    kept, handed = printable(str(file)), printable(str(public))
    print(f"wrote {kept} (keep it secret) and {handed} (hand it out)", file=sys.stderr)
    print(f"key {signing.public_key().fingerprint}", file=sys.stderr)
    return 0
