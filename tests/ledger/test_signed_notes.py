"""Signed notes and keys, against the vectors of the specification and of Go's own package."""

from __future__ import annotations

import pytest
from tests.ledger.ledgers import KEY, NOW, OTHER_KEY

from cautery.errors import ConfigurationError, LedgerError
from cautery.ledger.signed_notes import (
    COSIGNATURE,
    SigningKey,
    open_note,
    read_public_key,
    read_signing_key,
    split_note,
)
from cautery.records.key import Secret

# The example of C2SP signed-note.
SPECIFIED_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPECIFIED_NOTE = (
    "This is an example message.\n\n\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# The example of Go's golang.org/x/mod/sumdb/note.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_SIGNATURE = (
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# The example of C2SP tlog-cosignature, whose keys are not published.
COSIGNED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\u2014 witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def sign(key: SigningKey, text: str) -> str:
    """Sign a line."""
    return key.sign_note(f"{text}\n")


def test_the_specification_verifies() -> None:
    """The note of the specification verifies with its key."""
    text, (signature,) = open_note(SPECIFIED_NOTE.encode(), [read_public_key(SPECIFIED_KEY)])
    assert (text, signature.key.name) == ("This is an example message.\n", "example.com/foo")
    assert signature.signed_at is None


def test_gos_note_is_made_to_the_byte() -> None:
    """Go's private key signs Go's text as Go does, and reads and writes as Go's."""
    key = read_signing_key(GO_SECRET)
    assert key.sign_note(GO_TEXT) == GO_SIGNATURE
    assert key.public_key().text() == GO_KEY
    assert key.text().reveal().decode() == GO_SECRET
    assert open_note(f"{GO_TEXT}\n{GO_SIGNATURE}".encode(), [read_public_key(GO_KEY)])


def test_no_mangled_public_key_is_read() -> None:
    """No part of a key, and no key with a changed character, is a key (as Go's own test asks)."""
    for start in range(len(GO_KEY)):
        for stop in range(start + 1, len(GO_KEY) + 1):
            if (start, stop) != (0, len(GO_KEY)):
                with pytest.raises(ConfigurationError):
                    read_public_key(GO_KEY[start:stop])
    for place, character in enumerate(GO_KEY):
        with pytest.raises(ConfigurationError):
            read_public_key(GO_KEY[:place] + chr(ord(character) + 1) + GO_KEY[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [GO_KEY, GO_SECRET[:-4], GO_SECRET.replace("c74f20a3", "c74f20a4"), "PRIVATE+KEY+", ""],
)
def test_no_mangled_signing_key_is_read(text: str) -> None:
    """What is no signing key is refused, and no message shows it."""
    with pytest.raises(ConfigurationError) as caught:
        read_signing_key(text)
    assert "AYEKFALV" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb"])
def test_names_that_cannot_stand_in_a_note(name: str) -> None:
    """A name with spaces or a plus sign is refused."""
    with pytest.raises(ConfigurationError):
        SigningKey(name, Secret(bytes(32)))


def test_a_short_secret_is_refused() -> None:
    """A signing key has 32 bytes."""
    with pytest.raises(ConfigurationError, match="32 bytes"):
        SigningKey("a", Secret(bytes(31)))


def test_the_cosigned_example_is_read() -> None:
    """The specification's cosigned checkpoint splits into text and two signatures."""
    text, lines = split_note(COSIGNED.encode())
    assert text.splitlines()[1] == "20852163"
    assert [line.split(" ")[1] for line in lines] == [
        "example.com/behind-the-sofa",
        "witness.example.com/w1",
    ]
    with pytest.raises(LedgerError, match="no key that is trusted"):
        open_note(COSIGNED.encode(), [KEY.public_key()])


def test_cosignature() -> None:
    """A cosignature states when, over the text and the time; a changed time does not verify."""
    text = "example.com/log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    line = KEY.cosign(text, NOW)
    witness = KEY.public_key(COSIGNATURE)
    assert witness.key_id != KEY.public_key().key_id
    _, (signature,) = open_note(f"{text}\n{line}".encode(), [witness])
    assert (signature.key, signature.signed_at) == (witness, NOW)
    plain = KEY.sign_note(text)
    with pytest.raises(LedgerError, match="no key that is trusted"):
        open_note(f"{text}\n{plain}".encode(), [witness])


def test_signatures_of_others_are_passed_over() -> None:
    """Unknown keys do no harm, even one of the same name; a wrong signature of a known one does."""
    note = f"text\n\n{sign(OTHER_KEY, 'text')}{sign(KEY, 'text')}"
    assert len(open_note(note.encode(), [KEY.public_key()])[1]) == 1
    wrong = f"other\n\n{sign(KEY, 'text')}{sign(OTHER_KEY, 'other')}"
    with pytest.raises(LedgerError, match="is wrong"):
        open_note(wrong.encode(), [KEY.public_key(), OTHER_KEY.public_key()])


SIGNED = f"text\n\n{sign(KEY, 'text')}"


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"\n\n" + SIGNED.encode(),
        SIGNED.encode()[:-1],
        SIGNED.encode() + b"\n",
        SIGNED.replace("\u2014", "-").encode(),
        SIGNED.replace("text", "te\x01t").encode(),
        SIGNED.encode("utf-16"),
        SIGNED.encode() + SIGNED.split("\n\n")[1].encode() * 64,
        b"x" * 70_000,
        "text\n\n\u2014 a AAAA\n".encode(),
        "text\n\n\u2014 a !!!!!!!!\n".encode(),
    ],
)
def test_what_is_no_note(note: bytes) -> None:
    """Malformed notes are refused."""
    with pytest.raises(LedgerError):
        open_note(note, [KEY.public_key()])


def test_every_changed_byte_is_found() -> None:
    """No byte of a note can be changed: neither text nor signature nor what joins them."""
    content = SIGNED.encode()
    for place in range(len(content)):
        for flip in (1, 0x20, 0x80):
            changed = bytearray(content)
            changed[place] ^= flip
            with pytest.raises(LedgerError):
                open_note(bytes(changed), [KEY.public_key()])
