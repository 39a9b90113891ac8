"""What becomes of pushed objects, held against the plainest program that does the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.intel.taxii.sharing import indicator, object_id, read

from cautery.intel.taxii.placing import HeldVersion, place
from cautery.intel.taxii.pushed_objects import PushedObject

MONTHS = st.integers(1, 4)
PUSHED = st.tuples(st.integers(1, 3), MONTHS, st.sampled_from(["", "other"]))


def _object(number: int, month: int, name: str) -> PushedObject:
    (pushed,) = read(indicator(number, modified=f"2026-0{month}-01T00:00:00Z", name=name))
    return pushed


@given(st.lists(st.lists(PUSHED, max_size=6), max_size=5), st.lists(st.integers(0, 50), min_size=5))
def test_flags_and_times_are_those_of_the_whole_history(
    envelopes: list[list[tuple[int, int, str]]], clocks: list[int]
) -> None:
    """After any pushes under any clock: unique rising times, one oldest and one newest version."""
    rows: dict[tuple[str, str], list[object]] = {}  # digest, first, last, added
    clock = 0
    for envelope, now in zip(envelopes, clocks, strict=False):
        objects = [_object(*one) for one in envelope]
        held: dict[str, list[HeldVersion]] = {}
        asked = {(one.object_id, one.version) for one in objects}
        for (name, version), (digest, first, last, _) in rows.items():
            if name in {one.object_id for one in objects} and (
                first or last or (name, version) in asked
            ):
                one = HeldVersion(
                    version=version,
                    digest=digest,  # type: ignore[arg-type]
                    first=bool(first),
                    last=bool(last),
                )
                held.setdefault(name, []).append(one)
        placement = place(objects, held, clock=clock, now=now)
        times = [one.added for one in placement.added]
        assert times == sorted(set(times))
        assert all(time > clock for time in times)
        assert placement.clock == max([clock, *times])
        clock = placement.clock
        for key in placement.no_longer_first:
            rows[key][1] = False
        for key in placement.no_longer_last:
            rows[key][2] = False
        for new in placement.added:
            key = (new.pushed.object_id, new.version)
            assert key not in rows
            rows[key] = [new.pushed.digest, new.first, new.last, new.added]
        for pushed, outcome in zip(objects, placement.outcomes, strict=True):
            same = rows[pushed.object_id, outcome.version][0] == pushed.digest
            assert same == (not outcome.fault)
    for number in range(1, 4):
        versions = sorted(version for name, version in rows if name == object_id(number))
        for version in versions:
            _, first, last, _ = rows[object_id(number), version]
            assert (first, last) == (version == versions[0], version == versions[-1])
