"""The page of counters."""

from __future__ import annotations

import re

from cautery.guard.metric_list import METRICS
from cautery.guard.metrics import Metrics

_LINE = re.compile(r'cautery_guard_[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? [0-9.e+-]+')
_PRIVATE = ("account", "key", "model", "address", "organisation", "prompt", "user")


def test_every_line_is_prometheus_text() -> None:
    """Each line is a comment or a sample; every metric has its help."""
    metrics = Metrics()
    metrics.count("answers_total", 'a"b\\c\nd')
    metrics.histogram("decision_seconds").observe(20e-6)
    metrics.gauge("client_connections", lambda: 3)
    lines = metrics.render().splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    assert 'cautery_guard_answers_total{status="a\\"b\\\\c\\nd"} 1' in samples
    assert [line for line in samples if "a\\" not in line and not _LINE.fullmatch(line)] == []
    for metric in METRICS:
        assert f"# TYPE cautery_guard_{metric.name} {metric.kind}" in lines


def test_histograms_count_up() -> None:
    """Each bucket holds those below it."""
    metrics = Metrics()
    for value in (5e-6, 20e-6, 1.0):
        metrics.histogram("decision_seconds").observe(value)
    page = metrics.render()
    assert 'decision_seconds_bucket{le="1e-05"} 1' in page
    assert 'decision_seconds_bucket{le="2.5e-05"} 2' in page
    assert 'decision_seconds_bucket{le="+Inf"} 3' in page
    assert "decision_seconds_count 3" in page


def test_no_label_tells_whose_request_it_was() -> None:
    """Labels come from lists of ours: no account, key, served model or address is among them."""
    labels = {label for metric in METRICS for label in metric.labels}
    assert not [label for label in labels for word in _PRIVATE if word in label]


def test_counters_that_somebody_else_keeps() -> None:
    """What is read and what was added are one counter; an unknown gauge is left out."""
    metrics = Metrics()
    metrics.counted("faults_total", lambda: {("no-snapshot",): 2, ("state-full",): 1})
    metrics.count("faults_total", "no-snapshot")
    metrics.count("faults_total", "tag_not_carried")
    metrics.gauge("snapshot_age_seconds", lambda: float("nan"))
    page = metrics.render()
    for fault, count in (("no-snapshot", 3), ("state-full", 1), ("tag_not_carried", 1)):
        assert f'faults_total{{fault="{fault}"}} {count}' in page
        assert metrics.value("faults_total", fault) == count
    assert "\ncautery_guard_snapshot_age_seconds" not in page
