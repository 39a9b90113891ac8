"""TOML into structures: wrong fields are named by line, at any depth."""

from __future__ import annotations

import msgspec
import pytest

from cautery.errors import ConfigurationError
from cautery.policy.toml_text import decode_toml


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    """A table inside."""

    number: int = 0


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    """A file."""

    inner: dict[str, Inner] = {}
    rows: tuple[Inner, ...] = ()
    maybe: Inner | None = None


@pytest.mark.parametrize(
    ("text", "where", "what", "hint"),
    [
        (
            'schema = "s"\n[inner.a]\nnumber = 1\n[inner.b]\nnumber = "x"',
            "f:5",
            "inner.b.number",
            "",
        ),
        ('schema = "s"\n[inner.a]\nnumbre = 1', "f:3", "unknown key 'numbre'", "'number'"),
        ('schema = "s"\n[[rows]]\n[[rows]]\nnumber = []', "f:4", "rows.1.number", ""),
        ('schema = "s"\n[maybe]\nnumbre = 1', "f:3", "unknown key", "'number'"),
        ('schema = "s"\nrwos = []', "f:2", "unknown key 'rwos'", "'rows'"),
        ('schema = "t"', "f:1", "schema must be 's', not 't'", ""),
        ("rows = []", "f:1", "not None", ""),
        ('schema = "s"\nx = ', "f", "not TOML", ""),
        ("a = " + "[" * 100_000, "f", "not TOML", ""),
        ("a = " + "9" * 6_000, "f", "not TOML", ""),
    ],
)
def test_faults(text: str, where: str, what: str, hint: str) -> None:
    """Each fault has its line, a word of the field, and a guess where there is one."""
    with pytest.raises(ConfigurationError) as caught:
        decode_toml(text, Outer, "s", "f")
    assert caught.value.where.startswith(where)
    assert what in caught.value.what
    assert hint in caught.value.hint


def test_good_text() -> None:
    """A right text becomes the record."""
    found = decode_toml('schema = "s"\n[inner.a]\nnumber = 1', Outer, "s", "f")
    assert found.inner["a"].number == 1
