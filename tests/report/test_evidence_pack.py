"""An evidence pack follows from its case, holds what it should, and nobody else's accounts."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from typing import Any

import jsonschema
import msgspec
import pytest
from tests.report.cases import empty_case, large_case
from tests.report.hostile import HOSTILE, case_with_text
from tests.report.judged import judged_case
from tests.report.packs import (
    KEY,
    contents_of,
    members_of,
    pack_of,
    text_of,
)

from cautery.errors import MalformedFileError, UsageError
from cautery.ledger.envelopes import unseal
from cautery.ledger.evidence import PAYLOAD_TYPE
from cautery.report.evidence_pack import digest, make_evidence_pack
from cautery.report.load import read_case
from cautery.report.pack_files import WORDS
from cautery.report.pack_records import (
    MANIFEST,
    SCHEMA_PATH,
    SIGNATURE,
    Manifest,
    PackedConfiguration,
    PackedFile,
    PackedLedger,
    PackedPolicy,
    PackStatement,
)
from cautery.report.pack_verifying import verify_evidence_pack

POLICY = PackedPolicy(
    version="a" * 64,
    rules_sha256="b" * 64,
    packs=("campaign-bands",),
    lists=("denied parties of 2026-10-01",),
    modes={"campaign-bands.very-likely": "shadow"},
)


def manifest_of(pack: bytes) -> dict[str, Any]:
    """Read the manifest of a pack."""
    found: dict[str, Any] = json.loads(members_of(pack)[MANIFEST])
    return found


def test_the_same_case_is_the_same_bytes() -> None:
    """Nothing of the time, the machine or the order of things is in it."""
    assert pack_of() == pack_of()
    assert pack_of(campaign_id="C-2026-0001") == pack_of(campaign_id="C-2026-0001")
    assert pack_of(key=None) == pack_of(key=None)


def test_what_is_in_it() -> None:
    """The files stand in their order; the case and its accounts are those of the scan."""
    contents = contents_of(judged_case())
    files = members_of(make_evidence_pack(contents, KEY))
    assert list(files) == [*(name for name in WORDS if name in files), MANIFEST, SIGNATURE]
    assert files["case.json"] == contents.case_content
    assert files["accounts.csv"] == contents.accounts_content
    assert "Verify this pack" in files["readme.txt"].decode()
    assert "2 campaigns found" in files["report.txt"].decode()


def test_a_case_of_a_later_version_keeps_its_bytes() -> None:
    """A field that this version does not know is not lost."""
    contents = contents_of(judged_case())
    known = b'"cautery.case/1",\n'
    later = contents.case_content.replace(known, known + b'  "later": 7,\n', 1)
    pack = make_evidence_pack(replace(contents, case_content=later), KEY)
    assert members_of(pack)["case.json"] == later
    assert verify_evidence_pack(pack).holds


def test_the_manifest_names_every_file() -> None:
    """Its hashes are those of the files, and the case is named by that of the scan."""
    pack = pack_of(policy=POLICY)
    files, manifest = members_of(pack), manifest_of(pack)
    assert [file["name"] for file in manifest["files"]] == list(files)[:-2]
    for file in manifest["files"]:
        assert file["sha256"] == digest(files[file["name"]])
        assert file["bytes"] == len(files[file["name"]])
    assert manifest["case"]["sha256"] == manifest["case"]["whole_sha256"]
    assert manifest["policy"]["version"] == "a" * 64
    assert [one["name"] for one in manifest["inputs"]] == [
        "logs/part-01.jsonl.zst",
        "logs/part-02.jsonl.zst",
    ]


def test_the_statement() -> None:
    """An in-toto statement about all files but the signature, in a DSSE envelope."""
    pack = pack_of()
    files = members_of(pack)
    statement = json.loads(unseal(files[SIGNATURE], PAYLOAD_TYPE, KEY.public_key()))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    named = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    assert named == {name: digest(files[name]) for name in files if name != SIGNATURE}
    assert statement["predicate"]["signer"]["fingerprint"] == KEY.public_key().fingerprint


@pytest.mark.parametrize("campaign_id", ["C-2026-0001", "C-2026-0002", "P-2026-0001"])
def test_an_excerpt_holds_no_other_accounts(campaign_id: str) -> None:
    """Who is handed one campaign sees no account, link or name of another."""
    case = judged_case()
    whole = members_of(pack_of(case))
    pack = pack_of(case, campaign_id=campaign_id)
    groups = (*case.campaigns, *case.permitted_groups)
    own = next(group for group in groups if group.campaign_id == campaign_id)
    inside = {member.account_id for member in own.members}
    others = {account.account_id for account in case.accounts} - inside - {"acct_0001", "acct_0002"}
    text = b"".join(members_of(pack).values()).decode()
    assert [name for name in others if name in text] == []
    assert all(name in text for name in inside)
    manifest = manifest_of(pack)
    assert manifest["case"]["whole_sha256"] == digest(whole["case.json"])
    assert manifest["case"]["sha256"] != manifest["case"]["whole_sha256"]
    assert verify_evidence_pack(pack, trusted=[KEY.public_key()]).holds


def test_an_excerpt_can_be_read_as_a_case(tmp_path: Any) -> None:
    """What is in the pack is a case that every other verb reads."""
    files = members_of(pack_of(campaign_id="C-2026-0001"))
    for name in ("case.json", "accounts.csv"):
        (tmp_path / name).write_bytes(files[name])
    case = read_case(tmp_path)
    assert [group.campaign_id for group in case.campaigns] == ["C-2026-0001"]
    assert case.permitted_groups == ()
    assert case.near_misses == ()
    assert case.notes[-1].startswith("excerpt: C-2026-0001, one of 3 groups")


def test_pointers() -> None:
    """Each member has a row for all of its exchanges; exchanges that show a thing have one each."""
    rows = list(csv.DictReader(text_of(members_of(pack_of())["pointers.csv"])))
    spans = [row for row in rows if not row["request_id"]]
    assert len(spans) == 12
    assert {row["shows"] for row in spans} == {"all exchanges of the account"}
    assert {row["request_id"] for row in rows} >= {"req_shared_payment", "req_template"}


def test_wrong_calls() -> None:
    """A campaign that is not there is named; a damaged case is told."""
    with pytest.raises(UsageError, match="Did you mean C-2026-0001"):
        pack_of(campaign_id="C-2026-001")
    with pytest.raises(UsageError, match="no campaign"):
        pack_of(empty_case(), campaign_id="C-2026-0001")
    with pytest.raises(MalformedFileError, match="not a case"):
        make_evidence_pack(replace(contents_of(judged_case()), case_content=b"{"), KEY)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_break_no_pack(text: str) -> None:
    """Whatever an account calls itself, the pack is made, and holds but for invented figures."""
    verdict = verify_evidence_pack(pack_of(case_with_text(text)), trusted=[KEY.public_key()])
    wrong = [check.what for check in verdict.checks if check.outcome == "does not hold"]
    assert set(wrong) <= {"figures", "case"}
    for check in verdict.checks:
        assert len(check.said) < 1_000


def test_a_large_case() -> None:
    """The campaign of 24,000 accounts fits, and its pack can be read again."""
    contents = contents_of(large_case(2_400))
    pack = make_evidence_pack(contents, KEY)
    assert len(pack) < 2 * (len(contents.case_content) + len(contents.accounts_content))
    assert len(members_of(pack)) == 9


def test_schema() -> None:
    """Manifest and statement are what the published schema says, and broken ones are not."""
    schema = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    ledger = PackedLedger(origin="example.com/ledger", size=9, records=2, left_out=0)
    used = (PackedConfiguration(name="mapping.toml", sha256="a" * 64, bytes=9),)
    more: dict[str, Any] = {"policy": POLICY, "ledger": ledger, "configuration": used}
    for pack in (pack_of(), pack_of(campaign_id="C-2026-0001", **more)):
        files = members_of(pack)
        validator.validate(json.loads(files[MANIFEST]))
        validator.validate(json.loads(unseal(files[SIGNATURE], PAYLOAD_TYPE, KEY.public_key())))
    changes: list[dict[str, Any]] = [
        {"schema": "cautery.pack/2"},
        {"policy": {}},
        {"files": [{"name": "../x", "bytes": 1, "sha256": "a" * 64, "what": ""}]},
        {"configuration": [{"name": "mapping.toml", "sha256": "", "bytes": 9}]},
        {"more": 1},
    ]
    for change in changes:
        assert not validator.is_valid(manifest_of(pack_of()) | change)


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (Manifest, "Manifest"),
        (PackedFile, "PackedFile"),
        (PackedConfiguration, "PackedConfiguration"),
        (PackStatement, "PackStatement"),
    ],
)
def test_schema_has_every_field(record: type[msgspec.Struct], name: str) -> None:
    """No field of the records is missing in the schema, and none is too many."""
    schema = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    assert sorted(schema["$defs"][record.__name__]["properties"]) == sorted(
        record.__struct_encode_fields__
    )
