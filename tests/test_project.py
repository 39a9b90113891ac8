"""The project's own files agree with each other."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[1]
PUBLIC_HOSTS = {"pypi.org", "files.pythonhosted.org"}


def test_lock_names_public_hosts_only() -> None:
    """Nobody's mirror gets into the lock: it must install from anywhere."""
    text = (ROOT / "uv.lock").read_text(encoding="utf-8")
    hosts = {urlsplit(url).hostname for url in re.findall(r'"(https?://[^"]+)"', text)}
    assert hosts == PUBLIC_HOSTS


def test_constraints_are_those_of_the_lock() -> None:
    """Both pip and uv install the same versions: ``make lock`` writes both."""
    pytest.importorskip("uv")
    command = ["export", "--frozen", "--quiet", "--group", "dev", "--no-hashes", "--offline"]
    shape = ["--no-emit-project", "--no-header", "--no-annotate"]
    result = subprocess.run(
        [sys.executable, "-m", "uv", *command, *shape],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8") == result.stdout


def test_ci_runs_the_test_command_of_the_readme() -> None:
    """The machine runs what people run; before it, it installs the servers that tests want."""
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    installing = re.compile(r"^if command -v apt-get .*?^fi\n", re.DOTALL | re.MULTILINE)
    assert {"redis-server", "nginx-light"} <= set(installing.findall(text)[0].split())
    lines = installing.sub("", text).splitlines()
    commands = [line for line in lines if line and not line.startswith("#")]
    assert commands == [
        "set -eu",
        'cd "$(dirname "$0")/.."',
        "make engines",
        "make gateways",
        "make test",
    ]
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_nothing_heavy_or_copyleft_is_required() -> None:
    """The base install has no engine, no web framework and no GPL library of graphs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[\[<>=!~ ]", line)[0] for line in project["dependencies"]}
    refused = {"torch", "transformers", "starlette", "fastapi", "pyspark", "igraph", "leidenalg"}
    assert not names & refused
    assert project["license"] == "Apache-2.0"


def test_no_path_of_a_private_machine() -> None:
    """No file under version control names a folder of the machine it was written on."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    private = re.compile(rb"/work/(main|shared)|/root/|/tmp/bash_jobs")
    guilty = [
        name
        for name in listed.stdout.splitlines()
        if name != "tests/test_project.py"
        and (ROOT / name).is_file()
        and private.search((ROOT / name).read_bytes())
    ]
    assert guilty == []
