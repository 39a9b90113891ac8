"""An enforcement adapter at work, and how its clients ask."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from tests.contracts.enforcers.harness import Enforcing, Harness
from tests.contracts.enforcers.model_servers import PROMPT, ModelServer, Reached
from tests.contracts.enforcers.scripted import key_of

from cautery.ports import Enforcer
from cautery.records.decision import ACTIONS, Action

OPENAI, ANTHROPIC = 0, 1


@dataclass
class Answered:
    """An answer, as a client reads it."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = json.loads(self.content)["error"]
        return error


@dataclass
class Place:
    """A member at work, and how it is asked."""

    name: str
    member: Enforcer
    harness: Harness
    enforcing: Enforcing
    model: ModelServer

    def ask(
        self, script: str, dialect: int = OPENAI, *, stream: bool = False, **fields: Any
    ) -> Answered:
        """Ask as the client to whom a script happens."""
        body: dict[str, Any] = {
            "model": "served",
            "max_tokens": 50,
            "messages": [{"role": "user", "content": PROMPT}],
            "stream": stream,
            **fields,
        }
        headers = {"authorization": f"Bearer {key_of(script)}", "content-type": "application/json"}
        connection = HTTPConnection("127.0.0.1", self.enforcing.port, timeout=60)
        try:
            connection.request("POST", self.harness.paths[dialect], json.dumps(body), headers)
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, named, answer.read())
        finally:
            connection.close()

    def reached_by(self, ask: Callable[[], object]) -> list[Reached]:
        """Say what reaches the model server while something is asked."""
        before = len(self.model.reached)
        ask()
        return self.model.reached[before:]

    def request_id(self, script: str) -> str:
        """Ask, and find the request's id: in the answer, or where the server behind is told it."""
        answers: list[Answered] = []
        reached = self.reached_by(lambda: answers.append(self.ask(script)))
        if reached and not self.member.sees_answer:
            return reached[0].headers["x-cautery-request-id"]
        headers = answers[0].headers
        return headers["x-request-id"] if headers["x-request-id"] == headers["request-id"] else ""

    def expressed(self, action: Action) -> Action:
        """Say what an action becomes here."""
        stricter = ACTIONS[ACTIONS.index(action) :]
        return next(one for one in stricter if one in self.member.carries_out)
