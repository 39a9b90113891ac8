"""Reads the sampling parameters of a request, under the names that providers give them."""

from __future__ import annotations

from typing import Any, Final, NamedTuple


class Parameters(NamedTuple):
    """Sampling parameters; any value may still be of the wrong type."""

    temperature: Any = None
    top_p: Any = None
    max_tokens: Any = None
    n: Any = None
    seed: Any = None
    stream: Any = None
    logprobs: Any = None
    tool_count: int | None = None


NOT_LOGGED: Final = Parameters()


def read_parameters(body: Any) -> Parameters:
    """Read parameters from a request body or from LiteLLM's ``model_parameters``.

    Args:
        body: The object; anything else holds none.

    Returns:
        The parameters, None where they are not given.

    Example:
        >>> read_parameters({"max_completion_tokens": 9, "top_logprobs": 5}).logprobs
        True
    """
    if not isinstance(body, dict) or not body:
        return NOT_LOGGED
    get = body.get
    limit = get("max_completion_tokens")
    if limit is None:
        limit = get("max_tokens")
    if limit is None:
        limit = get("max_output_tokens")
    return Parameters(
        get("temperature"),
        get("top_p"),
        limit,
        get("n"),
        get("seed"),
        get("stream"),
        logprobs_of(get("logprobs"), get("top_logprobs")),
        tool_count(body),
    )


def logprobs_of(wanted: Any, top: Any) -> bool | None:
    """Say whether token probabilities were asked for.

    Chat asks with a flag, text completion with a number, the responses API with a count only.

    Args:
        wanted: ``logprobs``.
        top: ``top_logprobs``.

    Returns:
        Whether; None if the request says nothing of it.
    """
    if isinstance(wanted, bool):
        return wanted
    for number in (wanted, top):
        if isinstance(number, int):
            return True
    return None


def tool_count(body: dict[str, Any]) -> int | None:
    """Count the tools that a request offers; None if it says nothing of tools."""
    for key in ("tools", "functions"):
        tools = body.get(key)
        if isinstance(tools, list):
            return len(tools)
    return None
