"""The reverse proxy, as ``cautery guard serve`` runs it, with a scripted decision core."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from tests.contracts.enforcers.harness import Harness
from tests.contracts.enforcers.scripted import ScriptedAuthenticator, ScriptedDecider
from tests.guard.guards import free_port

from cautery.guard.adapters.proxy import MEMBER
from cautery.guard.metrics import Metrics
from cautery.guard.proxying.service import ProxyService
from cautery.guard.proxying.settings import ProxySettings, UpstreamSettings
from cautery.guard.structured_logs import begin_logging
from cautery.guard.tag_carrier import TagCarrier


class ProxyHarness(Harness):
    """One process that listens."""

    def running(self, folder: Path, model_port: int) -> Any:
        port = free_port()
        return self.process(folder, self.module(str(folder), str(port), str(model_port)), port)


async def main(folder: Path, port: int, model_port: int) -> None:
    """Serve until the process is ended."""
    settings = ProxySettings(
        decider=ScriptedDecider(folder),
        authenticator=ScriptedAuthenticator(),
        upstream=UpstreamSettings(host="127.0.0.1", port=model_port),
        carrier=TagCarrier(header=HARNESS.tag_header),
    )
    service = ProxyService(settings, Metrics(), asyncio.get_running_loop())
    listening = await MEMBER.listen(service, "127.0.0.1", port)
    await listening.serve_forever()


HARNESS = ProxyHarness()

if __name__ == "__main__":
    begin_logging(sys.stderr)
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
