"""A hundred thousand proofs that are nearly right."""

from __future__ import annotations

import random

import pytest
from joserfc import jwk
from tests.guard.authentication.issuers import (
    key_of,
    presented_of,
    proof_of,
    proofs_of,
    public_of,
)

from cautery.guard.authentication.proof_of_possession import ProofRefusedError

TOKEN = b"header.claims.signature"
JKT = jwk.import_key(public_of(key_of("ES256", "client"))).thumbprint()


def mutate(proof: str, draw: random.Random) -> str:
    """Change a proof a little: a character, a piece, an order."""
    place = draw.randrange(len(proof))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \xe9"
    kind = draw.randrange(6)
    if kind <= 2:
        return proof[:place] + draw.choice(alphabet) + proof[place + 1 :]
    if kind == 3:
        return proof[:place] + proof[place + draw.randrange(1, 4) :]
    if kind == 4:
        return proof[:place] + draw.choice(alphabet) + proof[place:]
    other = draw.randrange(len(proof))
    first, last = sorted((place, other))
    return proof[:first] + proof[last:] + proof[first:last]


@pytest.mark.slow
def test_of_a_hundred_thousand_mutated_proofs_none_is_taken() -> None:
    """Whatever is changed, nothing that differs from the proof is taken for one."""
    draw, proofs = random.Random(5), proofs_of()
    proof = proof_of(TOKEN)
    taken = 0
    for _ in range(100_000):
        changed = mutate(proof, draw)
        if changed == proof:
            continue
        try:
            proofs.verify(presented_of(TOKEN, "dpop", proofs=(changed,)), JKT)
        except ProofRefusedError:
            continue
        taken += 1
    assert taken == 0
    proofs.verify(presented_of(TOKEN, "dpop", proofs=(proof,)), JKT)
