"""What each endpoint does (TAXII 2.1, sections 4 and 5), once it is known who asks."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from cautery.intel.taxii.configuration import TaxiiConfiguration
from cautery.intel.taxii.configuration_sections import CollectionSection, RootSection
from cautery.intel.taxii.filters import (
    OF_DELETION,
    OF_OBJECT,
    OF_OBJECTS,
    OF_VERSIONS,
    Filter,
    read_filter,
)
from cautery.intel.taxii.media_types import is_taxii
from cautery.intel.taxii.messages import Answer, Receive, Request, answer_with, read_body
from cautery.intel.taxii.pushed_objects import OBJECT_ID, PushedObject, PushLimits, read_envelope
from cautery.intel.taxii.refusals import Refusal, RequestRefusedError, forbidden, not_found
from cautery.intel.taxii.resources import (
    collection_resource,
    date_headers,
    discovery_resource,
    envelope_bytes,
    manifest_resource,
    root_resource,
    status_resource,
    versions_resource,
)
from cautery.intel.taxii.storage import CollectionPlace, Page, Push, Storage
from cautery.intel.tlp import may_enter

Clock = Callable[[], int]
"""Gives the time, microseconds since 1970."""
BODIES_AT_ONCE: Final = 8
PAGES_AT_ONCE: Final = 16
_NOTHING: Final = Page(objects=(), more=False)
_STATUS_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Whom a request concerns."""

    collection: CollectionSection
    can_read: bool
    can_write: bool

    @property
    def place(self) -> CollectionPlace:
        return CollectionPlace(
            collection_id=self.collection.id,
            ceiling=self.collection.ceiling,
            unmarked=self.collection.unmarked,
        )


class Endpoints:
    """Answers what was asked.

    Args:
        configuration: What there is, and who may do what.
        storage: Where objects are.
        clock: Gives the time.
    """

    def __init__(self, configuration: TaxiiConfiguration, storage: Storage, clock: Clock) -> None:
        self._configuration = configuration
        self._limits = configuration.limits
        self._storage = storage
        self._clock = clock
        self._bodies = asyncio.Semaphore(BODIES_AT_ONCE)
        self._pages = asyncio.Semaphore(PAGES_AT_ONCE)

    def discovery(self, request: Request, peer: str) -> Answer:
        """Say which API roots there are for a peer (section 4.1)."""
        server = self._configuration.server
        base = (server.public_url or request.base_url).rstrip("/")
        urls = [
            f"{base}/{root.name}/"
            for root in self._configuration.roots
            if self._visible(root.name, peer)
        ]
        return answer_with(
            discovery_resource(server.title, server.description, server.contact, urls)
        )

    def root(self, name: str, peer: str) -> Answer:
        """Describe an API root (section 4.2)."""
        root = self._root(name, peer)
        return answer_with(root_resource(root, self._limits.body_bytes))

    async def status(self, name: str, status_id: str, peer: str) -> Answer:
        """Say what became of an envelope (section 4.3), to who pushed it only."""
        root = self._root(name, peer)
        if not _STATUS_ID.fullmatch(status_id):
            raise not_found()
        status = await self._storage.read_status(status_id)
        if status is None or status.peer != peer or status.root != root.name:
            raise not_found()
        return answer_with(status_resource(status))

    def collections(self, name: str, peer: str) -> Answer:
        """List the collections of an API root (section 5.1) that a peer may use."""
        root = self._root(name, peer)
        found = [self._described(one) for one in self._visible(root.name, peer)]
        return answer_with({"collections": found} if found else {})

    def collection(self, name: str, collection: str, peer: str) -> Answer:
        """Describe a collection (section 5.2)."""
        return answer_with(self._described(self._asked(name, collection, peer)))

    async def manifest(self, request: Request, name: str, collection: str, peer: str) -> Answer:
        """Describe objects without their content (section 5.3)."""
        asked = self._readable(name, collection, peer)
        wanted = self._filter(request, OF_OBJECTS)
        page = await self._entries(asked, wanted)
        return answer_with(manifest_resource(page), headers=date_headers(page))

    async def objects(self, request: Request, name: str, collection: str, peer: str) -> Answer:
        """Give objects (section 5.4)."""
        asked = self._readable(name, collection, peer)
        return self._enveloped(await self._page(asked, self._filter(request, OF_OBJECTS)))

    async def one_object(
        self, request: Request, name: str, collection: str, object_id: str, peer: str
    ) -> Answer:
        """Give one object (section 5.6)."""
        asked = self._readable(name, collection, peer)
        wanted = self._of_object(self._filter(request, OF_OBJECT), object_id)
        page = await self._page(asked, wanted)
        if not page.objects:
            await self._check_there(asked, object_id)
        return self._enveloped(page)

    async def versions(
        self, request: Request, name: str, collection: str, object_id: str, peer: str
    ) -> Answer:
        """List the versions of an object (section 5.8)."""
        asked = self._readable(name, collection, peer)
        wanted = self._of_object(self._filter(request, OF_VERSIONS), object_id)
        page = await self._entries(asked, replace(wanted, every=True))
        if not page.objects:
            await self._check_there(asked, object_id)
        return answer_with(versions_resource(page), headers=date_headers(page))

    async def delete(
        self, request: Request, name: str, collection: str, object_id: str, peer: str
    ) -> Answer:
        """Delete versions of an object (section 5.7): the newest, if nothing else is said."""
        asked = self._readable(name, collection, peer)
        self._check_writable(asked)
        wanted = self._of_object(self._filter(request, OF_DELETION), object_id)
        deleted = 0 if wanted.nothing else await self._storage.delete(asked.place, wanted)
        if not deleted:
            raise not_found("There is no such version of this object.")
        return answer_with({})

    async def push(
        self, request: Request, receive: Receive, name: str, collection: str, peer: str
    ) -> Answer:
        """Take objects (section 5.5); the answer says what became of each, for good."""
        asked = self._asked(name, collection, peer)
        self._check_writable(asked)
        _check_content(request)
        async with self._bodies:
            body = await read_body(
                request,
                receive,
                most=self._limits.body_bytes,
                seconds=self._limits.body_seconds,
            )
            limits = PushLimits(
                objects=self._limits.envelope_objects,
                object_bytes=self._limits.object_bytes,
                depth=self._limits.depth,
            )
            objects = await asyncio.to_thread(read_envelope, body, limits)
            push = Push(
                status_id=str(uuid.uuid4()),
                root=name,
                peer=peer,
                requested=self._clock(),
                objects=[_under_ceiling(one, asked.collection) for one in objects],
            )
            status = await self._storage.add(asked.collection.id, push)
        location = f"/{name}/status/{status.status_id}/"
        return answer_with(status_resource(status), status=202, headers=(("location", location),))

    def _filter(self, request: Request, known: frozenset[str]) -> Filter:
        return read_filter(request.query, known, self._limits.page_objects)

    def _of_object(self, wanted: Filter, object_id: str) -> Filter:
        if not OBJECT_ID.fullmatch(object_id):
            raise not_found()
        return replace(wanted, ids=(object_id,))

    async def _page(self, asked: _Asked, wanted: Filter) -> Page:
        if wanted.nothing:
            return _NOTHING
        async with self._pages:
            return await self._storage.read_page(
                asked.place, wanted, most_bytes=self._limits.page_bytes
            )

    async def _entries(self, asked: _Asked, wanted: Filter) -> Page:
        if wanted.nothing:
            return _NOTHING
        async with self._pages:
            return await self._storage.read_entries(asked.place, wanted)

    async def _check_there(self, asked: _Asked, object_id: str) -> None:
        any_version = Filter(after=-1, limit=1, ids=(object_id,), every=True)
        page = await self._storage.read_entries(asked.place, any_version)
        if not page.objects:
            raise not_found("There is no such object.")

    def _enveloped(self, page: Page) -> Answer:
        return Answer(status=200, body=envelope_bytes(page), headers=date_headers(page))

    def _root(self, name: str, peer: str) -> RootSection:
        for root in self._configuration.roots:
            if root.name == name and self._visible(name, peer):
                return root
        raise not_found()

    def _visible(self, root: str, peer: str) -> list[_Asked]:
        """List the collections of a root that a peer may use; others are not there for it."""
        found = [
            _Asked(collection=one, can_read=peer in one.read, can_write=peer in one.write)
            for one in self._configuration.collections
            if one.root == root
        ]
        return [one for one in found if one.can_read or one.can_write]

    def _asked(self, root: str, collection: str, peer: str) -> _Asked:
        for one in self._visible(root, peer):
            if collection in {one.collection.id, one.collection.alias}:
                return one
        raise not_found()

    def _readable(self, root: str, collection: str, peer: str) -> _Asked:
        asked = self._asked(root, collection, peer)
        if not asked.can_read:
            raise forbidden("This collection takes objects from you, and gives you none.")
        return asked

    def _check_writable(self, asked: _Asked) -> None:
        if not asked.can_write:
            raise forbidden("This collection gives you objects, and takes none from you.")

    def _described(self, asked: _Asked) -> dict[str, object]:
        return collection_resource(
            asked.collection, can_read=asked.can_read, can_write=asked.can_write
        )


def _check_content(request: Request) -> None:
    encoding = request.headers.get("content-encoding", "identity")
    if is_taxii(request.headers.get("content-type")) and encoding == "identity":
        return
    refusal = Refusal(
        status=415,
        title="The content is of another type.",
        description="Send application/taxii+json;version=2.1, without content-encoding.",
    )
    raise RequestRefusedError(refusal)


def _under_ceiling(pushed: PushedObject, collection: CollectionSection) -> PushedObject:
    """Refuse an object that may not travel as far as the collection does."""
    label = collection.unmarked if pushed.label is None else pushed.label
    if pushed.fault or may_enter([label], collection.ceiling):
        return pushed
    what = "it is not marked, which counts here as" if pushed.label is None else "it is marked"
    most = collection.ceiling.upper()
    fault = f"{what} TLP:{label.upper()}; this collection takes no more than TLP:{most}"
    return replace(pushed, fault=fault)
