"""The command line: light to start, clear when the call is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import cautery
from cautery.cli import main as cli_main
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


def break_down(words: list[str], result_action: str) -> int:
    """Stand for a verb with a fault in it."""
    raise RuntimeError("a secret prompt")


def test_fault_of_ours_is_no_traceback_and_no_finding(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What nobody foresaw leaves with 3, one line, and the details in a file of the owner's."""
    monkeypatch.setattr(cli_main, "make_app", lambda: break_down)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.delenv("CAUTERY_DEBUG", raising=False)
    assert run(["scan", "a.jsonl"]) == 3
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "RuntimeError" in captured.err
    assert "secret" not in captured.err
    [details] = tmp_path.iterdir()
    assert "a secret prompt" in details.read_text()
    assert details.stat().st_mode & 0o077 == 0


def test_fault_of_ours_is_a_traceback_for_developers(monkeypatch: pytest.MonkeyPatch) -> None:
    """With CAUTERY_DEBUG the fault comes out as it is."""
    monkeypatch.setattr(cli_main, "make_app", lambda: break_down)
    monkeypatch.setenv("CAUTERY_DEBUG", "1")
    with pytest.raises(RuntimeError):
        run(["scan", "a.jsonl"])


def interrupt(words: list[str], result_action: str) -> int:
    """Stand for a verb during which somebody presses control-C."""
    raise KeyboardInterrupt


def test_interruption_leaves_with_130(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control-C is no fault: one word, and the code that shells expect."""
    monkeypatch.setattr(cli_main, "make_app", lambda: interrupt)
    assert run(["scan", "a.jsonl"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


@pytest.mark.parametrize("words", ["--help", "--version", "scan --help"])
def test_reader_that_leaves_early_is_no_fault(words: str) -> None:
    """``cautery ... | true`` ends quietly, and not with the code for findings."""
    command = f"{sys.executable} -m cautery.cli {words} | true"
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], check=False, capture_output=True, text=True
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_bare_call_shows_the_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    """``cautery`` alone lists what it can do."""
    assert run([]) == 0
    out = capsys.readouterr().out
    assert [verb for verb in VERBS if verb not in out] == []


@pytest.mark.parametrize("module", ["cautery", "cautery.cli"])
def test_as_a_module(module: str) -> None:
    """Where scripts are not on the path, ``python -m`` does the same."""
    called = subprocess.run(
        [sys.executable, "-m", module, "--version"], capture_output=True, text=True, check=False
    )
    assert (called.returncode, called.stderr) == (0, "")
    assert called.stdout.strip() == cautery.__version__
