"""Evidence packs for tests: a fixed key, and contents out of a case."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from tests.report.judged import judged_case

from cautery.ledger.signed_notes import SigningKey
from cautery.records.case import Case
from cautery.records.key import Secret
from cautery.report.evidence_pack import PackContents, make_evidence_pack
from cautery.report.pack_archive import ArchiveMember, read_archive
from cautery.report.pack_files import case_contents

KEY = SigningKey("example.com/trust", Secret(bytes(range(32))))
OTHER_KEY = SigningKey("example.com/trust", Secret(bytes(range(1, 33))))


def contents_of(case: Case, **others: Any) -> PackContents:
    """Give what goes into a pack of a case."""
    document, accounts = case_contents(case)
    return PackContents(case_content=document, accounts_content=accounts, where="out", **others)


def pack_of(case: Case | None = None, key: SigningKey | None = KEY, **others: Any) -> bytes:
    """Make a pack of a case."""
    return make_evidence_pack(contents_of(case or judged_case(), **others), key)


def members_of(pack: bytes) -> dict[str, bytes]:
    """Give the files of a pack."""
    found = read_archive(pack)
    assert found.faults == ()
    return {member.name: member.content for member in found.members}


def archive_members(files: dict[str, bytes]) -> list[ArchiveMember]:
    """Make members of an archive."""
    return [ArchiveMember(name=name, content=content) for name, content in files.items()]


def write_case(case: Case, folder: Path) -> Path:
    """Write a case as a scan does, without the time that syncing takes."""
    folder.mkdir(parents=True, exist_ok=True)
    document, accounts = case_contents(case)
    (folder / "case.json").write_bytes(document)
    (folder / "accounts.csv").write_bytes(accounts)
    return folder


def text_of(content: bytes) -> io.StringIO:
    """Read a file of a pack as text."""
    return io.StringIO(content.decode(), newline="")
