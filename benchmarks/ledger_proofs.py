"""Change proofs, checkpoints and packs of a ledger in every way, and count what still verifies.

    python benchmarks/ledger_proofs.py --proofs 100000

Each forgery changes one thing that was right: a bit, byte, hash, place, size, record or salt of an
inclusion proof, a consistency proof, a signed checkpoint or an evidence pack, or exchanges it for
that of another record. A forgery that is the same as the original is drawn again.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from cautery.errors import LedgerError
from cautery.ledger.checkpoints import open_checkpoint
from cautery.ledger.commitments import LedgerRecord, canonical_record, entry_of
from cautery.ledger.evidence_packs import make_pack, verify_pack
from cautery.ledger.key_files import new_signing_key
from cautery.ledger.merkle import is_consistent, is_included, leaf_hash, range_root
from cautery.ledger.opening import create_ledger
from cautery.ledger.reader import LedgerReader
from cautery.ledger.signed_notes import SigningKey
from cautery.ledger.writer import Ledger

RECORDS: Final = 3_000
NOW: Final = datetime(2026, 11, 29, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Inclusion:
    """What proves a record."""

    checkpoint: bytes
    position: int
    content: bytes
    salt: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True)
class Growth:
    """What proves that a tree grew."""

    checkpoint: bytes
    old_size: int
    old_root: bytes
    path: tuple[bytes, ...]


class Forger:
    """Makes and checks proofs, right ones and wrong ones."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._draw = random.Random(seed)
        self._key: SigningKey = new_signing_key("example.com/proofs")
        create_ledger(folder, self._key)
        with Ledger(folder, self._key, clock=lambda: NOW) as ledger:
            for number in range(RECORDS):
                ledger.submit("decision", {"account_id": f"a{number}", "n": number}, NOW)
        self._reader = LedgerReader(folder)
        self._pack = make_pack(self._reader, [7, 1_500], self._key, NOW)

    def inclusion(self) -> bool:
        """Forge a proof of inclusion; say whether it is taken."""
        right = self._inclusion()
        _must(hold=self._takes_inclusion(right))
        other = self._inclusion()
        changes: list[Callable[[], Inclusion]] = [
            lambda: replace(right, checkpoint=self._flipped(right.checkpoint)),
            lambda: replace(right, position=self._draw.randrange(-1, RECORDS + 2)),
            lambda: replace(right, position=right.position ^ (1 << self._draw.randrange(12))),
            lambda: replace(right, content=self._flipped(right.content)),
            lambda: replace(right, content=other.content),
            lambda: replace(right, content=other.content, salt=other.salt),
            lambda: replace(right, salt=self._flipped(right.salt)),
            lambda: replace(right, path=self._bent(right.path)),
            lambda: replace(right, path=other.path),
            lambda: replace(other, position=right.position),
        ]
        forged = right
        while forged in {right, other}:
            forged = self._draw.choice(changes)()
        return self._takes_inclusion(forged)

    def growth(self) -> bool:
        """Forge a proof of consistency; say whether it is taken."""
        right = self._growth()
        _must(hold=self._takes_growth(right))
        other = self._growth()
        changes: list[Callable[[], Growth]] = [
            lambda: replace(right, checkpoint=self._flipped(right.checkpoint)),
            lambda: replace(right, old_size=self._draw.randrange(1, RECORDS + 2)),
            lambda: replace(right, old_root=self._flipped(right.old_root)),
            lambda: replace(right, old_root=other.old_root),
            lambda: replace(right, path=self._bent(right.path)),
            lambda: replace(right, path=other.path),
        ]
        forged = right
        while forged in {right, other} or (forged.path, forged.old_root) == (
            other.path,
            other.old_root,
        ):
            forged = self._draw.choice(changes)()
        return self._takes_growth(forged)

    def pack(self) -> bool:
        """Change a pack's file; say whether it is taken."""
        try:
            verify_pack(self._flipped(self._pack), self._key.public_key())
        except LedgerError:
            return False
        return True

    def _inclusion(self) -> Inclusion:
        position = self._draw.randrange(RECORDS)
        found = self._reader.record(position)
        if not isinstance(found, LedgerRecord):
            raise SystemExit("nothing was erased here")
        return Inclusion(
            checkpoint=self._reader.signed_checkpoint,
            position=position,
            content=canonical_record(found.kind, found.record, found.written_at),
            salt=found.salt,
            path=tuple(self._reader.inclusion(position)),
        )

    def _growth(self) -> Growth:
        old_size = self._draw.randrange(1, RECORDS)
        return Growth(
            checkpoint=self._reader.signed_checkpoint,
            old_size=old_size,
            old_root=range_root(self._reader.tiles, 0, old_size),
            path=tuple(self._reader.consistency(old_size)),
        )

    def _takes_inclusion(self, proof: Inclusion) -> bool:
        try:
            tree, _ = open_checkpoint(proof.checkpoint, self._key.public_key())
        except LedgerError:
            return False
        leaf = leaf_hash(entry_of(proof.content, proof.salt))
        return is_included(leaf, proof.position, tree.size, proof.path, tree.root)

    def _takes_growth(self, proof: Growth) -> bool:
        try:
            tree, _ = open_checkpoint(proof.checkpoint, self._key.public_key())
        except LedgerError:
            return False
        return is_consistent(proof.old_size, proof.old_root, tree.size, tree.root, proof.path)

    def _flipped(self, content: bytes) -> bytes:
        changed = bytearray(content)
        changed[self._draw.randrange(len(changed))] ^= 1 << self._draw.randrange(8)
        return bytes(changed)

    def _bent(self, path: tuple[bytes, ...]) -> tuple[bytes, ...]:
        hashes = list(path)
        place = self._draw.randrange(len(hashes) + 1)
        match self._draw.randrange(5):
            case 0 if hashes:
                place %= len(hashes)
                hashes[place] = self._flipped(hashes[place])
            case 1 if hashes:
                del hashes[place % len(hashes)]
            case 2:
                hashes.insert(place, self._draw.randbytes(32))
            case 3:
                self._draw.shuffle(hashes)
            case _ if hashes:
                hashes.insert(place, self._draw.choice(hashes))
        return tuple(hashes)


def _must(*, hold: bool) -> None:
    """A forger who cannot tell right from wrong proves nothing."""
    if not hold:
        raise SystemExit("a right proof was refused")


def main() -> None:
    """Forge, count, and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--proofs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tried: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        forger = Forger(Path(folder) / "log", options.seed)
        kinds = {"inclusion": forger.inclusion, "growth": forger.growth, "pack": forger.pack}
        started = time.perf_counter()
        for number in range(options.proofs):
            name = list(kinds)[number % len(kinds)]
            tried[name] += 1
            taken[name] += kinds[name]()
        seconds = time.perf_counter() - started
    print("| forged | tried | taken |")
    print("| --- | --- | --- |")
    for name, count in tried.items():
        print(f"| {name} | {count:,} | {taken[name]} |")
    print(f"| all | {tried.total():,} | {taken.total()} |")
    print(f"{seconds:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
