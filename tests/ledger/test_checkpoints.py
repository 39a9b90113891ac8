"""Checkpoints: what a log says of itself."""

from __future__ import annotations

import pytest
from tests.ledger.ledgers import KEY, NOW, OTHER_KEY

from cautery.errors import LedgerError
from cautery.ledger.checkpoints import (
    Checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from cautery.ledger.merkle import EMPTY_ROOT
from cautery.ledger.signed_notes import COSIGNATURE, SigningKey
from cautery.records.key import Secret

TREE = Checkpoint(origin=KEY.name, size=7, root=bytes(range(32)))
SPECIFIED = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def test_the_specification_is_read() -> None:
    """The checkpoint of the specification is read and written to the byte."""
    checkpoint = parse_checkpoint(SPECIFIED)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text() == SPECIFIED


def test_it_verifies() -> None:
    """A checkpoint that its log signed verifies; that of another key or name does not."""
    note = sign_checkpoint(TREE, KEY)
    assert open_checkpoint(note, KEY.public_key()) == (TREE, [])
    with pytest.raises(LedgerError):
        open_checkpoint(note, OTHER_KEY.public_key())
    stranger = SigningKey("example.com/other", Secret(bytes(range(32))))
    with pytest.raises(LedgerError, match="of another log"):
        open_checkpoint(sign_checkpoint(TREE, stranger), stranger.public_key())


def test_a_witness_is_not_the_log() -> None:
    """A checkpoint that only a witness signed is none; with the log's signature it counts."""
    witness = SigningKey("example.org/witness", Secret(bytes(reversed(range(32)))))
    key = witness.public_key(COSIGNATURE)
    line = witness.cosign(TREE.text(), NOW)
    with pytest.raises(LedgerError, match="log itself"):
        open_checkpoint(f"{TREE.text()}\n{line}".encode(), KEY.public_key(), [key])
    note = sign_checkpoint(TREE, KEY) + line.encode()
    checkpoint, (signature,) = open_checkpoint(note, KEY.public_key(), [key])
    assert (checkpoint, signature.key) == (TREE, key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        SPECIFIED[:-1],
        SPECIFIED + "extension\n",
        SPECIFIED.replace("20852163", "020852163"),
        SPECIFIED.replace("20852163", "-1"),
        SPECIFIED.replace("20852163", "\u0661"),
        SPECIFIED.replace("20852163", "9" * 19),
        SPECIFIED.replace("20852163", "9" * 5000),
        SPECIFIED.replace("CsUY", ""),
        SPECIFIED.replace("q2I=", "q2J="),
        "\n" + SPECIFIED.partition("\n")[2],
    ],
    ids=range(12),
)
def test_what_is_no_checkpoint(text: str) -> None:
    """Malformed checkpoints are refused."""
    with pytest.raises(LedgerError):
        parse_checkpoint(text)


def test_the_empty_tree() -> None:
    """An empty log has a checkpoint too."""
    empty = Checkpoint(origin=KEY.name, size=0, root=EMPTY_ROOT)
    assert open_checkpoint(sign_checkpoint(empty, KEY), KEY.public_key())[0] == empty
