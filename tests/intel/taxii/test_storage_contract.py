"""What every storage must do: the same tests over SQLite and a real PostgreSQL."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.intel.taxii.sharing import (
    COLLECTION,
    a_filter,
    a_place,
    a_push,
    indicator,
    marked,
    object_id,
    read,
)

from cautery.errors import OutputError
from cautery.intel.taxii.postgresql_storage import PostgresqlStorage
from cautery.intel.taxii.sqlite_storage import SqliteStorage
from cautery.intel.taxii.storage import Page, Storage, StoredObject
from cautery.records.indicator import TLP_LABELS, Tlp

OLD, MIDDLE, NEW = (f"2026-01-0{day}T00:00:00.000Z" for day in (1, 2, 3))


class Stage:
    """A storage with a loop of its own, in which tests wait for it."""

    def __init__(self, make: Callable[[], Storage]) -> None:
        self.make = make
        self.loop = asyncio.new_event_loop()
        self.collection = str(uuid.uuid4())
        self.storage = make()
        self.wait(self.storage.open([self.collection, COLLECTION]))

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def add(self, *objects: Any, **more: Any) -> Any:
        return self.wait(self.storage.add(self.collection, a_push(read(*objects), **more)))

    def page(self, *, ceiling: Tlp = "amber", **more: Any) -> Page:
        place = a_place(ceiling, self.collection)
        wanted = a_filter(**more)
        page: Page = self.wait(self.storage.read_page(place, wanted, most_bytes=2**24))
        entries: Page = self.wait(self.storage.read_entries(place, wanted))
        bare = [
            StoredObject(added=one.added, object_id=one.object_id, version=one.version)
            for one in page.objects
        ]
        assert (list(entries.objects), entries.more) == (bare, page.more)
        return page

    def delete(self, **more: Any) -> int:
        place = a_place(collection=self.collection)
        deleted: int = self.wait(self.storage.delete(place, a_filter(**more)))
        return deleted

    def reopen(self) -> None:
        self.wait(self.storage.close())
        self.storage = self.make()
        self.wait(self.storage.open([self.collection]))


@pytest.fixture(params=["sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    def make() -> Storage:
        if request.param == "sqlite":
            return SqliteStorage(tmp_path / "taxii.sqlite")
        return PostgresqlStorage(request.getfixturevalue("postgresql_url"))

    stage = Stage(make)
    yield stage
    stage.wait(stage.storage.close())
    stage.loop.close()


def ids_of(page: Page) -> list[str]:
    return [one.object_id for one in page.objects]


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


def test_time_never_goes_back(stage: Stage) -> None:
    """A clock that goes back gives no earlier time, also after the newest object is deleted."""
    stage.add(indicator(1), requested=10**15 + 500)
    stage.add(indicator(2), requested=10**15)
    assert stage.delete(ids=(object_id(2),)) == 1
    stage.add(indicator(3), requested=10**15)
    assert [one.added for one in stage.page().objects] == [10**15 + 500, 10**15 + 502]


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


def test_outcomes_are_kept(stage: Stage) -> None:
    """What became of a push can be asked for later, and nothing else is found."""
    status = stage.add(indicator(1), {**indicator(2), "spec_version": "2.0"})
    assert stage.wait(stage.storage.read_status(status.status_id)) == status
    assert [bool(one.fault) for one in status.outcomes] == [False, True]
    assert stage.wait(stage.storage.read_status(str(uuid.uuid4()))) is None


def test_old_outcomes_go(stage: Stage) -> None:
    """Outcomes are kept for a week, so that they do not pile up."""
    status = stage.add(indicator(1), requested=10**15)
    stage.add(indicator(2), requested=10**15 + 8 * 86_400 * 10**6)
    assert stage.wait(stage.storage.read_status(status.status_id)) is None


def test_all_is_there_after_a_restart(stage: Stage) -> None:
    """Objects, outcomes and the clock survive."""
    status = stage.add(*[indicator(number) for number in range(10)])
    before = stage.page()
    stage.reopen()
    assert stage.page() == before
    assert stage.wait(stage.storage.read_status(status.status_id)) == status
    stage.add(indicator(99), requested=5)
    assert stage.page().objects[-1].added == 10**15 + 10


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


def test_pushers_at_once_never_make_a_poller_miss_an_object(stage: Stage) -> None:
    """While eight push, a poller that goes on from the last time it saw sees all, once."""

    async def work() -> tuple[list[str], list[int]]:
        pushes = [
            asyncio.ensure_future(
                stage.storage.add(
                    stage.collection,
                    a_push(read(*[indicator(100 * batch + one) for one in range(5)])),
                )
            )
            for batch in range(24)
        ]
        seen: list[StoredObject] = []
        place, idle = a_place(collection=stage.collection), False
        while True:
            after = seen[-1].added if seen else -1
            page = await stage.storage.read_page(
                place, a_filter(after=after, limit=7), most_bytes=2**24
            )
            seen += page.objects
            if not page.objects and idle:
                return [one.object_id for one in seen], [one.added for one in seen]
            idle = all(one.done() for one in pushes)

    ids, times = stage.wait(work())
    assert len(ids) == len(set(ids)) == 120
    assert times == sorted(set(times))


def test_two_servers_of_one_storage_do_not_mix_up_their_times(stage: Stage) -> None:
    """Two processes may write to one storage: times stay unique, and nothing is lost."""
    other = stage.make()
    stage.wait(other.open([stage.collection]))

    async def work() -> None:
        await asyncio.gather(
            *[
                storage.add(stage.collection, a_push(read(indicator(10 * number + side))))
                for number in range(10)
                for side, storage in enumerate((stage.storage, other))
            ]
        )

    stage.wait(work())
    stage.wait(other.close())
    times = [one.added for one in stage.page().objects]
    assert len(times) == len(set(times)) == 20


def test_a_storage_that_cannot_be_used_says_so(tmp_path: Path, postgresql_url: str) -> None:
    """A file that is no database, and a database that is not there, are errors of ours."""
    (tmp_path / "no.sqlite").write_bytes(b"this is no database at all" * 100)
    elsewhere = postgresql_url.replace("/postgres", "/nowhere")
    for storage in (SqliteStorage(tmp_path / "no.sqlite"), PostgresqlStorage(elsewhere)):

        async def work(storage: Storage = storage) -> None:
            try:
                await storage.open([COLLECTION])
            finally:
                await storage.close()

        with pytest.raises(OutputError, match="cannot be used"):
            asyncio.run(work())
