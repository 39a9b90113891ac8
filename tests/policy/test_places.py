"""Lines of TOML keys, and guesses of names."""

from __future__ import annotations

import pytest

from cautery.policy.places import did_you_mean, line_of_key, line_of_text

TEXT = """# comment
schema = "x"
packs = ["a"]
[parameters.regions] # here
"value" = ["DE"]
[[cases]]
name = "first"
[[cases]]
name = "second"
request = { country = "DE" }
[a."b.c"]
d = 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (["packs"], 3),
        (["parameters", "regions"], 4),
        (["parameters", "regions", "value"], 5),
        (["parameters", "regions", "nothing"], 4),
        (["cases", 0, "name"], 7),
        (["cases", 1, "name"], 9),
        (["cases", 1, "request", "country"], 10),
        (["a", "b.c", "d"], 12),
        (["nowhere"], 1),
        ([], 1),
    ],
)
def test_line_of_key(path: list[str | int], line: int) -> None:
    """The line of a key, or of the deepest part of its path that is there."""
    assert line_of_key(TEXT, path) == line


def test_line_of_text() -> None:
    """The first line with some words; the first of all if they are not there."""
    assert line_of_text(TEXT, "second") == 9
    assert line_of_text(TEXT, "third") == 1


def test_did_you_mean() -> None:
    """A close name is guessed; a short list is shown; a long one is not."""
    assert did_you_mean("modse", ["modes", "packs"]) == "Did you mean 'modes'?"
    assert did_you_mean("zzz", ["modes", "packs"]) == "There are: modes, packs."
    assert did_you_mean("zzz", [f"name{number}" for number in range(30)]) == ""
    assert did_you_mean("zzz", []) == ""
