"""Where the guard tells of exchanges and decisions: records, security events, webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cautery.guard.events import EventLog, check_events_file
from cautery.guard.recording import RecordingSettings, RecordWriter, check_folder
from cautery.guard.secret_files import read_secret
from cautery.guard.webhooks import Webhook

if TYPE_CHECKING:
    from cautery.guard.background_delivery import Count
    from cautery.guard.configuration import CoreConfiguration
    from cautery.guard.metrics import Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlets:
    """Open outlets."""

    recorder: RecordWriter | None
    """Writes exchanges; None for nowhere."""
    announcers: tuple[EventLog | Webhook, ...]
    """Are told of decisions that do something."""

    def close(self) -> None:
        """Write down and send what waits; waits for disks and other machines itself."""
        for outlet in (self.recorder, *self.announcers):
            with suppress(OSError):
                if outlet is not None:
                    outlet.close()


def open_outlets(configuration: CoreConfiguration, metrics: Metrics) -> Outlets:
    """Open the outlets that a configuration names.

    Args:
        configuration: The configuration.
        metrics: Counts what becomes of each piece.

    Returns:
        The outlets.

    Raises:
        ConfigurationError: A folder, file or secret cannot be used.
    """
    announcers: list[EventLog | Webhook] = []
    recorder = None
    try:
        settings = recording_settings(configuration)
        if settings is not None:
            recorder = RecordWriter(
                settings, lambda outcome, by: metrics.count("records_total", outcome, by=by)
            )
        if configuration.events is not None:
            announcers.append(EventLog(configuration.events.file, _counting(metrics, "events")))
        for webhook in configuration.webhook:
            secret = read_secret(webhook.secret_file)
            counting = _counting(metrics, "webhook")
            announcers.append(Webhook(webhook.url, secret, frozenset(webhook.actions), counting))
    except BaseException:
        Outlets(recorder=recorder, announcers=tuple(announcers)).close()
        raise
    return Outlets(recorder=recorder, announcers=tuple(announcers))


def outlet_checks(configuration: CoreConfiguration) -> Iterator[Callable[[], object]]:
    """Give what looks whether each outlet could be opened, without opening it.

    Args:
        configuration: The configuration.

    Yields:
        Something to call, which raises a ``ConfigurationError`` if one cannot be opened.
    """
    recording, events = configuration.recording, configuration.events
    if recording is not None:
        yield partial(check_folder, recording.folder)
    if events is not None:
        yield partial(check_events_file, events.file)
    for webhook in configuration.webhook:
        yield partial(read_secret, webhook.secret_file)


def recording_settings(configuration: CoreConfiguration) -> RecordingSettings | None:
    """Turn a configuration into where exchanges are recorded; None for nowhere."""
    recording = configuration.recording
    if recording is None:
        return None
    return RecordingSettings(
        folder=recording.folder,
        text=recording.text,
        text_characters=recording.text_characters,
        rotate_bytes=recording.rotate_size,
        rotate_seconds=int(recording.rotate_after),
        keep_files=recording.keep_files,
    )


def _counting(metrics: Metrics, channel: str) -> Count:
    def count(outcome: str, by: int) -> None:
        metrics.count("events_total", channel, outcome, by=by)

    return count
