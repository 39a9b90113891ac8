"""Tables of stakes and of regions."""

from __future__ import annotations

from fractions import Fraction

import pytest

from cautery.errors import InputError
from cautery.policy.stakes import read_regions, read_stakes

HEAD = "owner_id,owned_id,share_percent\n"


def test_shares_are_exact_and_add_up() -> None:
    """Decimals and fractions are exact, and several rows of one owner are one stake."""
    found = read_stakes(f"{HEAD}a,x,33.4\na,x,0.1\nb,x,100/3\n", "f")
    assert found == {"x": {"a": Fraction(335, 1000), "b": Fraction(1, 3)}}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("owner_id,owned_id\n", 1, "share_percent"),
        (f"{HEAD}a,x,50\nb,x,50.1\n", 3, "more than 100"),
        (f"{HEAD}a,x,0\n", 2, "none"),
        (f"{HEAD}a,x,-5\n", 2, "no share"),
        (f"{HEAD}a,x,1e999999999\n", 2, "no share"),
        (f"{HEAD}a,x,5/0\n", 2, "no share"),
        (f"{HEAD}a,x,nan\n", 2, "no share"),
        (f"{HEAD}a,,5\n", 2, "owner_id and owned_id"),
        (f"{HEAD}a,x\n", 2, "no share"),
    ],
)
def test_wrong_stakes(text: str, line: int, words: str) -> None:
    """What is no share of a whole is refused by line."""
    with pytest.raises(InputError, match=words) as caught:
        read_stakes(text, "f")
    assert caught.value.where == f"f:{line}"


def test_regions() -> None:
    """Two capitals, a crowd, or nothing."""
    text = "owner_id,region\na,AA\nb,dispersed\nc,\n"
    assert read_regions(text, "f") == {"a": "AA", "b": "dispersed", "c": ""}


@pytest.mark.parametrize("rows", ["a,aa\n", "a,Germany\n", ",AA\n", "a,AA\na,BB\n"])
def test_wrong_regions(rows: str) -> None:
    """A region is written one way, and an owner has one."""
    with pytest.raises(InputError):
        read_regions(f"owner_id,region\n{rows}", "f")
