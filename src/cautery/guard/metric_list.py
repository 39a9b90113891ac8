"""Every metric of a guard, as its page of metrics and the reference page show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric, as the reference page lists it."""

    name: str
    """Without the prefix ``cautery_guard_``."""
    kind: Kind
    """How Prometheus takes it."""
    description: str
    """One line."""
    labels: tuple[str, ...] = ()
    """Names of its labels."""
    bounds: tuple[float, ...] = ()
    """Upper bounds of a histogram's buckets, in its unit."""


PREFIX: Final = "cautery_guard_"
_DECISION_BOUNDS: Final = (10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 1e-3, 5e-3)
_REQUEST_BOUNDS: Final = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0, 300.0)

METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        name="requests_total",
        kind="counter",
        description="Requests that were decided on.",
        labels=("dialect", "action", "enforced"),
    ),
    Metric(
        name="decisions_total",
        kind="counter",
        description="Decisions, with the mode of the rule that gave the action.",
        labels=("action", "enforced", "mode"),
    ),
    Metric(
        name="overrides_total",
        kind="counter",
        description="Decisions that the allowlist changed.",
    ),
    Metric(
        name="answers_total",
        kind="counter",
        description="Answers by status; 0 if the client left before.",
        labels=("status",),
    ),
    Metric(
        name="refusals_total",
        kind="counter",
        description="Requests that the guard answered by itself without a decision.",
        labels=("refusal",),
    ),
    Metric(
        name="unrecognised_total",
        kind="counter",
        description="Requests whose credential was not accepted.",
        labels=("fault",),
    ),
    Metric(
        name="faults_total",
        kind="counter",
        description="What the guard itself could not do, as decisions name it.",
        labels=("fault",),
    ),
    Metric(
        name="questions_total",
        kind="counter",
        description="Questions to the decision service, by who asks or what is asked.",
        labels=("asker",),
    ),
    Metric(
        name="strangers_total",
        kind="counter",
        description="Questions to the decision service of callers that may not ask.",
    ),
    Metric(
        name="audit_records_total",
        kind="counter",
        description="Records for the ledger by what became of them.",
        labels=("outcome",),
    ),
    Metric(
        name="sharing_exchanges_total",
        kind="counter",
        description="Exchanges of limits with other guards, by outcome.",
        labels=("outcome",),
    ),
    Metric(
        name="upstream_failures_total",
        kind="counter",
        description="Requests that failed at the model server.",
        labels=("failure",),
    ),
    Metric(
        name="client_timeouts_total",
        kind="counter",
        description="Connections closed on clients that were too slow.",
        labels=("phase",),
    ),
    Metric(
        name="cancelled_total",
        kind="counter",
        description="Requests whose client left before the answer's end.",
    ),
    Metric(
        name="stripped_fields_total",
        kind="counter",
        description="Fields taken out of requests: ways round a watermark.",
        labels=("field",),
    ),
    Metric(
        name="degraded_answers_total",
        kind="counter",
        description="Answers that were degraded, by what was done to them.",
        labels=("degradation",),
    ),
    Metric(
        name="left_out_total",
        kind="counter",
        description="What degraded answers left out: choices, words, tokens with probabilities.",
        labels=("what",),
    ),
    Metric(
        name="degrade_overruns_total",
        kind="counter",
        description="Texts and reasoning that were longer than is held back for a defence.",
    ),
    Metric(
        name="tokens_total",
        kind="counter",
        description="Tokens that answers said they cost.",
        labels=("direction",),
    ),
    Metric(
        name="records_total",
        kind="counter",
        description="Exchange records by what became of them.",
        labels=("outcome",),
    ),
    Metric(
        name="events_total",
        kind="counter",
        description="Security events and webhooks by what became of them.",
        labels=("channel", "outcome"),
    ),
    Metric(
        name="reloads_total",
        kind="counter",
        description="Configurations read again, by outcome.",
        labels=("outcome",),
    ),
    Metric(
        name="decision_seconds",
        kind="histogram",
        description="Time that a decision took.",
        bounds=_DECISION_BOUNDS,
    ),
    Metric(
        name="request_seconds",
        kind="histogram",
        description="Time from a request's head to the end of its answer.",
        bounds=_REQUEST_BOUNDS,
    ),
    Metric(name="client_connections", kind="gauge", description="Open connections of clients."),
    Metric(
        name="upstream_connections",
        kind="gauge",
        description="Open connections to the model server.",
    ),
    Metric(
        name="requests_in_flight", kind="gauge", description="Requests that are being answered."
    ),
    Metric(name="buffered_bytes", kind="gauge", description="Bytes of requests held in memory."),
    Metric(
        name="snapshot_age_seconds",
        kind="gauge",
        description="Time since the verdicts in use were published.",
    ),
    Metric(name="snapshot_accounts", kind="gauge", description="Accounts in those verdicts."),
    Metric(
        name="snapshot_refusals",
        kind="gauge",
        description="Snapshot files that were refused since the start.",
    ),
)
"""Every metric, in the order of the page."""
