"""Options of every verb that reads logs: how they are read, and which part of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from cyclopts import Parameter

if TYPE_CHECKING:
    from cautery.ingest.options import IngestOptions


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class LogOptions:
    """How logs are read."""

    format: str = "auto"
    """Name of the log format; see `cautery list formats`."""
    mapping: Path | None = None
    """Mapping file for a log of one's own make."""
    since: str | None = None
    """Leave out what began before this date or time."""
    until: str | None = None
    """Leave out what began at this date or time, or after it."""
    max_bad: str = "1%"
    """Share of lines that may be unreadable, as 1% or 0.01; above it the exit is 4."""

    def ingest_options(self, logs: tuple[str, ...], **more: Any) -> IngestOptions:
        """Say it as the reader of logs takes it.

        Args:
            logs: Files, folders or globs.
            more: What else it is told.

        Returns:
            The options.

        Raises:
            UsageError: A share or time is none.
        """
        from cautery.cli.shares import share_of
        from cautery.ingest.options import IngestOptions
        from cautery.ingest.period import read_period
        from cautery.ingest.times import zone_of

        return IngestOptions(
            logs=logs,
            format=self.format,
            mapping=self.mapping,
            period=read_period(self.since, self.until, zone_of(more.get("time_zone", "UTC"))),
            max_bad_share=share_of(self.max_bad),
            **more,
        )


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class FieldOptions(LogOptions):
    """How logs are read, and where they hold what is looked for."""

    time_zone: Annotated[str, Parameter(name="--tz")] = "UTC"
    """Zone of times that name none, for example Europe/Berlin."""
    time_unit: Literal["auto", "s", "ms", "us", "ns"] = "auto"
    """Unit of times that are numbers."""
    account_field: Annotated[str | None, Parameter(name="--account")] = None
    """Field that holds the account, as a dotted path or header:NAME."""
    client_address_field: Annotated[str | None, Parameter(name="--client-ip")] = None
    """Field that holds the client's address, in the same notation."""
    trusted_proxy: Annotated[tuple[str, ...], Parameter(negative="")] = ()
    """Address or network of one's own proxies; may be given several times."""

    def ingest_options(self, logs: tuple[str, ...], **more: Any) -> IngestOptions:
        """Say it as the reader of logs takes it; see ``LogOptions``."""
        return LogOptions.ingest_options(
            self,
            logs,
            time_zone=self.time_zone,
            time_unit=self.time_unit,
            account_field=self.account_field,
            client_address_field=self.client_address_field,
            trusted_proxies=self.trusted_proxy,
            **more,
        )


READING: Final = LogOptions()
READING_FIELDS: Final = FieldOptions()
"""What holds if nothing is said."""
