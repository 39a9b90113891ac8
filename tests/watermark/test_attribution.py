from __future__ import annotations

import math

import pytest
from tests.watermark.fake_scheme import key, marked_text, plan, unmarked_text

from cautery.errors import ConfigurationError
from cautery.watermark.attribution import attribute


def test_whose_text_it_is_among_thousands() -> None:
    """The account whose key marked the text comes first, decades before the next."""
    keys = [key(number, account_id=f"account-{number}") for number in range(3_000)]
    found = attribute(plan(), marked_text(keys[1_234], 200, seed=1), keys)
    assert found.attributed == ("key-1234",)
    assert found.candidates[0].account_id == "account-1234"
    assert found.margin > 10
    assert (found.keys_tested, len(found.candidates)) == (3_000, 5)
    first = found.candidates[0]
    assert first.log10_corrected_p == pytest.approx(first.log10_p + math.log10(3_000))
    chances = [one.log10_p for one in found.candidates]
    assert chances == sorted(chances)


def test_nobody_is_accused_of_an_unmarked_text() -> None:
    """At a family-wise 5 %, about one in twenty unmarked texts names a key, and no more."""
    keys = [key(number) for number in range(50)]
    accused = 0
    for seed in range(200):
        text = unmarked_text(60, seed=seed, vocabulary=3_000)
        accused += bool(attribute(plan(rate=0.05), text, keys).attributed)
    assert 2 <= accused <= 22


def test_a_mixed_text_names_both() -> None:
    """Two accounts' outputs in one file are both attributed."""
    keys = [key(number) for number in range(40)]
    text = [*marked_text(keys[3], 300, seed=2), *marked_text(keys[30], 300, seed=3)]
    assert set(attribute(plan(), text, keys).attributed) == {"key-3", "key-30"}


def test_one_key_has_no_margin() -> None:
    """With nobody to compare with, the margin is infinite."""
    found = attribute(plan(), unmarked_text(30, seed=1), [key(1)])
    assert found.margin == math.inf
    assert len(found.candidates) == 1
    with pytest.raises(ConfigurationError, match="no key"):
        attribute(plan(), unmarked_text(30, seed=1), [])
