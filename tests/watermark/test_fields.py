from __future__ import annotations

from typing import Any

import pytest

from cautery.errors import ConfigurationError
from cautery.watermark.fields import Fields


def test_defaults_stand_where_nothing_is_given() -> None:
    """An empty profile has the defaults, and nothing is left over."""
    fields = Fields({})
    assert fields.whole("width", default=4, least=1, most=64) == 4
    assert fields.number("alpha", default=0.1, least=0, most=1) == 0.1
    assert fields.choice("scheme", default="a", options=("a", "b")) == "a"
    fields.done()


@pytest.mark.parametrize("value", [0, 65, 4.0, "4", True, None])
def test_whole_number_out_of_range_or_of_another_kind_is_refused(value: Any) -> None:
    """The error names the field and the range."""
    with pytest.raises(ConfigurationError, match=r"parameters\.width: .* from 1 to 64"):
        Fields({"width": value}).whole("width", default=4, least=1, most=64)


@pytest.mark.parametrize("value", [0, 1, 1.5, float("nan"), float("inf"), "0.5", False])
def test_number_between_two_ends_excludes_them(value: Any) -> None:
    """Ends, what is no number, and infinities are refused; the error names the field."""
    with pytest.raises(ConfigurationError, match=r"parameters\.gamma: .* between 0 and 1"):
        Fields({"gamma": value}).number("gamma", default=0.5, least=0, most=1, inside=True)


@pytest.mark.parametrize("value", ["c", 1, None, ["a"]])
def test_word_that_is_none_of_the_options_is_refused(value: Any) -> None:
    """The error names the field and the options."""
    with pytest.raises(ConfigurationError, match=r"parameters\.scheme: must be one of: a, b"):
        Fields({"scheme": value}).choice("scheme", default="a", options=("a", "b"))


def test_unknown_field_is_refused_by_name() -> None:
    """A misspelt parameter is not silently a default; a long name is cut."""
    fields = Fields({"widht": 3})
    fields.whole("width", default=4, least=1, most=64)
    with pytest.raises(ConfigurationError, match=r"parameters\.widht: .* It has: width\."):
        fields.done()
    with pytest.raises(ConfigurationError) as caught:
        Fields({"x" * 10_000: 1}).done()
    assert len(str(caught.value)) < 300
