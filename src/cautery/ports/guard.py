"""The contracts of the guard's room: who decides, who carries it out, who keeps the record."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from datetime import datetime

    from cautery.records.decision import Action, Decision, PolicyOutcome
    from cautery.records.identity import Identity, Presented, Unrecognised
    from cautery.records.request import RequestFacts, UsageFacts
    from cautery.records.standing import AccountFacts, CampaignStanding


@runtime_checkable
class PolicyPack(Protocol):
    """A pack of rules with its cases (shelf ``policy/packs``): texts, so that it can be kept."""

    name: str
    """Name for ``packs`` in ``policy.toml``."""
    description: str
    """One line for the list of packs."""

    def read(self) -> Mapping[str, str]:
        """Give the texts of its files, by ending.

        Returns:
            ``.cedar``, the rules; ``.toml``, what the pack says of itself; ``.cases.toml``.
        """
        ...


class PolicyEvaluator(Protocol):
    """A policy set at work: facts in, what its rules ask for out; microseconds, never raises."""

    @property
    def policy_version(self) -> str:
        """SHA-256 of the set, in hexadecimal digits."""
        ...

    def evaluate(
        self,
        request: RequestFacts,
        account: AccountFacts | None,
        campaign: CampaignStanding | None,
    ) -> PolicyOutcome:
        """Ask every rule; errors are in the outcome, so that the guard fails as it is set."""
        ...


class Decider(Protocol):
    """The decision core as adapters see it: in process, never raises, waits for no server."""

    @property
    def reads_templates(self) -> bool:
        """Whether it looks at ``RequestFacts.template``; for one that does not, none is made."""
        ...

    def decide(self, request: RequestFacts) -> Decision:
        """Decide on a request before it is forwarded.

        Where a decision must be on record before it is given, this waits for the disk: adapters
        on an event loop call ``begin``.
        """
        ...

    def begin(self, request: RequestFacts) -> Decision | Future[Decision]:
        """Decide on a request without waiting for the disk.

        Returns:
            The decision; or, where it must be on record before it is given, a future of it that is
            set by another thread and never fails.
        """
        ...

    def settle(self, usage: UsageFacts) -> None:
        """Charge what a request turned out to cost."""
        ...


class Authenticator(Protocol):
    """Tells whose credential a request bears: synchronous, in process, never raises."""

    def authenticate(self, presented: Presented) -> Identity | Unrecognised:
        """Recognise an account, in time that does not depend on how wrong a credential is."""
        ...


class AuditTrail(Protocol):
    """Where decisions and changes of policy are written so that nobody can rewrite them."""

    def append(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> int:
        """Write a record and give its place; it is on disk when this returns.

        Args:
            kind: What it is, for example ``decision`` or ``policy-override``.
            record: Plain values that JSON can hold; the ledger keeps a salted commitment.
            written_at: UTC.

        Raises:
            OutputError: It cannot be written; the guard then fails as it is set.
        """
        ...


class DecisionTrail(AuditTrail, Protocol):
    """An audit trail that the guard writes its decisions to."""

    def submit(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> Future[int]:
        """Hand a record in without waiting for the disk.

        Args:
            kind: What it is.
            record: Plain values that JSON can hold.
            written_at: UTC.

        Returns:
            Its place once it is on disk, or an ``OutputError``; set by another thread.

        Raises:
            OutputError: Too much waits already.
        """
        ...


@runtime_checkable
class Enforcer(Protocol):
    """Carries decisions out at one kind of place (shelf ``guard/adapters``)."""

    name: str
    """As in ``cautery guard check`` and the documentation."""
    description: str
    """One line for the list of adapters."""
    carries_out: frozenset[Action]
    """Actions that it can express; the others become the next stricter one that it can."""
    sees_body: bool
    """Whether it sees what is asked; if not, rules on prompts and parameters do not apply there."""
    sees_answer: bool
    """Whether it sees the answer, so that usage is settled and the exchange recorded."""
