from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.guard.guard_cases import NOW, row, standing

from cautery.errors import InputError, MalformedFileError, NoInputError
from cautery.guard import snapshot_format as layout
from cautery.guard.snapshot import Snapshot
from cautery.guard.snapshot_writer import SnapshotContents, SnapshotRow, write_snapshot
from cautery.records.key import Secret
from cautery.records.request import VERIFICATIONS
from cautery.records.standing import AccountFacts, CampaignStanding

KEY = Secret(b"a key of the guards, thirty-two b")
HOSTILE = [
    "\ud800",
    "\x00",
    "a\x00",
    "../../etc",
    "\u202ex",
    "É" * 5_000,
    "a" * 100_000,
    "'; --",
    " ",
]

MOMENTS = st.none() | st.integers(-(10**9), 10**9).map(lambda n: NOW + timedelta(seconds=n))
FACTS = st.builds(
    AccountFacts,
    account_id=st.just(""),
    org_id=st.text(max_size=12),
    verification=st.sampled_from(VERIFICATIONS),
    declared_country=st.sampled_from(["", "DE", "US"]),
    billing_country=st.sampled_from(["", "DE", "US"]),
    status=st.sampled_from(["active", "suspended", "closed"]),
    program=st.text(max_size=5),
    permitted_use=st.sampled_from(["", "resale"]),
    permitted_until=MOMENTS,
    resale_attested=st.booleans(),
    ownership=st.sampled_from(["known", "unknown"]),
    restricted_ownership_basis_points=st.integers(0, 10_000),
)
VERDICTS = st.none() | st.builds(
    CampaignStanding,
    campaign_id=st.sampled_from(["C-1", "C-2", "C-É"]),
    probability=st.floats(0, 1),
    band=st.sampled_from(["", "watch", "likely", "very likely"]),
    permitted_use=st.sampled_from(["", "evaluation"]),
    case_id=st.just("0a" * 32),
)


def write(path: Path, rows: list[SnapshotRow], **more: Any) -> Path:
    """Write a snapshot."""
    key = more.pop("key", None)
    write_snapshot(path, SnapshotContents(rows=rows, created_at=NOW, **more), key=key)
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    accounts=st.dictionaries(
        st.text(st.characters(), min_size=1, max_size=20) | st.sampled_from(HOSTILE),
        st.tuples(st.none() | FACTS, VERDICTS),
        max_size=30,
    ),
    absent=st.text(max_size=9),
)
def test_what_was_written_is_found(
    tmp_path: Path, accounts: dict[str, tuple[Any, Any]], absent: str
) -> None:
    """Every field of every account comes back, whatever its identifier; others are not there."""
    rows = [
        SnapshotRow(
            account_id=name,
            account=replace(facts, account_id=name) if facts else None,
            campaign=verdict,
        )
        for name, (facts, verdict) in accounts.items()
    ]
    snapshot = Snapshot(write(tmp_path / "s", rows, case_id="0a" * 32))
    for one in rows:
        for _ in range(2):
            found = snapshot.find(one.account_id)
            assert found is not None
            assert (found.account, found.campaign) == (one.account, one.campaign)
    if absent not in accounts:
        assert snapshot.find(absent) is None
    assert snapshot.accounts == len(accounts)


def test_many_accounts_are_told_apart(tmp_path: Path) -> None:
    """20,000 accounts, each found as itself, and 20,000 others not found."""
    rows = [row(f"acct-{n}", org_id=f"org-{n % 7}") for n in range(20_000)]
    snapshot = Snapshot(write(tmp_path / "s", rows, has_account_table=True))
    assert snapshot.has_account_table
    for n in range(0, 20_000, 7):
        found = snapshot.find(f"acct-{n}")
        assert found is not None
        assert found.account == rows[n].account
        assert snapshot.find(f"acct-{n + 20_000}") is None


def test_remembered_accounts_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two generations of records, and strangers are not remembered at all."""
    monkeypatch.setattr("cautery.guard.snapshot.MOST_CACHED", 10)
    snapshot = Snapshot(write(tmp_path / "s", [row(f"a{n}") for n in range(100)]))
    for n in range(300):
        assert (snapshot.find(f"a{n}") is not None) == (n < 100)
    assert len(snapshot._made) + len(snapshot._made_before) <= 20


def test_a_snapshot_without_accounts_is_one(tmp_path: Path) -> None:
    """Nothing to say is not the same as no snapshot."""
    snapshot = Snapshot(write(tmp_path / "s", []))
    assert snapshot.find("a") is None
    assert (snapshot.accounts, snapshot.case_id) == (0, "")


@pytest.mark.parametrize("key", [None, KEY], ids=["checksum", "key"])
def test_every_torn_or_changed_file_is_refused(tmp_path: Path, key: Secret | None) -> None:
    """Cut anywhere, or with any one byte changed: an error of the tree, never a wrong answer."""
    rows = [row(f"a{n}", standing()) for n in range(5)]
    path = write(tmp_path / "s", rows, key=key)
    whole = path.read_bytes()
    Snapshot(path, key)
    draw = random.Random(1)
    for place in {*range(layout.HEADER.size), *draw.sample(range(len(whole)), 150)}:
        other = tmp_path / "t"
        other.write_bytes(whole[:place])
        with pytest.raises(MalformedFileError):
            Snapshot(other, key)
        changed = bytearray(whole)
        changed[place] ^= 1 << draw.randrange(8)
        other.write_bytes(changed)
        with pytest.raises(MalformedFileError):
            Snapshot(other, key)


def test_a_sealed_file_with_nonsense_in_it_is_refused(tmp_path: Path) -> None:
    """A checksum is no proof of sense: rows that point outside are found when it is opened."""
    whole = write(tmp_path / "s", [row(f"a{n}", standing()) for n in range(5)]).read_bytes()
    draw = random.Random(2)
    head = layout.HEADER.size
    opened = 0
    for _ in range(400):
        changed = bytearray(whole)
        for _ in range(draw.randrange(1, 4)):
            changed[draw.randrange(head, len(whole))] = draw.randrange(256)
        view = memoryview(changed)
        seal = layout.seal_of([view[: head - layout.SEAL_BYTES], view[head:]], None)
        changed[head - layout.SEAL_BYTES : head] = seal
        (tmp_path / "t").write_bytes(changed)
        try:
            snapshot = Snapshot(tmp_path / "t")
        except MalformedFileError:
            continue
        opened += 1
        for n in range(5):
            snapshot.find(f"a{n}")
    assert opened > 0


def test_keys_must_agree(tmp_path: Path) -> None:
    """Another key, none where there is one, and one where there is none."""
    sealed = write(tmp_path / "s", [row("a")], key=KEY)
    plain = write(tmp_path / "p", [row("a")])
    for path, key in ((sealed, Secret(b"x" * 32)), (sealed, None), (plain, KEY)):
        with pytest.raises(MalformedFileError):
            Snapshot(path, key)


def test_a_folder_or_nothing_is_an_error_of_the_tree(tmp_path: Path) -> None:
    """No traceback for what is not there, empty, or no file."""
    with pytest.raises(NoInputError):
        Snapshot(tmp_path / "none")
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "empty", tmp_path / "pipe", tmp_path):
        with pytest.raises(MalformedFileError):
            Snapshot(path)


WRONG = {
    "twice": [row("a"), row("a")],
    "empty": [row("")],
    "no text": [row("a", standing(campaign_id="C-\ud800"))],
    "too many texts": [row(f"a{n}", program=f"p{n}") for n in range(70_000)],
}


@pytest.mark.parametrize("rows", WRONG.values(), ids=WRONG)
def test_rows_that_make_no_sense_are_refused(tmp_path: Path, rows: list[SnapshotRow]) -> None:
    """Two rows of one account contradict each other; a column may hold something else."""
    with pytest.raises(InputError):
        write(tmp_path / "s", rows)
    assert list(tmp_path.iterdir()) == []


def test_numbers_outside_their_range_are_bounded(tmp_path: Path) -> None:
    """Shares of ownership beyond the whole."""
    rows = [row("a", restricted_ownership_basis_points=70_000)]
    found = Snapshot(write(tmp_path / "s", rows)).find("a")
    assert found is not None
    assert found.account is not None
    assert found.account.restricted_ownership_basis_points == 10_000


def test_a_lookup_does_not_depend_on_the_date(tmp_path: Path) -> None:
    """Permissions from long ago and without an end."""
    ended = NOW - timedelta(days=9_000)
    rows = [row("a", permitted_until=ended), row("b")]
    snapshot = Snapshot(write(tmp_path / "s", rows))
    for name, until in (("a", ended), ("b", None)):
        found = snapshot.find(name)
        assert found is not None
        assert found.account is not None
        assert found.account.permitted_until == until
