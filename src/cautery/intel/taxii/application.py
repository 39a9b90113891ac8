"""The server as an ASGI application: who asks, whether it can be answered, and by which endpoint.

Pure ASGI, as is the guard's proxy: there are nine paths and one media type, and every answer,
whatever fails, is a resource of TAXII.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Final

from cautery.intel.taxii.configuration import RESERVED_ROOT
from cautery.intel.taxii.endpoints import Clock, Endpoints
from cautery.intel.taxii.media_types import accepts_taxii
from cautery.intel.taxii.messages import (
    Answer,
    Receive,
    Request,
    Scope,
    Send,
    answer_to_refusal,
    read_request,
    send_answer,
)
from cautery.intel.taxii.peers import Peers
from cautery.intel.taxii.refusals import (
    Refusal,
    RequestRefusedError,
    StorageBusyError,
    not_found,
)

LOG: Final = logging.getLogger("cautery.intel.taxii")
RETRY_AFTER_SECONDS: Final = 5
_UNKNOWN: Final = Refusal(
    status=401,
    title="Who asks is not known.",
    description="Send a token as Authorization: Bearer, or a client certificate.",
    headers=(
        ("www-authenticate", 'Bearer realm="cautery", Basic realm="cautery"'),
        ("connection", "close"),  # who is nobody holds no connection
    ),
)
_NOT_ACCEPTABLE: Final = Refusal(
    status=406,
    title="Nothing acceptable can be sent.",
    description="Accept application/taxii+json;version=2.1.",
)
_BUSY: Final = Refusal(
    status=503,
    title="The storage is busy.",
    description="Come again later; nothing was stored.",
    headers=(("retry-after", str(RETRY_AFTER_SECONDS)),),
)
_BROKEN: Final = Refusal(status=500, title="The server met an error of its own.")
Handler = Callable[[], Awaitable[Answer]]


class TaxiiApplication:
    """The server.

    Args:
        endpoints: What answers.
        peers: Who may ask.
        clock: Gives the time, microseconds since 1970.
    """

    def __init__(self, endpoints: Endpoints, peers: Peers, clock: Clock) -> None:
        self._endpoints = endpoints
        self._peers = peers
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; the storage is opened and closed by who runs the server."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.monotonic()
        request = read_request(scope)
        request_id = str(uuid.uuid4())
        peer = self._peers.recognise(
            request.headers.get("authorization"), request.certificate, self._clock()
        )
        try:
            answer = await self._answer(request, receive, peer)
        except RequestRefusedError as error:
            answer = answer_to_refusal(error.refusal, request_id)
        except StorageBusyError as error:
            LOG.warning("storage-busy", extra=_fields(request=request_id, reason=str(error)))
            answer = answer_to_refusal(_BUSY, request_id)
        except Exception:  # no fault of ours may leave a client without a resource of TAXII
            LOG.exception("internal-error", extra=_fields(request=request_id))
            answer = answer_to_refusal(_BROKEN, request_id)
        LOG.info(
            "request",
            extra=_fields(
                request=request_id,
                peer=peer or "",
                method=request.method[:16],
                path=request.path[:300],
                status=answer.status,
                bytes=len(answer.body),
                milliseconds=round((time.monotonic() - began) * 1000, 1),
            ),
        )
        await send_answer(answer, send)

    async def _answer(self, request: Request, receive: Receive, peer: str | None) -> Answer:
        if peer is None:
            raise RequestRefusedError(_UNKNOWN)
        if not accepts_taxii(request.headers.get("accept")):
            raise RequestRefusedError(_NOT_ACCEPTABLE)
        handlers = self._handlers(request, receive, peer)
        if request.method not in handlers:
            refusal = Refusal(
                status=405,
                title="This resource does not know the method.",
                headers=(("allow", ", ".join(sorted(handlers))),),
            )
            raise RequestRefusedError(refusal)
        return await handlers[request.method]()

    def _handlers(self, request: Request, receive: Receive, peer: str) -> dict[str, Handler]:
        """Find what answers a path, by method."""
        ends = self._endpoints
        match request.path.removesuffix("/").split("/")[1:]:
            case [name] if name == RESERVED_ROOT:
                return {"GET": _at_once(lambda: ends.discovery(request, peer))}
            case [root]:
                return {"GET": _at_once(lambda: ends.root(root, peer))}
            case [root, "status", status_id]:
                return {"GET": lambda: ends.status(root, status_id, peer)}
            case [root, "collections"]:
                return {"GET": _at_once(lambda: ends.collections(root, peer))}
            case [root, "collections", one]:
                return {"GET": _at_once(lambda: ends.collection(root, one, peer))}
            case [root, "collections", one, "manifest"]:
                return {"GET": lambda: ends.manifest(request, root, one, peer)}
            case [root, "collections", one, "objects"]:
                return {
                    "GET": lambda: ends.objects(request, root, one, peer),
                    "POST": lambda: ends.push(request, receive, root, one, peer),
                }
            case [root, "collections", one, "objects", object_id]:
                return {
                    "GET": lambda: ends.one_object(request, root, one, object_id, peer),
                    "DELETE": lambda: ends.delete(request, root, one, object_id, peer),
                }
            case [root, "collections", one, "objects", object_id, "versions"]:
                return {"GET": lambda: ends.versions(request, root, one, object_id, peer)}
        raise not_found()


def _at_once(work: Callable[[], Answer]) -> Handler:
    async def handle() -> Answer:
        return work()

    return handle


def _fields(**values: object) -> dict[str, object]:
    return {"fields": values}
