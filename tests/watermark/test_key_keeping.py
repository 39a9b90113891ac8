"""What is done with a key ring, written down first."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cautery.errors import CauteryError, ConfigurationError, OutputError
from cautery.records.key import KeyState
from cautery.watermark.key_audit import audit_path, read_uses
from cautery.watermark.key_keeping import KeyKeeper
from cautery.watermark.key_ring_file import read_ring
from cautery.watermark.profile import Profile, load_profile

START = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class Clock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock at the start of the epoch."""
    return Clock()


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """A profile of a scheme with keys of 64 bits."""
    path = tmp_path / "profile.json"
    path.write_text('{"schema": "cautery.profile/1", "scheme": "vllm-gumbel"}', encoding="utf-8")
    return load_profile(path)


@pytest.fixture
def keeper(
    tmp_path: Path, clock: Clock, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> KeyKeeper:
    """A keeper of a ring with one epoch of thirty days."""
    monkeypatch.setenv("CAUTERY_TEST_MASTER", secrets.token_hex(32))
    made = KeyKeeper(path=tmp_path / "ring.json", clock=clock, reason="a test")
    made.begin("env:CAUTERY_TEST_MASTER")
    made.add_epoch("e", START, START + 30 * DAY, profile)
    return made


def test_the_same_keys_come_again(keeper: KeyKeeper, profile: Profile) -> None:
    """Keys are derived, not stored: the ring's file holds none, and gives the same each time."""
    one = keeper.derive("e", profile, [("epoch", ""), ("account", "a")])
    assert keeper.derive("e", profile, [("epoch", ""), ("account", "a")]) == one
    content = keeper.path.read_text(encoding="utf-8")
    assert all(key.value.reveal().hex() not in content for key in one)
    assert keeper.path.stat().st_mode & 0o777 == 0o600


def test_every_use_is_written_down(keeper: KeyKeeper, profile: Profile) -> None:
    """Beginning, adding, deriving and moving each leave a line with who asked what."""
    keeper.derive("e", profile, [("account", "a"), ("account", "b")], "mark")
    keeper.set_state("e", KeyState.COMPROMISED, key_id="k-1")
    keeper.set_state("e", KeyState.VERIFY_ONLY)
    uses, _ = read_uses(audit_path(keeper.path))
    said = [(use.action, use.keys, use.key_id) for use in uses]
    assert said == [
        ("init", 0, ""),
        ("epoch", 0, ""),
        ("mark", 2, ""),
        ("state compromised", 0, "k-1"),
        ("state verify-only", 0, ""),
    ]
    assert {use.reason for use in uses} == {"a test"}


def test_without_an_audit_nothing_is_used(keeper: KeyKeeper, profile: Profile) -> None:
    """If the use cannot be written down no key is given out."""
    audit_path(keeper.path).unlink()
    audit_path(keeper.path).mkdir()
    with pytest.raises(OutputError):
        keeper.derive("e", profile, [("epoch", "")])


def test_states_are_kept(keeper: KeyKeeper, profile: Profile, clock: Clock) -> None:
    """After its time an epoch verifies and does not mark; destroyed, it does neither."""
    clock.now = START + 40 * DAY
    with pytest.raises(ConfigurationError, match="verify-only"):
        keeper.derive("e", profile, [("epoch", "")], "mark")
    keeper.derive("e", profile, [("epoch", "")])
    keeper.set_state("e", KeyState.DESTROYED)
    with pytest.raises(ConfigurationError, match="destroyed"):
        keeper.derive("e", profile, [("epoch", "")])
    assert len(read_ring(keeper.path).find("e").salt) == 0


def test_another_master_secret_is_noticed(
    keeper: KeyKeeper, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With another master secret every key would be another: refused."""
    monkeypatch.setenv("CAUTERY_TEST_MASTER", secrets.token_hex(32))
    with pytest.raises(ConfigurationError, match="not the master secret"):
        keeper.derive("e", profile, [("epoch", "")])


def test_another_profile_is_refused(keeper: KeyKeeper, tmp_path: Path) -> None:
    """A key is for one profile only."""
    path = tmp_path / "other.json"
    path.write_text(
        '{"schema": "cautery.profile/1", "scheme": "vllm-gumbel", "parameters": '
        '{"context_width": 2}}',
        encoding="utf-8",
    )
    with pytest.raises(ConfigurationError, match="another profile"):
        keeper.derive("e", load_profile(path), [("epoch", "")])


def test_a_ring_is_never_overwritten(keeper: KeyKeeper) -> None:
    """Beginning again where a ring is leaves it as it is."""
    before = keeper.path.read_bytes()
    with pytest.raises(OutputError):
        keeper.begin("env:CAUTERY_TEST_MASTER")
    assert keeper.path.read_bytes() == before


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("salt", ""),
        ("salt", "zz"),
        ("state", "new"),
        ("not_before", "2026-12-01T00:00:00"),
        ("not_after", "2026-11-01T00:00:00Z"),
        ("compromised", "k"),
    ],
)
def test_a_damaged_ring_is_refused(keeper: KeyKeeper, member: str, value: str) -> None:
    """A ring that was tampered with is an error that names the file and line."""
    document = json.loads(keeper.path.read_text(encoding="utf-8"))
    document["epochs"][0][member] = value
    keeper.path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    with pytest.raises(CauteryError) as refused:
        read_ring(keeper.path)
    assert f"{keeper.path}:" in str(refused.value)
