"""Files of models' answers: read as they are, refused with file and line."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from cautery.errors import InputError
from cautery.provenance.lineage_files import read_answers
from cautery.provenance.next_token_agreement import FirstTokens


def stream(*lines: Any) -> io.BytesIO:
    """A file of JSON lines."""
    return io.BytesIO(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def test_answers_are_read() -> None:
    """Of an endpoint or by hand; what is empty or failed is counted, and left out."""
    model, notes = read_answers(
        stream(
            {"schema": "cautery.answers/1", "url": "https://h/v1"},
            {"id": 1, "text": "yes", "prompt": "so?", "tokenizer": "x", "more": 1},
            {"id": "2", "first_tokens": [" a", "", " b"]},
            {"id": "3", "text": " \n"},
            {"id": "4", "failure": "the endpoint answered 500", "text": "no"},
        ),
        "f.jsonl",
        "suspect",
    )
    assert model.answers == {
        "1": FirstTokens(text="yes", prompt="so?"),
        "2": FirstTokens(likeliest=(" a", " b")),
    }
    assert (model.name, model.tokenizer) == ("suspect", "x")
    assert notes == ("suspect: 2 answers are empty and do not count",)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "no answer"),
        ([{"id": 1}], "no answer"),
        ([{"id": 1, "text": "a"}, {"id": "1", "text": "b"}], "f.jsonl:2: two answers"),
        ([{"id": 1, "text": ["a"]}], "f.jsonl:1: not an answer"),
        ([["text"]], "f.jsonl:1: not an answer"),
        ([{"id": 1, "text": "a" * 2_000_000}], "f.jsonl:1: a line of more than"),
        ([{"id": n, "text": "a", "tokenizer": str(n)} for n in range(2)], "several tokenizers"),
    ],
    ids=["nothing", "empty", "twice", "list-text", "list", "long", "tokenizers"],
)
def test_bad_files_are_refused(lines: list[Any], said: str) -> None:
    """The message says where."""
    with pytest.raises(InputError) as caught:
        read_answers(stream(*lines), "f.jsonl", "m")
    assert said in str(caught.value)
