"""Where a guard tells what it did: exchange records, security events, webhooks."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cautery.guard.assembly import recording_settings
from cautery.guard.background_delivery import Count
from cautery.guard.configuration import GuardConfiguration
from cautery.guard.events import EventLog
from cautery.guard.metrics import Metrics
from cautery.guard.recording import RecordWriter
from cautery.guard.secret_files import read_secret
from cautery.guard.webhooks import Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlets:
    """Everything that a guard tells by."""

    recorder: RecordWriter | None = None
    """Exchange records, None for none."""
    announcers: tuple[EventLog | Webhook, ...] = ()
    """Who is told of decisions that do something."""

    def close(self) -> None:
        """Let all of them finish; waits for disks and other machines."""
        for outlet in (self.recorder, *self.announcers):
            if outlet is not None:
                with suppress(OSError):
                    outlet.close()


def make_outlets(configuration: GuardConfiguration, folder: Path, metrics: Metrics) -> Outlets:
    """Open what the configuration names.

    Args:
        configuration: The configuration.
        folder: Folder of its file, which the event log's name starts from.
        metrics: Counters of what became of records, events and webhooks.

    Returns:
        The outlets.

    Raises:
        ConfigurationError: A folder or a file cannot be used.
    """

    def counting(channel: str) -> Count:
        def count(outcome: str, by: int) -> None:
            metrics.count("events_total", channel, outcome, by=by)

        return count

    recording = recording_settings(configuration)
    recorder = None
    if recording is not None:
        recorder = RecordWriter(
            recording, lambda outcome, by: metrics.count("records_total", outcome, by=by)
        )
    announcers: list[EventLog | Webhook] = []
    if configuration.events is not None:
        announcers.append(EventLog(folder / configuration.events.file, counting("events")))
    for webhook in configuration.webhook:
        announcers.append(
            Webhook(
                webhook.url,
                read_secret(webhook.secret_file),
                frozenset(webhook.actions),
                counting("webhook"),
            )
        )
    return Outlets(recorder=recorder, announcers=tuple(announcers))
