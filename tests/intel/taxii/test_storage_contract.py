"""What every storage must do: the same tests over SQLite and a real PostgreSQL."""

from __future__ import annotations

from tests.intel.taxii.sharing import (
    a_filter,
    a_place,
    a_push,
    indicator,
    marked,
    object_id,
    read,
)
from tests.intel.taxii.stages import Stage, ids_of

from cautery.records.indicator import TLP_LABELS

OLD, MIDDLE, NEW = (f"2026-01-0{day}T00:00:00.000Z" for day in (1, 2, 3))


def test_objects_come_back_as_their_bytes_in_the_order_of_time(stage: Stage) -> None:
    """Content is what was pushed, and every time is later than the one before."""
    pushed = read(*[indicator(number) for number in range(20)])
    stage.wait(stage.storage.add(stage.collection, a_push(pushed)))
    page = stage.page()
    assert [one.content for one in page.objects] == [one.content for one in pushed]
    assert [one.added for one in page.objects] == list(range(10**15, 10**15 + 20))
    assert not page.more


def test_pages_go_on_where_they_ended(stage: Stage) -> None:
    """Pages of any length give every object once."""
    stage.add(*[indicator(number) for number in range(25)])
    for limit in (1, 7, 25):
        seen: list[str] = []
        after, more = -1, True
        while more:
            page = stage.page(after=after, limit=limit)
            seen += ids_of(page)
            after, more = page.objects[-1].added, page.more
        assert seen == [object_id(number) for number in range(25)]


def test_the_same_object_again_is_taken_and_changes_nothing(stage: Stage) -> None:
    """A push that is repeated is a success, and pollers do not see its objects again."""
    first = stage.add(indicator(1), indicator(2))
    again = stage.add(indicator(1), indicator(2), indicator(3), requested=2 * 10**15)
    assert [one.fault for one in first.outcomes + again.outcomes] == [""] * 5
    assert ids_of(stage.page(after=10**15 + 1)) == [object_id(3)]


def test_another_object_with_the_same_version_is_refused(stage: Stage) -> None:
    """Nobody can replace what is there without a newer version."""
    stage.add(indicator(1))
    status = stage.add(indicator(1, name="another"))
    assert "already" in status.outcomes[0].fault
    assert b"another" not in stage.page().objects[0].content


def test_versions_are_chosen(stage: Stage) -> None:
    """The newest by default; the oldest, all and named ones on request."""
    for modified in (MIDDLE, NEW, OLD):
        stage.add(indicator(1, modified=modified))
    stage.add(indicator(2))
    one = (object_id(1),)
    newest = [one.version for one in stage.page().objects]
    assert newest == ["2026-01-03T00:00:00", "2026-01-01T00:00:00"]
    oldest = stage.page(ids=one, first=True, last=False).objects
    assert [one.version for one in oldest] == ["2026-01-01T00:00:00"]
    both = stage.page(ids=one, first=True, last=True).objects
    assert [one.version for one in both] == ["2026-01-03T00:00:00", "2026-01-01T00:00:00"]
    assert len(stage.page(ids=one, every=True).objects) == 3
    named = stage.page(versions=("2026-01-02T00:00:00",), last=False).objects
    assert [one.version for one in named] == ["2026-01-02T00:00:00"]
    mixed = stage.page(ids=one, versions=("2026-01-02T00:00:00",), last=True).objects
    assert len(mixed) == 2


def test_objects_without_times_have_the_server_s(stage: Stage) -> None:
    """A cyber-observable is versioned by when it was added, and only if it changed."""
    address = {"type": "ipv4-addr", "id": object_id(1, "ipv4-addr"), "value": "198.51.100.7"}
    stage.add(address)
    stage.add(address)
    assert len(stage.page(every=True).objects) == 1
    stage.add({**address, "x_note": "changed"}, requested=2 * 10**15)
    versions = stage.page(every=True).objects
    assert [one.version for one in versions] == ["2001-09-09T01:46:40", "2033-05-18T03:33:20"]
    assert [one.version for one in stage.page().objects] == ["2033-05-18T03:33:20"]


def test_types_and_identifiers_are_chosen(stage: Stage) -> None:
    """Several values are alternatives; several filters must all hold."""
    kinds = ("campaign", "malware", "tool")
    stage.add(
        *[
            {**indicator(number), "type": kind, "id": object_id(number, kind)}
            for number in range(6)
            for kind in kinds
        ]
    )
    assert len(stage.page(types=("campaign", "tool")).objects) == 12
    page = stage.page(types=("campaign", "tool"), limit=5)
    first = ((0, "campaign"), (0, "tool"), (1, "campaign"))
    assert ids_of(page)[:3] == [object_id(*one) for one in first]
    assert page.more
    wanted = (object_id(3, "tool"), object_id(1, "malware"))
    assert ids_of(stage.page(ids=wanted)) == list(reversed(wanted))
    assert ids_of(stage.page(ids=wanted, types=("tool",))) == [object_id(3, "tool")]


def test_nothing_above_the_ceiling_is_served(stage: Stage) -> None:
    """A ceiling that was lowered hides what is there already, in every way of asking."""
    stage.add(*[marked(rank, label) for rank, label in enumerate(TLP_LABELS)])
    stage.add(indicator(9))
    for rank, ceiling in enumerate(TLP_LABELS):
        expected = [object_id(number) for number in range(rank + 1)]
        if rank >= TLP_LABELS.index("amber"):
            expected.append(object_id(9))
        assert ids_of(stage.page(ceiling=ceiling)) == expected
    assert ids_of(stage.page(ceiling="green", ids=(object_id(4),), every=True)) == []


def test_a_page_ends_at_its_bytes_and_has_one_object_at_least(stage: Stage) -> None:
    """A page is bounded in bytes, and polling goes on all the same."""
    stage.add(*[indicator(number, name="n" * 500) for number in range(5)])
    seen: list[str] = []
    after, more = -1, True
    while more:
        work = stage.storage.read_page(
            a_place(collection=stage.collection), a_filter(after=after), most_bytes=10
        )
        page = stage.wait(work)
        assert len(page.objects) == 1
        seen += ids_of(page)
        after, more = page.objects[-1].added, page.more
    assert seen == [object_id(number) for number in range(5)]


def test_deleted_versions_are_gone_and_the_rest_is_in_order(stage: Stage) -> None:
    """The newest goes by default; then the one before it is the newest."""
    for modified in (OLD, MIDDLE, NEW):
        stage.add(indicator(1, modified=modified))
    assert stage.delete(ids=(object_id(1),)) == 1
    assert [one.version for one in stage.page().objects] == ["2026-01-02T00:00:00"]
    assert stage.delete(ids=(object_id(1),), first=True, last=False) == 1
    assert len(stage.page(first=True, last=False).objects) == 1
    assert stage.delete(ids=(object_id(1),), every=True) == 1
    assert stage.delete(ids=(object_id(1),), every=True) == 0
    assert stage.page(every=True).objects == ()


def test_what_may_not_be_served_is_not_deleted(stage: Stage) -> None:
    """Whoever cannot see an object cannot delete it."""
    stage.add(marked(1, "red"))
    assert stage.delete(ids=(object_id(1),), every=True) == 0
    assert len(stage.page(ceiling="red").objects) == 1


def test_one_envelope_may_hold_an_object_several_times(stage: Stage) -> None:
    """Versions of one object in one envelope are sorted out among themselves."""
    status = stage.add(
        indicator(1, modified=NEW),
        indicator(1, modified=OLD),
        indicator(1, modified=NEW),
        indicator(1, modified=NEW, name="another"),
    )
    assert [bool(one.fault) for one in status.outcomes] == [False, False, False, True]
    assert [one.version for one in stage.page().objects] == ["2026-01-03T00:00:00"]
    assert len(stage.page(every=True).objects) == 2
