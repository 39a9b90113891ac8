"""Exit codes and error lines."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery import errors
from cautery.cli.exits import Exit, code_of, fault_of_words, print_error, printable
from cautery.cli.main import run

CODES = {
    "UsageError": 2,
    "InputError": 3,
    "NoInputError": 3,
    "UnknownFormatError": 3,
    "MissingColumnError": 3,
    "TimeUnitError": 3,
    "MalformedFileError": 3,
    "TooManyRejectedError": 4,
    "ConfigurationError": 3,
    "LedgerError": 3,
    "MissingExtraError": 3,
    "EngineError": 3,
    "EndpointError": 3,
    "PeerError": 3,
    "OutputError": 3,
}


@pytest.mark.parametrize(("name", "code"), CODES.items())
def test_each_error_has_its_code(name: str, code: int) -> None:
    """The exit codes are those that contracts.md promises."""
    assert code_of(getattr(errors, name)("what")) == code


def test_every_error_of_the_tree_is_covered() -> None:
    """No error of the tree is missing from the table above."""
    tree = {
        name
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and issubclass(thing, errors.CauteryError)
    }
    assert tree - {"CauteryError"} == set(CODES)


def test_exit_codes_are_the_published_ones() -> None:
    """The numbers never change: scripts rely on them."""
    assert [code.value for code in Exit] == [0, 1, 2, 3, 4, 130]


def test_error_line_says_what_where_and_hint() -> None:
    """An error is one line: where, what, and what to do next."""
    stream = io.StringIO()
    error = errors.InputError("the file is empty", where="a.jsonl", hint="Give a log with lines.")
    print_error(error, stream)
    assert stream.getvalue() == "error: a.jsonl: the file is empty. Give a log with lines.\n"


@given(st.text())
def test_printable_is_one_inert_line(text: str) -> None:
    """Whatever an attacker wrote, no control or direction character reaches the terminal."""
    assert printable(text).isprintable()


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_printable_keeps_what_is_harmless(text: str) -> None:
    """Letters, digits, punctuation and symbols of any script stay as they are."""
    assert printable(text) == text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["ledger", "verify", "x" * 5_000], "the name of a file is too long: xxx"),
        (["keys", "list", "x" * 5_000], "the name of a file is too long: xxx"),
        (["ledger", "show", "a\0b"], "a word of the call has a NUL in it"),
        (["guard", "check", "a\udcff", "--output-format", "json"], "is not in UTF-8"),
    ],
    ids=["long", "long-store", "nul", "bytes"],
)
def test_words_that_no_system_call_takes(
    words: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are a fault of the call, and not one of ours."""
    assert run(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert text in error
    assert len(error) < 200


def test_the_same_errors_without_such_words_are_faults_of_ours() -> None:
    """An encoding that fails for another reason is not blamed on the caller."""
    error = UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed")
    assert fault_of_words(error, ["keys", "list"]) is None
    assert fault_of_words(error, ["keys", "\udcff"]) is not None
    assert fault_of_words(RuntimeError(), ["a\0"]) is None
    assert fault_of_words(FileNotFoundError(2, "x"), ["a\0"]) is None
