"""Everything that a template prints is inert, whether the template remembers to or not."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError
from tests.report.hostile import HOSTILE

from cautery.report.page.environment import MOST_CHARACTERS, drawing, environment, page_text


@pytest.mark.parametrize("text", HOSTILE)
def test_printed_texts_are_inert(text: str) -> None:
    """No markup, no control and no hidden character gets through a template."""
    printed = environment().from_string('<p title="{{ text }}">{{ text }}</p>').render(text=text)
    inside = printed.removeprefix('<p title="').removesuffix("</p>")
    assert inside.count('"') == 1
    assert "<" not in inside
    assert printed.isprintable()


def test_texts_are_not_templates() -> None:
    """A text that looks like a template is printed as it is."""
    shown = environment().from_string("{{ text }}").render(text="{{ 7 * 7 }}")
    assert shown == "{{ 7 * 7 }}"


def test_an_unknown_name_is_an_error() -> None:
    """A slip in a template fails in the tests, and leaves no hole in a report."""
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nothing }}").render()


def test_long_texts_are_cut() -> None:
    """A text of megabytes is shown in part, and says so."""
    shown = page_text("x" * 10_000_000)
    assert len(shown) == MOST_CHARACTERS + 1
    assert shown.endswith("…")


def test_drawings_are_paths_only() -> None:
    """What goes through unescaped can hold commands and numbers, nothing else."""
    assert drawing("M1 2h0a3 3 0 1 0 6 0z") == "M1 2h0a3 3 0 1 0 6 0z"
    with pytest.raises(ValueError, match="commands and numbers only"):
        drawing('M0"/><script>')
