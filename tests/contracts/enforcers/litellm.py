"""LiteLLM's own proxy with the plug-in, from the environment that ``make gateways`` makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.contracts.enforcers.harness import ROOT, Harness
from tests.guard.guards import free_port

COMMAND = ROOT / ".gateways" / "bin" / "litellm"
MASTER_KEY = "sk-planted-master-5d0f3bb1c9a84e7f8c6d2e1a0b9f8e7d6c5b4a39"
ENVIRONMENT = {
    "LITELLM_MASTER_KEY": MASTER_KEY,
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
}
_CONFIGURATION = """
model_list:
  - model_name: served
    litellm_params:
      model: hosted_vllm/served
      api_base: http://127.0.0.1:{model_port}/v1
      api_key: sk-planted-upstream-key
litellm_settings:
  callbacks: planted.plugin
general_settings:
  custom_auth: planted.authenticate
"""
_PLANTED = """
from pathlib import Path

from litellm.proxy._types import ProxyException, UserAPIKeyAuth
from tests.contracts.enforcers.scripted import (
    ScriptedAuthenticator, ScriptedDecider, script_of
)

from cautery.guard.adapters.litellm import MEMBER
from cautery.guard.embedded import Judges

plugin = MEMBER.make_plugin(
    judges=Judges(
        decider=ScriptedDecider(Path(__file__).parent), authenticator=ScriptedAuthenticator()
    )
)


async def authenticate(request, api_key):
    script = script_of(api_key)
    if not script:
        raise ProxyException("not known", "authentication_error", None, 401)
    return UserAPIKeyAuth(api_key=api_key, user_id=script, team_id="team-1")
"""


def without_litellm() -> str:
    """Say what is missing; empty for nothing."""
    return "" if COMMAND.is_file() else "needs LiteLLM: make gateways"


class LiteLlmHarness(Harness):
    """One process of LiteLLM."""

    def missing(self) -> str:
        return without_litellm()

    def running(self, folder: Path, model_port: int) -> Any:
        port = free_port()
        (folder / "guard.toml").write_text(f'[watermark]\nheader = "{self.tag_header}"\n')
        (folder / "planted.py").write_text(_PLANTED)
        (folder / "config.yaml").write_text(_CONFIGURATION.format(model_port=model_port))
        words = [str(COMMAND), "--config", "config.yaml", "--host", "127.0.0.1"]
        return self.process(
            folder,
            [*words, "--port", str(port), "--telemetry", "False"],
            port,
            page="/health/liveliness",
            environment={
                **ENVIRONMENT,
                "CAUTERY_GUARD_CONFIGURATION": str(folder / "guard.toml"),
            },
        )


HARNESS = LiteLlmHarness()
