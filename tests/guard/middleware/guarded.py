"""A guarded application under uvicorn, and requests to it."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from tests.guard.deciders import GOOD_KEY, FakeAuthenticator, FakeDecider
from tests.guard.middleware.applications import (
    Seen,
    model_application,
    served,
    write_configuration,
)

from cautery.guard.adapters.asgi import CauteryMiddleware
from cautery.guard.embedded import Judges

CHAT: dict[str, Any] = {
    "model": "served",
    "messages": [{"role": "user", "content": "planted prompt"}],
}


class Guarded:
    """A guarded application at work."""

    def __init__(self, port: int, seen: Seen, decider: FakeDecider, folder: Path) -> None:
        self.port = port
        self.seen = seen
        self.decider = decider
        self.folder = folder

    def ask(
        self,
        body: bytes | dict[str, Any] | None = None,
        path: str = "/v1/chat/completions",
        method: str | None = None,
        **headers: str,
    ) -> tuple[int, dict[str, str], bytes]:
        """Ask by hand."""
        content = json.dumps(body).encode() if isinstance(body, dict) else body
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            content,
            {"authorization": f"Bearer {GOOD_KEY}", "content-type": "application/json", **given},
            method=method,
        )
        try:
            answer = urllib.request.urlopen(request, timeout=20)  # noqa: S310 - of this test
        except HTTPError as error:
            answer = error
        with closing(answer):
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()


@contextmanager
def guarded(
    folder: Path, decider: FakeDecider | None = None, more: str = "", **options: Any
) -> Iterator[Guarded]:
    seen, decider = Seen(), decider or FakeDecider()
    application = model_application(seen)
    application.add_middleware(
        CauteryMiddleware,
        configuration=write_configuration(folder, more),
        judges=Judges(decider=decider, authenticator=FakeAuthenticator()),
    )
    with served(application, **options) as port:
        yield Guarded(port, seen, decider, folder)


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
