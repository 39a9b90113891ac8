"""The rules of the house that no linter knows: sizes, names, rooms, and nothing left undone."""

from __future__ import annotations

import ast
import configparser
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "cautery"
SOURCES = sorted(PACKAGE.rglob("*.py"))
CODE = sorted([*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")])

FILE_LINES = 300
FUNCTION_LINES = 50
"""Without the docstring: to explain a function well must not make it too long."""

FORBIDDEN_NAMES = ("utils", "util", "helpers", "helper", "manager", "misc", "common")
FORBIDDEN_IN_NAMES = ("cluster", "fake_account", "is_bot")
FORBIDDEN_WORDS = ("culprit", "fake account")
"""The vocabulary says campaign or group, and linked account."""
UNDONE = ("NotImplementedError", "TO" + "DO", "FIX" + "ME", "XX" + "X")

LATER_ROOMS = ("guard", "provenance", "intel")
"""Rooms that, once they are there, must be named in the contract 'records-only'."""


def name_of(path: Path) -> str:
    """Shorten a path for the test's name."""
    return path.relative_to(ROOT).as_posix()


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines without its docstring."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return total
    docstring = function.body[0]
    return total - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_file_is_short_enough(path: Path) -> None:
    """No file is longer than a person reads in one go."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_functions_are_short_enough(path: Path) -> None:
    """No function is longer than one screen."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    too_long = {
        node.name: length_of(node) for node in functions if length_of(node) > FUNCTION_LINES
    }
    assert too_long == {}


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_file_name_says_what_is_inside(path: Path) -> None:
    """No file is named after nothing in particular."""
    parts = re.split(r"[_.]", path.name)
    assert not set(parts) & set(FORBIDDEN_NAMES)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_is_left_undone(path: Path) -> None:
    """What is in the package works: no stub, no note to oneself."""
    text = path.read_text(encoding="utf-8")
    assert [word for word in UNDONE if re.search(rf"\b{word}\b", text)] == []


def names_in(tree: ast.Module) -> set[str]:
    """Collect the names that a module gives to things."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return {name.casefold() for name in names}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_vocabulary(path: Path) -> None:
    """The code uses the words of the glossary."""
    text = path.read_text(encoding="utf-8")
    names = names_in(ast.parse(text))
    assert [name for name in names if any(word in name for word in FORBIDDEN_IN_NAMES)] == []
    assert [word for word in FORBIDDEN_WORDS if word in text.casefold()] == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_annotations_are_lazy(path: Path) -> None:
    """Every module with code postpones its annotations, so that types cost nothing to import."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    has_code = any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.walk(tree))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert not has_code or any(node.module == "__future__" for node in imports)


def test_every_room_says_what_it_is() -> None:
    """Each package opens with a docstring."""
    rooms = [path for path in SOURCES if path.name == "__init__.py"]
    silent = [name_of(path) for path in rooms if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_rooms_are_packages() -> None:
    """Each folder with modules is a package, or the import linter would not see into it."""
    folders = {path.parent for path in SOURCES}
    assert [name_of(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_later_rooms_join_the_import_contracts() -> None:
    """A room that acts on cases is under the rule that it never reaches scan or ingest."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    bound = contracts["importlinter:contract:records-only"]["source_modules"].split()
    present = [room for room in LATER_ROOMS if (PACKAGE / room).is_dir()]
    assert [room for room in present if f"cautery.{room}" not in bound] == []
