"""Sessions that `make test` does not run: other Pythons, oldest dependencies, the bare package."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "uv"
nox.options.sessions = ["lowest_direct", "no_extras"]


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """Run the tests with the newest dependencies."""
    session.install("--editable", ".", "--group", "test")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session(python="3.11")
def lowest_direct(session: nox.Session) -> None:
    """Run the tests with the oldest dependencies that pyproject.toml allows."""
    session.install("--group", "test")
    session.install("--resolution", "lowest-direct", "--editable", ".")
    session.run("python", "-m", "pytest", "-m", "not slow", *session.posargs)


@nox.session(python="3.11")
def no_extras(session: nox.Session) -> None:
    """Run the front door from the bare package: no development group, no extra."""
    session.install(".")
    session.run("cautery", "--version")
    session.run("cautery", "list")
    session.run("cautery", "demo", "--output", session.create_tmp())
