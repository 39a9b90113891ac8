"""The command line: light to start, clear when the call is wrong."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import cautery
from cautery.cli.main import VERBS, main, run

HEAVY = ("pyarrow", "duckdb", "ibis", "numpy", "scipy", "pandas", "graspologic_native", "torch")
WEB = ("starlette", "fastapi", "flask", "aiohttp", "uvicorn")


def modules_after(code: str) -> set[str]:
    """Run code in a fresh interpreter and name the top-level modules that it has imported."""
    program = (
        "import contextlib, io, json, sys\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        f"    {code}\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return set(json.loads(result.stdout.splitlines()[-1]))


def test_version_imports_nothing_heavy() -> None:
    """``cautery --version`` answers without any data library, and even without the parser."""
    modules = modules_after("from cautery.cli.main import main; main(['--version'])")
    assert not modules & {*HEAVY, *WEB, "cyclopts", "rich"}


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_imports_nothing_heavy(verb: str) -> None:
    """The help of every verb comes without any data library."""
    words = [verb, "--help"] if verb else ["--help"]
    modules = modules_after(f"from cautery.cli.main import main; main({words!r})")
    assert not modules & {*HEAVY, *WEB}


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """``cautery --version`` prints the version and nothing else."""
    with pytest.raises(SystemExit) as leaving:
        main(["--version"])
    assert leaving.value.code == 0
    assert capsys.readouterr().out == f"{cautery.__version__}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each verb explains itself."""
    assert run([verb, "--help"]) == 0
    assert f"Usage: cautery {verb}" in capsys.readouterr().out


def test_unknown_verb_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt verb leaves with 2 and names the nearest one, on standard error."""
    assert run(["scna"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "error: there is no verb 'scna'. Did you mean 'scan'?\n"


def test_unknown_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt option leaves with 2 and points to the verb's help."""
    assert run(["list", "--foo"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: Unknown option: --foo")
    assert error.endswith("See: cautery list --help\n")


def test_bare_call_shows_the_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    """``cautery`` alone lists what it can do."""
    assert run([]) == 0
    out = capsys.readouterr().out
    assert [verb for verb in VERBS if verb not in out] == []
