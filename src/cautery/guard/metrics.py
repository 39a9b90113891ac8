"""Counters of a guard, in Prometheus's text format (version 0.0.4).

No label ever holds an account, a key, a served model or anything else that a client writes: labels
come from lists that are known here, so that neither memory nor the page grows with the traffic.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping

from cautery.guard.metric_list import METRICS, PREFIX, Metric


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
            read: Gives its value; NaN where it is not known.
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
                gauges = self._gauges.get(metric.name, {})
                value = sum(read() for read in gauges.values()) if gauges else math.nan
                if not math.isnan(value):
                    lines.append(f"{PREFIX}{metric.name} {value:g}")
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
