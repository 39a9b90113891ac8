"""JSON Lines of whoever: what is read, and what is said of what is not."""

from __future__ import annotations

from io import BytesIO

import msgspec
import pytest

from cautery.errors import InputError, MalformedFileError
from cautery.numbered_lines import decoded, lines_of


class Row(msgspec.Struct):
    count: int


DECODER = msgspec.json.Decoder(Row)


def test_empty_lines_count_and_are_passed_over() -> None:
    """A place is where an editor shows it, whatever stands between."""
    lines = list(lines_of(BytesIO(b"\n{}\n  \r\n[]"), "a.jsonl", most_bytes=9))
    assert lines == [(2, "a.jsonl:2", b"{}\n"), (4, "a.jsonl:4", b"[]")]


def test_a_long_line_is_never_held_whole() -> None:
    """No more of it is read than shows that it is too long."""
    stream = BytesIO(b"1\n" + b"x" * 1_000)
    with pytest.raises(InputError, match=r"^a\.jsonl:2: a line of more than 8 bytes"):
        list(lines_of(stream, "a.jsonl", most_bytes=8))
    assert stream.tell() == 2 + 9


def test_too_many_lines_are_refused() -> None:
    """Empty ones are counted: reading them takes time too."""
    with pytest.raises(InputError, match=r"^a\.jsonl:3: more than 2 lines"):
        list(lines_of(BytesIO(b"1\n\n3\n"), "a.jsonl", most_bytes=8, most_lines=2))


@pytest.mark.parametrize("content", [b"{", b'{"count": "one"}', b'"\xff"', b"[" * 5_000])
def test_what_is_no_row_is_an_error_with_its_place(content: bytes) -> None:
    """Cut off, of another kind, no text, or nested without end: said, never a crash."""
    with pytest.raises(MalformedFileError, match=r"^a\.jsonl:7: not a row: .*Write a row\.$"):
        decoded(
            content,
            DECODER,
            where="a.jsonl:7",
            wanted="a row",
            hint="Write a row.",
            error_type=MalformedFileError,
        )
