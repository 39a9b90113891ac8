"""Objects, configurations and callers that the tests of the sharing server have in common."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cautery.intel.taxii.assembly import make_application, make_storage
from cautery.intel.taxii.configuration import TaxiiConfiguration, load_configuration
from cautery.intel.taxii.filters import Filter
from cautery.intel.taxii.media_types import TAXII
from cautery.intel.taxii.messages import CERTIFICATE
from cautery.intel.taxii.pushed_objects import PushedObject, PushLimits, read_envelope
from cautery.intel.taxii.storage import CollectionPlace, Push, Storage
from cautery.intel.taxii.token_files import add_token, read_pepper
from cautery.intel.tlp import MARKINGS
from cautery.records.indicator import Tlp

COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
DROP_BOX = "52892447-4d7e-4f70-b94d-d7f33742ee63"
BULLETINS = "472c94ae-3113-4e3e-a4dd-a9f4ac7471d4"
OBJECTS = f"/shared/collections/{COLLECTION}/objects/"
LIMITS = PushLimits(objects=10_000, object_bytes=2**20, depth=32)
NAMESPACE = uuid.UUID("00000000-0000-4000-8000-000000000000")
CONFIGURATION = f"""
schema = "cautery.taxii/1"

[server]
listen = "127.0.0.1:0"
title = "Tests"
storage = "{{storage}}"
pepper = "file:pepper"
tokens = "tokens.toml"

{{more}}

[[root]]
name = "shared"
title = "Shared"

[[root]]
name = "closed"
title = "For one peer"

[[collection]]
root = "shared"
id = "{COLLECTION}"
title = "Indicators"
alias = "indicators"
ceiling = "amber"
read = ["acme", "reader"]
write = ["acme", "writer"]

[[collection]]
root = "shared"
id = "{DROP_BOX}"
title = "For the provider only"
ceiling = "green"
unmarked = "green"
read = ["acme"]
write = ["writer"]

[[collection]]
root = "closed"
id = "{BULLETINS}"
title = "Bulletins"
ceiling = "clear"
read = ["acme"]
write = ["acme"]

[[peer]]
name = "acme"
{{acme}}

[[peer]]
name = "reader"

[[peer]]
name = "writer"
"""


def object_id(number: int, kind: str = "indicator") -> str:
    """Make the identifier of an object, the same in every run."""
    made = uuid.uuid5(NAMESPACE, f"{kind} {number}")
    return f"{kind}--{uuid.UUID(int=made.int, version=4)}"


def indicator(number: int, *, modified: str = "2026-01-01T00:00:00.000Z", **more: Any) -> Any:
    """Make an indicator."""
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": object_id(number),
        "created": "2026-01-01T00:00:00.000Z",
        "modified": modified,
        "pattern": f"[ipv4-addr:value = '198.51.100.{number % 250}']",
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        **more,
    }


def marked(number: int, label: Tlp) -> Any:
    """Make an indicator with a marking."""
    return indicator(number, object_marking_refs=[MARKINGS[label]])


def envelope(*objects: Any) -> bytes:
    """Write an envelope."""
    return json.dumps({"objects": list(objects)}).encode()


def read(*objects: Any) -> tuple[PushedObject, ...]:
    """Read objects as the server does."""
    return read_envelope(envelope(*objects), LIMITS)


def a_push(objects: tuple[PushedObject, ...], *, requested: int = 10**15) -> Push:
    """Make a push that can be stored."""
    return Push(
        status_id=str(uuid.uuid4()),
        root="shared",
        peer="acme",
        requested=requested,
        objects=objects,
    )


def a_place(ceiling: Tlp = "amber", collection: str = COLLECTION) -> CollectionPlace:
    """Make a place in the storage."""
    return CollectionPlace(collection_id=collection, ceiling=ceiling, unmarked="amber")


def a_filter(*, after: int = -1, limit: int = 1_000, **more: Any) -> Filter:
    """Make a filter."""
    return Filter(after=after, limit=limit, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A configuration on disk, with a token for each peer."""

    path: Path
    configuration: TaxiiConfiguration
    tokens: Mapping[str, str]


def make_site(
    folder: Path, *, storage: str = "sqlite:taxii.sqlite", more: str = "", acme: str = ""
) -> Site:
    """Write a configuration, a pepper and tokens."""
    pepper = folder / "pepper"
    if not pepper.exists():
        pepper.write_text(
            "4be77fdbb4814523ee437c451a72ae5f166638638039b8f445e9a702c4adb095", encoding="ascii"
        )
        pepper.chmod(0o600)
    path = folder / "taxii.toml"
    path.write_text(CONFIGURATION.format(storage=storage, more=more, acme=acme), encoding="utf-8")
    configuration = load_configuration(path)
    secret = read_pepper("file:pepper", folder)
    tokens = {
        peer.name: add_token(folder / "tokens.toml", peer.name, secret, now=10**15)
        .reveal()
        .decode()
        for peer in configuration.peers
    }
    return Site(path=path, configuration=configuration, tokens=tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the application sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def resource(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


class Caller:
    """Asks an application in this process, without a network."""

    def __init__(self, site: Site, *, storage: Storage | None = None) -> None:
        self.site = site
        self.loop = asyncio.new_event_loop()
        self.storage = storage or make_storage(site.configuration)
        self._time = 10**15
        names = [one.id for one in site.configuration.collections]
        self.loop.run_until_complete(self.storage.open(names))
        self.application = make_application(site.configuration, self.storage, self._clock)

    def _clock(self) -> int:
        self._time += 1_000
        return self._time

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: str = "",
        body: bytes = b"",
        peer: str = "acme",
        headers: Mapping[str, str] | None = None,
        certificate: bytes = b"",
    ) -> Answered:
        """Send one request and wait for its answer."""
        given = {"accept": TAXII, "authorization": f"Bearer {self.site.tokens.get(peer, 'none')}"}
        if method == "POST":
            given["content-type"] = TAXII
        given |= headers or {}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode("ascii"),
            "headers": [(k.encode(), v.encode("latin-1")) for k, v in given.items() if v],
            CERTIFICATE: certificate,
        }
        return self.loop.run_until_complete(self._exchange(scope, body))

    async def _exchange(self, scope: dict[str, Any], body: bytes) -> Answered:
        sent: list[Any] = []
        pieces = [body[start : start + 65_536] for start in range(0, len(body), 65_536)] or [b""]

        async def receive() -> Any:
            if not pieces:
                return {"type": "http.disconnect"}
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.application(scope, receive, send)
        headers = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
        return Answered(
            status=sent[0]["status"],
            headers=headers,
            body=b"".join(one["body"] for one in sent[1:]),
        )

    def push(self, *objects: Any, path: str = OBJECTS, peer: str = "acme") -> Any:
        """Push objects that must be taken as an envelope; give the status."""
        answer = self.ask("POST", path, body=envelope(*objects), peer=peer)
        assert answer.status == 202, answer.body
        return answer.resource

    def poll(self, query: str = "", *, path: str = OBJECTS, peer: str = "acme") -> list[Any]:
        """Give the objects of one page."""
        answer = self.ask("GET", path, query=query, peer=peer)
        assert answer.status == 200, answer.body
        found: list[Any] = answer.resource.get("objects", [])
        return found

    def close(self) -> None:
        """Let go of everything."""
        self.loop.run_until_complete(self.storage.close())
        self.loop.close()
