"""The command line: one verb per file, each loaded only when it is called."""

from __future__ import annotations

import builtins
import os
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from cautery import __version__
from cautery.errors import CauteryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cyclopts import App

VERBS: Final[dict[str, str]] = {
    "demo": "Generate traffic with planted campaigns, scan it, and compare with the truth.",
    "scan": "Read access logs, link accounts into campaigns, and say why.",
    "explain": "Show why one account is where it is, or how one log line is read.",
    "report": "Hand a case over: a page, a PDF, a signed evidence pack.",
    "ingest": "Read access logs into an exchange table, without scanning.",
    "list": "List log formats, signals, links, report formats, watermark schemes and more.",
    "simulate": "Write labelled traffic with planted campaigns.",
    "calibrate": "Learn from campaigns that people confirmed or dismissed.",
    "benchmark": "Score results against the truth.",
    "policy": "Check, test, backtest and explain rules about requests.",
    "keys": "Issue, rotate, revoke and list API keys for the guard.",
    "provenance": "Say whose text it is, and whose model: by watermark, or by fingerprints.",
    "intel": "Share campaigns with peers, match without showing, and take indicators in.",
    "ledger": "Keep, verify and prove what was decided.",
    "guard": "Stand in front of a model server: recognise, decide, answer, record.",
    "resist": "Make outputs worse lessons, and measure on students whether they are.",
    "watermark": "Verify and embed watermarks of every engine, and keep their keys.",
}
"""Each verb and its line of help; its file and its docs chapter bear the same name."""


def make_app() -> App:
    """Build the command line without importing any verb.

    Returns:
        The application.
    """
    from cyclopts import App

    from cautery.cli.path_words import check_paths

    app = App(
        name="cautery",
        help="Find coordinated distillation campaigns in the access logs of a model API.",
        version=__version__,
        help_format="plaintext",
        suppress_keyboard_interrupt=False,
        exit_on_error=False,
        print_error=False,
        config=check_paths,
    )
    for verb, line in VERBS.items():
        # A trailing underscore where the verb is a name of the language's own, as in `list`.
        name = f"{verb}_" if verb in dir(builtins) else verb
        app.command(f"cautery.cli.{verb}:{name}", name=verb, help=line)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with an exit code of contracts.md, section 4.

    Args:
        arguments: The words after ``cautery``; those of the process if None.

    Raises:
        SystemExit: Always, with the exit code.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _print_version() if words == ["--version"] else run(words)
        sys.stdout.flush()  # here, and not at the interpreter's end, where no error can be caught
    except (BrokenPipeError, SystemExit) as error:
        if not isinstance(error.__context__ or error, BrokenPipeError):
            raise
        # The reader (head, less) has left; rich makes that SystemExit(1), our code for findings.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    raise SystemExit(code)


def _print_version() -> int:
    """Answer the commonest call of scripts without importing the parser."""
    print(__version__)
    return 0


def run(words: list[str]) -> int:
    """Run one verb and turn whatever happens into an exit code.

    Args:
        words: The words after ``cautery``.

    Returns:
        The exit code.
    """
    from cyclopts import CycloptsError

    from cautery.cli.exits import Exit, code_of, fault_of_words, print_error, report_crash

    try:
        _check_verb(words)
        code = make_app()(words, result_action="return_value")
    except CycloptsError as error:
        print_error(UsageError(str(error), hint=f"See: cautery {_verb_of(words)}--help"))
        return Exit.USAGE
    except CauteryError as error:
        print_error(error)
        return code_of(error)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # a fault of ours: no traceback for people, and no code for findings
        if (fault := fault_of_words(error, words)) is not None:
            print_error(fault)
            return Exit.USAGE
        if os.environ.get("CAUTERY_DEBUG"):
            raise
        return report_crash(error, words)
    return code if isinstance(code, int) else Exit.RAN


def _check_verb(words: list[str]) -> None:
    """Refuse an unknown verb before the parser imports every verb to guess which was meant."""
    if not words or words[0] in {"--help", "-h", "--version"} or words[0] in VERBS:
        return
    close = get_close_matches(words[0], VERBS, n=1)
    hint = f"Did you mean '{close[0]}'?" if close else f"There are: {', '.join(VERBS)}."
    raise UsageError(f"there is no verb '{words[0]}'", hint=hint)


def _verb_of(words: list[str]) -> str:
    return f"{words[0]} " if words and words[0] in VERBS else ""


if __name__ == "__main__":
    main()
