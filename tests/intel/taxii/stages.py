"""A storage and a loop in which tests wait for it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

from tests.intel.taxii.sharing import (
    COLLECTION,
    a_filter,
    a_place,
    a_push,
    read,
)

from cautery.intel.taxii.storage import Page, Storage, StoredObject
from cautery.records.indicator import Tlp


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


def ids_of(page: Page) -> list[str]:
    return [one.object_id for one in page.objects]
