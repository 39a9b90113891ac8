"""JSON Schemas of records, as they are published: with the docstrings that the records carry."""

from __future__ import annotations

import ast
import inspect
import json
import sys
from typing import Any, Final

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

Docstrings = dict[tuple[str, str], str]
"""Texts by class and field; of a class itself the field is empty."""


def docstrings_of(*modules: str) -> Docstrings:
    """Read the docstrings of classes and of their fields, which Python does not keep.

    Args:
        modules: Names of modules that are imported already.

    Returns:
        The texts, each as one paragraph without markup. A field without one is not in it.

    Example:
        >>> docstrings_of("cautery.errors")["UsageError", ""]
        'The call itself is wrong: an unknown value, or options that clash.'
    """
    found: Docstrings = {}
    for module in modules:
        for node in ast.parse(inspect.getsource(sys.modules[module])).body:
            if isinstance(node, ast.ClassDef):
                found[node.name, ""] = _plain(ast.get_docstring(node) or "")
                found |= _fields(node)
    return found


def _fields(node: ast.ClassDef) -> Docstrings:
    found: Docstrings = {}
    for statement, after in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            found[node.name, statement.target.id] = _plain(str(after.value.value))
    return found


def _plain(docstring: str) -> str:
    return " ".join(docstring.replace("``", "`").split())


def published_schema(
    name: str, identifier: str, record: dict[str, Any], definitions: dict[str, Any]
) -> dict[str, Any]:
    """Put a schema together.

    Args:
        name: Name and version of what it describes.
        identifier: Its own: a name and not an address, because nothing is fetched.
        record: Schema of the document as a whole.
        definitions: Schemas of its parts.

    Returns:
        A JSON Schema of draft 2020-12, as plain values.
    """
    return {
        "$schema": DIALECT,
        "$id": identifier,
        "title": name,
        **{key: value for key, value in record.items() if key != "title"},
        "$defs": definitions,
    }


def schema_lines(schema: dict[str, Any]) -> str:
    """Write a schema as it is published.

    Args:
        schema: Plain values.

    Returns:
        Indented JSON, with a line feed at the end.
    """
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
