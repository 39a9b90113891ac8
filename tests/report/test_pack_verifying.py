"""A pack that was changed anywhere does not hold, and the verdict says which item does not."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.judged import judged_case
from tests.report.packs import (
    KEY,
    OTHER_KEY,
    archive_members,
    contents_of,
    members_of,
    pack_of,
)

from cautery.errors import CauteryError
from cautery.ledger.canonical_json import canonical_json
from cautery.ledger.envelopes import seal
from cautery.ledger.evidence import PAYLOAD_TYPE
from cautery.records.case import Case
from cautery.report.case_excerpt import excerpt
from cautery.report.evidence_pack import digest, make_evidence_pack, statement_of
from cautery.report.pack_archive import ArchiveMember, write_archive
from cautery.report.pack_records import MANIFEST, SIGNATURE
from cautery.report.pack_verifying import PackVerdict, verify_evidence_pack

TRUSTED = (KEY.public_key(),)


def wrong(pack: bytes, *, trusted: bool = True) -> list[str]:
    """Name the items of a pack that do not hold."""
    verdict = verify_evidence_pack(pack, trusted=TRUSTED if trusted else ())
    found = [check.what for check in verdict.checks if check.outcome == "does not hold"]
    assert verdict.holds == (not found)
    return found


def said(verdict: PackVerdict, what: str) -> str:
    """Say what was found of an item."""
    return next(f"{one.outcome}: {one.said}" for one in verdict.checks if one.what == what)


@pytest.fixture(scope="module")
def pack() -> bytes:
    """A signed pack of an excerpt."""
    return pack_of(campaign_id="C-2026-0001")


@pytest.mark.parametrize("signed", [True, False])
def test_a_changed_byte_is_found(signed: bool) -> None:
    """A bit in the middle, at both ends and at drawn places of every file and every header."""
    pack = pack_of(campaign_id="C-2026-0001", key=KEY if signed else None)
    draw = random.Random(20261129)
    places = {0, 1, len(pack) - 1, len(pack) - 22}
    for name, content in members_of(pack).items():
        start = pack.index(content)
        places |= {start, start + len(content) - 1, start + len(content) // 2}
        places |= {draw.randrange(start, start + len(content)) for _ in range(6)}
        places |= {start - 1 - draw.randrange(30 + len(name)) for _ in range(4)}
    places |= {draw.randrange(len(pack) - 700, len(pack)) for _ in range(40)}
    assert wrong(pack, trusted=signed) == []
    for place in sorted(places):
        changed = bytearray(pack)
        changed[place] ^= 1 << draw.randrange(8)
        assert wrong(bytes(changed), trusted=signed), place


def test_ends_that_were_cut_or_added(pack: bytes) -> None:
    """Truncated files, bytes behind the end and comments are found, signed or not."""
    for other in (pack[:-1], pack[:-22], pack[: len(pack) // 2], pack[:3], b"", pack + b"\0"):
        assert "archive" in wrong(other)
    assert "archive" in wrong(pack[:-2] + b"\x02\x00hi")


def respelled(pack: bytes, change: Callable[[dict[str, bytes]], Any]) -> bytes:
    """Change the files of a pack and write the archive properly again."""
    files = members_of(pack)
    change(files)
    return write_archive(archive_members(files))


CHANGES: dict[str, tuple[Callable[[dict[str, bytes]], Any], str]] = {
    "a changed file": (lambda f: f.update({"readme.txt": f["readme.txt"] + b"!"}), "readme.txt"),
    "a removed file": (lambda f: f.pop("pointers.csv"), "pointers.csv"),
    "an added file": (lambda f: f.update({"more.txt": b"x"}), "more.txt"),
    "a renamed file": (lambda f: f.update({"other.csv": f.pop("pointers.csv")}), "other.csv"),
    "another order": (lambda f: f.update({"readme.txt": f.pop("readme.txt")}), MANIFEST),
    "no manifest": (lambda f: f.pop(MANIFEST), MANIFEST),
    "an empty manifest": (lambda f: f.update({MANIFEST: b"{}\n"}), MANIFEST),
    "a manifest of lists": (lambda f: f.update({MANIFEST: b"[" * 5_000}), MANIFEST),
    "a manifest with a space": (lambda f: f.update({MANIFEST: f[MANIFEST] + b" "}), MANIFEST),
    "no signature": (lambda f: f.pop(SIGNATURE), "signature"),
    "an empty signature": (lambda f: f.update({SIGNATURE: b""}), "signature"),
    "a signature of others": (
        lambda f: f.update({SIGNATURE: members_of(pack_of())[SIGNATURE]}),
        "signature",
    ),
    "no case": (lambda f: f.pop("case.json"), "case"),
    "a ledger that nobody names": (lambda f: f.update({"ledger.json": b"{}"}), "ledger"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_files_that_were_changed(pack: bytes, name: str) -> None:
    """However well the archive is written again, the item that was changed is named."""
    change, item = CHANGES[name]
    assert item in wrong(respelled(pack, change))


def forged(pack: bytes, change: Callable[[dict[str, bytes]], Any], *, sign: bool) -> bytes:
    """Change files, write the manifest to fit, and sign with a key of one's own or keep the old."""
    files = members_of(pack)
    change(files)
    manifest = json.loads(files[MANIFEST])
    for file in manifest["files"]:
        file["bytes"] = len(files[file["name"]])
        file["sha256"] = digest(files[file["name"]])
    manifest["case"]["sha256"] = digest(files["case.json"])
    files[MANIFEST] = canonical_json(manifest) + b"\n"
    if sign:
        statement = statement_of(files[MANIFEST], OTHER_KEY.public_key())
        files[SIGNATURE] = seal(statement, PAYLOAD_TYPE, OTHER_KEY)
    return write_archive(archive_members(files))


def milder(files: dict[str, bytes]) -> None:
    """Take the accusation out of a case."""
    files["case.json"] = files["case.json"].replace(b'"likely"', b'"watch"')


@pytest.mark.parametrize("sign", [True, False])
def test_forgeries(pack: bytes, sign: bool) -> None:
    """Who rewrites the manifest too is found by the signature, or by whose it is."""
    assert "signature" in wrong(forged(pack, milder, sign=sign))
    unsigned = respelled(forged(pack, milder, sign=False), lambda files: files.pop(SIGNATURE))
    assert "signature" in wrong(unsigned)


def test_figures_speak_for_themselves(pack: bytes) -> None:
    """Without any key, a case whose chances were changed does not add up."""
    found = wrong(forged(pack, milder, sign=True), trusted=False)
    assert {"figures", "files made from the case"} <= set(found)


def test_files_that_do_not_follow_from_the_case(pack: bytes) -> None:
    """A report that says something else than the case is found, whoever signed."""

    def kinder(files: dict[str, bytes]) -> None:
        files["report.txt"] = files["report.txt"].replace(b"likely", b"unlikely")

    assert wrong(forged(pack, kinder, sign=True), trusted=False) == ["files made from the case"]


def test_a_page_of_other_libraries(pack: bytes) -> None:
    """A page that differs may be of another version of a library: told, and no accusation."""

    def other(files: dict[str, bytes]) -> None:
        files["report.html"] += b"\n"

    verdict = verify_evidence_pack(forged(pack, other, sign=True))
    assert said(verdict, "files made from the case").startswith("not checked: report.html is not")
    assert verdict.holds


def test_signatures_and_keys(pack: bytes) -> None:
    """What is said depends on what the verifier trusts."""
    unsigned = pack_of(key=None)
    assert said(verify_evidence_pack(unsigned), "signature").startswith("absent: nobody signed")
    assert "signature" in wrong(unsigned)
    words = said(verify_evidence_pack(pack), "signature")
    assert words.startswith("not checked: signed by example.com/trust, key ")
    assert words.endswith("--trusted-key")
    assert said(verify_evidence_pack(pack, trusted=TRUSTED), "signature").startswith("holds")
    other = verify_evidence_pack(pack, trusted=[OTHER_KEY.public_key()])
    assert said(other, "signature").endswith("which is not trusted")
    both = verify_evidence_pack(pack, trusted=[OTHER_KEY.public_key(), *TRUSTED])
    assert both.holds


def test_a_signature_under_a_false_name(pack: bytes) -> None:
    """A statement that names the trusted key and is signed by another one does not hold."""

    def pretend(files: dict[str, bytes]) -> None:
        statement = statement_of(files[MANIFEST], KEY.public_key())
        files[SIGNATURE] = seal(statement, PAYLOAD_TYPE, OTHER_KEY)

    assert wrong(respelled(pack, pretend)) == ["signature"]


def test_a_pack_of_another_version(monkeypatch: pytest.MonkeyPatch, pack: bytes) -> None:
    """What another version wrote is not written again, and that is said."""
    monkeypatch.setattr("cautery.report.pack_verifying.__version__", "9.9")
    verdict = verify_evidence_pack(pack, trusted=TRUSTED)
    assert said(verdict, "files made from the case").startswith("not checked: cautery ")
    assert verdict.holds


def broken(case: Case) -> dict[str, Case]:
    """Cases whose figures do not follow from each other."""
    first, *rest = case.campaigns
    one, *others = first.members

    def with_first(**changes: Any) -> Case:
        return replace(case, campaigns=(replace(first, **changes), *rest))

    return {
        "bits": with_first(bits=first.bits + 1),
        "chance": with_first(probability=0.999),
        "band": with_first(band="very likely"),
        "score": with_first(score=3),
        "row": with_first(weights=first.weights[1:]),
        "member": with_first(members=(replace(one, linked_probability=0.5), *others)),
        "product": with_first(members=(replace(one, probability=0.5, band="watch"), *others)),
        "member's band": with_first(members=(replace(one, band="very likely"), *others)),
    }


@pytest.mark.parametrize("name", broken(judged_case()))
def test_figures(name: str) -> None:
    """Every figure that does not follow is found, even where the maker signed it."""
    assert "figures" in wrong(pack_of(broken(judged_case())[name]))


def test_accounts_that_differ_from_the_case() -> None:
    """The list of accounts must say what the case says."""
    contents = contents_of(judged_case())
    other = contents.accounts_content.replace(b"acct_0001,C-2026-0001", b"acct_0001,C-2026-0002")
    assert other != contents.accounts_content
    assert wrong(make_evidence_pack(replace(contents, accounts_content=other), KEY)) == ["case"]


STRANGE = ("1e308", "-1", "5e-324", "null", '""', "true", "[]", "{}", "1e30", '"\\ud800"', "1.5")
"""Values that no scan writes, where one belongs."""


def leaves_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the places of a document that hold a text or a number."""
    if isinstance(value, dict):
        return [leaf for name in value for leaf in leaves_of(value[name], (*path, name))]
    if isinstance(value, list):
        return [leaf for at, item in enumerate(value) for leaf in leaves_of(item, (*path, at))]
    return [path]


CONTENTS = contents_of(excerpt(judged_case(), "C-2026-0001"))
LEAVES = leaves_of(json.loads(CONTENTS.case_content))


@settings(max_examples=120)
@given(st.sampled_from(LEAVES), st.sampled_from(STRANGE))
def test_a_case_with_any_value_anywhere(path: tuple[Any, ...], value: str) -> None:
    """Whatever a case holds, it is refused by name or packed and verified; nothing crashes."""
    document = json.loads(CONTENTS.case_content)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = "@here@"
    content = json.dumps(document).replace('"@here@"', value).encode()
    with contextlib.suppress(CauteryError):
        pack = make_evidence_pack(replace(CONTENTS, case_content=content), KEY)
        verify_evidence_pack(pack, trusted=TRUSTED)


@given(st.binary(max_size=300), st.sampled_from(["case.json", MANIFEST, SIGNATURE, "accounts.csv"]))
def test_garbage_in_any_file_is_told(content: bytes, name: str) -> None:
    """No content of any file makes verifying fail with an exception."""
    files = {"case.json": b"{}", MANIFEST: b"{}", name: content}
    members = [ArchiveMember(name=each, content=files[each]) for each in files]
    assert not verify_evidence_pack(write_archive(members)).holds


WHOLE = pack_of(campaign_id="C-2026-0001")


@settings(max_examples=40)
@given(
    st.sampled_from(["case.json", "accounts.csv", "campaigns.csv", "report.txt"]),
    st.floats(0, 1, exclude_max=True),
    st.binary(min_size=1, max_size=4),
)
def test_garbage_under_a_fitting_manifest(name: str, place: float, garbage: bytes) -> None:
    """Nor does a file that is cut off and that the manifest vouches for; it is found, too."""

    def garbled(files: dict[str, bytes]) -> None:
        files[name] = files[name][: int(place * len(files[name]))] + garbage

    found = wrong(forged(WHOLE, garbled, sign=True), trusted=False)
    # Free texts at the end of a list of accounts are its maker's word.
    assert found or name == "accounts.csv"
