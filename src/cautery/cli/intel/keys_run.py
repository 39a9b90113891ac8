"""What the verbs of ``cautery intel`` do that change the key file."""

from __future__ import annotations

import sys
from pathlib import Path

from cautery.cli import clock
from cautery.intel.epoch_keys import begin_group, load_keys, rotated, write_keys


def begin_keys(path: Path, group: str) -> int:
    """Begin a key file; see the verb ``init``."""
    keys = begin_group(group, clock.now())
    write_keys(path, keys, new=True)
    print(f"wrote {path} (keep it secret), key {keys.keys[-1].key_id}", file=sys.stderr)
    return 0


def add_epoch(path: Path) -> int:
    """Add an epoch; see the verb ``rotate``."""
    keys, dropped = rotated(load_keys(path), clock.now())
    write_keys(path, keys, new=False)
    newest = keys.keys[-1]
    print(f"added {newest.key_id}, from {newest.valid_from:%Y-%m-%d}", file=sys.stderr)
    for key_id in dropped:
        print(f"dropped {key_id}", file=sys.stderr)
    print("hand the file to the members again", file=sys.stderr)
    return 0
