"""A guard process that degrades by a tier, with ledger, events and metrics; and reads it again."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

from tests.contracts.enforcers.model_servers import EXPLAINED, GIST, SAID, SECRET
from tests.contracts.enforcers.model_servers import model_server as reasoning_server
from tests.guard.guards import RunningGuard, running_guard
from tests.guard.wired import AUDIT, DECISION, KEYS, MEMBER, SNAPSHOT, World, make_world

from cautery.records.degraded import DEGRADED_KIND

TIERS = """
schema = "cautery.resist-tiers/1"
[tiers.likely]
{defence} = {{}}
drop-logprobs = {{}}
"""
RULE = """
[degrade]
tiers = "tiers.toml"
[[band]]
band = "very likely"
action = "degrade"
mode = "{mode}"
defence_tier = "likely"
[events]
file = "events.jsonl"
"""


def write(world: World, port: int, defence: str, mode: str = "enforce") -> Path:
    """Write tiers and configuration."""
    (world.folder / "tiers.toml").write_text(TIERS.format(defence=defence))
    return world.configuration(port, DECISION, KEYS, SNAPSHOT, RULE.format(mode=mode), AUDIT)


def asked(guard: RunningGuard, key: str, *, stream: bool = False) -> str:
    """Ask, and give the answer."""
    return guard.chat(key, stream=stream).decode()


def read_again(guard: RunningGuard) -> None:
    """Have the configuration read again, and wait until it was."""
    before, end = readings(guard), time.monotonic() + 20
    guard.signal(signal.SIGHUP)
    while readings(guard) == before:
        assert time.monotonic() < end, guard.log()
        time.sleep(0.02)


def readings(guard: RunningGuard) -> int:
    """Count how often the configuration was read again."""
    return sum(one.get("event") == "configuration read again" for one in guard.log())


def test_a_tier_is_carried_out_written_down_and_read_again(tmp_path: Path) -> None:
    """A summary first, then the answer alone without a restart, then in shadow all of it."""
    world = make_world(tmp_path)
    key = world.key(MEMBER)
    with reasoning_server() as server:
        path = write(world, server.port, "summarise-reasoning")
        with running_guard(path) as guard:
            for stream in (False, True):
                shown = asked(guard, key, stream=stream)
                assert GIST in shown
                assert SECRET not in shown
            write(world, server.port, "answer-only")
            read_again(guard)
            shown = asked(guard, key)
            assert SAID in shown
            assert GIST not in shown
            assert EXPLAINED.strip() not in shown
            page = guard.page("/metrics")
            write(world, server.port, "answer-only", "shadow")
            read_again(guard)
            assert SECRET in asked(guard, key)
            assert guard.stop() == 0
    assert 'degraded_answers_total{degradation="summarise_reasoning"} 2' in page
    assert 'degraded_answers_total{degradation="answer_only"} 1' in page
    check_records(world)


def check_records(world: World) -> None:
    """See to it that ledger and events say what was done, by the decisions' numbers."""
    decisions = [one.record for one in world.records()]
    done = {one["decision_id"]: one["degradations"] for one in decisions if one["degradations"]}
    answers = [one.record for one in world.records(DEGRADED_KIND)]
    assert {one["decision_id"]: one["degradations"] for one in answers} == done
    assert len(answers) == 3
    for answer in answers:
        assert answer["defence_tiers"] == ["likely"]
        assert answer["before"]["reasoning_words"] > answer["after"]["reasoning_words"]
        assert answer["after"]["token_chances"] == 0
    lines = (world.folder / "events.jsonl").read_text().splitlines()
    events: list[dict[str, Any]] = [json.loads(line) for line in lines]
    told = [one for one in events if one["metadata"].get("correlation_uid") in done]
    assert [one["unmapped"]["degradations"] for one in told] == list(done.values())
    for secret in (SECRET, SAID):
        assert secret not in "".join(lines)
