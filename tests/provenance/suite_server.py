"""Endpoints that answer the shipped suites as a kind of model does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.provenance.suspect_server import Behaviour, Reply, completion

from cautery.provenance.suite_items import shipped_items


def by_prompt(answer: Callable[[str], str]) -> Behaviour:
    """Answer each shipped prompt by what it wants.

    Args:
        answer: From what is wanted to the answer.
    """
    wanted = {item.prompt: item.wanted.value for item in shipped_items()}

    def behaviour(_number: int, body: dict[str, Any]) -> Reply:
        return completion(answer(wanted[body["messages"][0]["content"]]))

    return behaviour


def no_answer() -> Reply:
    """Answer with nothing."""
    return completion("")
