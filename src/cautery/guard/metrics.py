"""Counters of a guard, in Prometheus's text format (version 0.0.4).

No label ever holds an account, a key, a served model or anything else that a client writes: labels
come from lists that are known here, so that neither memory nor the page grows with the traffic.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping
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


class Histogram:
    """Counts values by bucket."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Metrics:
    """The counters of one process.

    Example:
        >>> metrics = Metrics()
        >>> metrics.count("answers_total", "200")
        >>> 'cautery_guard_answers_total{status="200"} 1' in metrics.render()
        True
    """

    def __init__(self) -> None:
        self.counts: defaultdict[tuple[str, tuple[str, ...]], int] = defaultdict(int)
        """By name and labels, for who counts with every request; ``count`` does the same."""
        self._gauges: dict[str, dict[str, Callable[[], float]]] = {}
        self._readers: dict[str, Callable[[], Mapping[tuple[str, ...], int]]] = {}
        self._histograms = {
            metric.name: Histogram(metric.bounds) for metric in METRICS if metric.bounds
        }

    def count(self, name: str, *labels: str, by: int = 1) -> None:
        """Add to a counter.

        Args:
            name: As in ``METRICS``.
            labels: Its labels' values, each of a list that is known.
            by: How much.
        """
        self.counts[name, labels] += by

    def histogram(self, name: str) -> Histogram:
        """Give a histogram to observe values with."""
        return self._histograms[name]

    def gauge(self, name: str, read: Callable[[], float], part: str = "") -> None:
        """Say how a gauge is read when the page is asked for.

        Args:
            name: As in ``METRICS``.
            read: Gives its value.
            part: Of the process, where several have it: their sum is shown.
        """
        self._gauges.setdefault(name, {})[part] = read

    def counted(self, name: str, read: Callable[[], Mapping[tuple[str, ...], int]]) -> None:
        """Say how a counter that somebody else keeps is read when the page is asked for.

        Args:
            name: As in ``METRICS``.
            read: Gives the counts by their labels' values; what was added to the metric here is
                added to them.
        """
        self._readers[name] = read

    def value(self, name: str, *labels: str) -> int:
        """Give a counter's value."""
        read = self._readers.get(name)
        return self.counts.get((name, labels), 0) + (read().get(labels, 0) if read else 0)

    def render(self) -> str:
        """Write the page."""
        lines = []
        for metric in METRICS:
            lines.append(f"# HELP {PREFIX}{metric.name} {metric.description}")
            lines.append(f"# TYPE {PREFIX}{metric.name} {metric.kind}")
            if metric.kind == "histogram":
                lines.extend(_histogram_lines(metric.name, self._histograms[metric.name]))
            elif metric.kind == "gauge":
                if metric.name in self._gauges:
                    total = sum(read() for read in self._gauges[metric.name].values())
                    lines.append(f"{PREFIX}{metric.name} {total:g}")
            else:
                lines.extend(self._counter_lines(metric))
        return "\n".join(lines) + "\n"

    def _counter_lines(self, metric: Metric) -> list[str]:
        read = self._readers.get(metric.name)
        counts = dict(read()) if read is not None else {}
        for (name, labels), count in self.counts.items():
            if name == metric.name:
                counts[labels] = counts.get(labels, 0) + count
        counted = sorted(counts.items())
        if not counted and not metric.labels:
            counted = [((), 0)]
        return [
            f"{PREFIX}{metric.name}{_written(metric.labels, labels)} {count}"
            for labels, count in counted
        ]


def _written(names: tuple[str, ...], values: tuple[str, ...]) -> str:
    if not names:
        return ""
    pairs = zip(names, values, strict=True)
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in pairs) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _histogram_lines(name: str, histogram: Histogram) -> list[str]:
    lines, total = [], 0
    for bound, count in zip((*histogram.bounds, "+Inf"), histogram.counts, strict=True):
        total += count
        written = bound if isinstance(bound, str) else f"{bound:g}"
        lines.append(f'{PREFIX}{name}_bucket{{le="{written}"}} {total}')
    lines.append(f"{PREFIX}{name}_sum {histogram.total:g}")
    lines.append(f"{PREFIX}{name}_count {total}")
    return lines
