"""LiteLLM plug-in: the guard inside LiteLLM's proxy, without another hop.

``callbacks: cautery.guard.adapters.litellm.plugin`` under ``litellm_settings`` of LiteLLM's
``config.yaml``; the environment variable ``CAUTERY_GUARD_CONFIGURATION`` names the guard's own
configuration. It is a callback and not a guardrail, since a request or a key can switch guardrails
off. LiteLLM is imported when it asks for the plug-in, and not before.

``cautery.guard.adapters.litellm.canary`` is another callback, with the guard or without it: it
plants what ``CAUTERY_CANARY_CONFIGURATION`` names.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from cautery.errors import MissingExtraError
from cautery.guard.canary_files import CanaryFiles, named_settings
from cautery.guard.embedded import EmbeddedGuard
from cautery.guard.litellm_calls.hooks import Hooks
from cautery.guard.litellm_calls.planting import Planting
from cautery.records.decision import ACTIONS

if TYPE_CHECKING:
    from cautery.guard.embedded import Judges

_PLUGIN: Final = "plugin"
_CANARY: Final = "canary"


class LiteLlm:
    """Sees calls and answers inside LiteLLM; of kinds it knows, it can carry out every action."""

    name = "litellm"
    description = "plug-in inside LiteLLM's proxy: sees calls and answers, and LiteLLM's keys"
    carries_out = frozenset(ACTIONS)
    sees_body = True
    sees_answer = True

    @staticmethod
    def make_plugin(*, judges: Judges | None = None) -> Any:
        """Make a callback for LiteLLM, by the configuration that the environment names.

        Args:
            judges: Who decides, in place of those of the configuration.

        Returns:
            A ``CustomLogger`` of the LiteLLM that is installed.

        Raises:
            MissingExtraError: There is no LiteLLM with a proxy here.
            CauteryError: The guard cannot be put together.
        """
        try:
            from cautery.guard.litellm_calls.plugin import CauteryPlugin
        except ModuleNotFoundError as error:
            raise _missing(error) from error
        guard = EmbeddedGuard(judges=judges)
        guard.prepare()
        return CauteryPlugin(Hooks(guard))


def make_canary() -> Any:
    """Make the callback that plants canaries, by the configuration that the environment names.

    Returns:
        A ``CustomLogger`` of the LiteLLM that is installed.

    Raises:
        MissingExtraError: There is no LiteLLM with a proxy here.
        CauteryError: The configuration, or a file that it names, cannot be read.
    """
    try:
        from cautery.guard.litellm_calls.canary_plugin import CanaryPlugin
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    return CanaryPlugin(Planting(CanaryFiles(named_settings())))


def _missing(error: ModuleNotFoundError) -> MissingExtraError:
    return MissingExtraError(
        f"there is no LiteLLM proxy here: {error.name} is missing",
        hint="Install cautery into LiteLLM's own environment.",
    )


def __getattr__(name: str) -> Any:
    """Make a callback when LiteLLM asks for it by its dotted name; the same one every time."""
    makers = {_PLUGIN: _plugin, _CANARY: _canary}
    if name not in makers:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return makers[name]()


@cache
def _plugin() -> Any:
    return MEMBER.make_plugin()


@cache
def _canary() -> Any:
    return make_canary()


MEMBER: Final = LiteLlm()
