"""The exception tree: everything cautery raises on purpose.

::

    CauteryError
    ├── UsageError             the call itself is wrong (an unknown option value, two that clash)
    ├── InputError             a log, table or folder cannot be used as it is
    │   ├── NoInputError           no file matches
    │   ├── UnknownFormatError     the format of a log cannot be told
    │   ├── MissingColumnError     a column that the work needs is not in the log
    │   ├── TimeUnitError          times that read as impossible years
    │   ├── MalformedFileError     a file that is cut off, or not what its name says
    │   ├── LedgerError            a ledger, checkpoint or proof that does not verify
    │   └── TooManyRejectedError   more bad lines than the caller allows
    ├── ConfigurationError     a mapping, policy or settings file is wrong
    ├── MissingExtraError      an optional dependency is not installed
    ├── EngineError            a data engine past this machine cannot be reached, or fails
    ├── PeerError              a sharing server cannot be reached, refuses, or answers nonsense
    └── OutputError            a result cannot be written

Each error says what happened, where (file and line when there is one) and what to do next.
"""

from __future__ import annotations


class CauteryError(Exception):
    """Base of every error that cautery raises on purpose; never raised itself.

    Args:
        what: One sentence that says what is wrong.
        where: File, or ``file:line``, or a field name; empty when there is no place.
        hint: What to do next, as a sentence or a command; empty when nothing helps.

    Example:
        >>> str(InputError("the file is empty", where="a.jsonl", hint="Give a log with lines."))
        'a.jsonl: the file is empty. Give a log with lines.'
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(self._text())

    def _text(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.hint:
            text = f"{text.rstrip('.')}. {self.hint}"
        return text


class UsageError(CauteryError):
    """The call itself is wrong: an unknown value, or options that clash."""


class InputError(CauteryError):
    """A log, table or folder cannot be used as it is."""


class NoInputError(InputError):
    """No file matches what was asked for."""


class UnknownFormatError(InputError):
    """The format of a log cannot be told."""


class MissingColumnError(InputError):
    """A column that the work needs is not in the log."""


class TimeUnitError(InputError):
    """Times that read as impossible years."""


class MalformedFileError(InputError):
    """A file that is cut off, or that is not what its name says."""


class LedgerError(InputError):
    """A ledger, a checkpoint or a proof that does not verify: it was changed, or is not whole."""


class TooManyRejectedError(InputError):
    """More bad lines than the caller allows; the good ones were read."""


class ConfigurationError(CauteryError):
    """A mapping, policy or settings file is wrong."""


class MissingExtraError(CauteryError):
    """An optional dependency is not installed; the hint names the extra."""


class EngineError(CauteryError):
    """A data engine past this machine cannot be reached, or fails at its work."""


class PeerError(CauteryError):
    """A sharing server cannot be reached, refuses, or answers what makes no sense."""


class OutputError(CauteryError):
    """A result cannot be written."""
