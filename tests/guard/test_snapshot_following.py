from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from tests.guard.guard_cases import NOW, make_guard, publish, request, row, standing

from cautery.guard.snapshot_following import SnapshotFollower


def test_it_takes_a_new_file_into_use(tmp_path: Path) -> None:
    """Polling sees another file, and only then."""
    path = tmp_path / "s"
    follower = SnapshotFollower(path)
    assert [follower.poll(), follower.fault] == [False, "no-snapshot"]
    publish(path, row("a"))
    assert [follower.poll(), follower.poll(), follower.fault] == [True, False, None]
    publish(path, row("b"))
    assert [follower.poll(), follower.poll()] == [True, False]
    assert follower.current is not None
    assert follower.current.find("b") is not None
    assert follower.swaps == 2


def test_a_bad_file_leaves_the_old_one_in_use(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Torn, older, or gone: a fault, once counted and logged, until a good one stands there."""
    path = tmp_path / "s"
    follower = publish(path, row("a"))
    good = follower.current
    for spoil in (
        lambda: path.write_bytes(path.read_bytes()[:-1]),
        lambda: publish(path, row("b"), created_at=NOW - timedelta(hours=1)),
        path.unlink,
    ):
        spoil()
        before = follower.refusals
        assert not follower.poll()
        assert not follower.poll()
        assert follower.refusals == before + 1
        assert (follower.current, follower.fault) == (good, "snapshot-refused")
        assert str(path) in follower.refused
        assert [vars(one)["fields"]["reason"] for one in caplog.records] == [follower.refused]
        caplog.clear()
    publish(path, row("c"))
    assert follower.poll()
    assert follower.fault is None


def test_no_decision_is_dropped_while_snapshots_change(tmp_path: Path) -> None:
    """Thirty snapshots are published under load: each decision sees one of them, whole."""
    path = tmp_path / "s"
    follower = publish(path, row("acct-1", standing(campaign_id="C-0")))
    guard = make_guard(snapshots=follower)
    stop = threading.Event()
    thread = threading.Thread(target=follower.follow, args=(stop, 0.001))
    thread.start()
    seen = []
    for n in range(1, 31):
        verdict = standing(campaign_id=f"C-{n}")
        publish(path, row("acct-1", verdict), created_at=NOW + timedelta(seconds=n))
        for _ in range(100):
            decision = guard.decide(request())
            assert decision.faults == ()
            seen.append(int(decision.campaign_id[2:]))
    stop.set()
    thread.join()
    follower.poll()
    assert guard.decide(request()).campaign_id == "C-30"
    assert seen == sorted(seen)
    assert len(seen) == 3_000
