"""Asks Cedar which rules fire, and passes over no error."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cautery.errors import ConfigurationError
from cautery.policy.cedar import cedar
from cautery.policy.projection import Projection, cedar_context
from cautery.policy.schema import CALLER, PERMIT, REQUEST

if TYPE_CHECKING:
    from cautery.policy.policy_set import PolicySet
    from cautery.policy.rules import Rule


class CedarError(Exception):
    """Cedar met an error, so what it says is not to be relied on; never leaves this room."""

    def __init__(self, errors: tuple[str, ...]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


class CedarAsker:
    """Cedar with a schema and with what it is told about the provider.

    Args:
        policy: The set.

    Raises:
        ConfigurationError: Cedar refuses what the set tells it.
        MissingExtraError: The library for Cedar is not installed.
    """

    def __init__(self, policy: PolicySet) -> None:
        self._library = cedar()
        self._name = policy.name
        try:
            self._schema = self._library.Schema.from_str(policy.schema_text)
            self._entities = self._library.Entities.from_json_str(
                policy.entities_text, self._schema
            )
        except ValueError as error:
            raise self._refusal(error) from error

    def parsed(self, rules: Iterable[Rule]) -> Any:
        """Parse rules, with the permit beneath them.

        Args:
            rules: The rules; they do not depend on each other, so any choice of them is right.

        Returns:
            What ``firing`` takes.

        Raises:
            ConfigurationError: Cedar refuses them.
        """
        text = PERMIT + "\n".join(rule.cedar for rule in rules)
        try:
            return self._library.PolicySet.from_str(text)
        except ValueError as error:
            raise self._refusal(error) from error

    def firing(self, parsed: Any, projection: Projection) -> frozenset[str]:
        """Ask which rules fire.

        Args:
            parsed: From ``parsed``.
            projection: What rules see.

        Returns:
            Their identifiers.

        Raises:
            CedarError: Cedar met an error: a rule that errs is skipped, and could have denied.
        """
        answer = self._library.is_authorized(
            {
                "principal": CALLER,
                "action": REQUEST,
                "resource": {"type": "ModelClass", "id": projection.model_class},
                "context": json.dumps(cedar_context(projection)),
            },
            parsed,
            self._entities,
            self._schema,
        )
        diagnostics = answer.diagnostics
        if diagnostics.errors:
            raise CedarError(tuple(str(error) for error in diagnostics.errors))
        decision = str(answer.decision.value)
        firing = frozenset(diagnostics.id_annotations_by_reason.values())
        if decision == "Allow":
            return frozenset()
        if decision != "Deny" or not firing:
            raise CedarError((f"Cedar gave no decision ({decision})",))
        return firing

    def _refusal(self, error: ValueError) -> ConfigurationError:
        return ConfigurationError(f"Cedar refuses the set: {error}", where=self._name)
