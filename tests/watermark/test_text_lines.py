"""Suspect texts, a JSON line each."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.watermark.detect_cases import VOCABULARY, words_of, write_tokenizer

from cautery.errors import InputError
from cautery.registry import SCHEMES
from cautery.watermark import text_lines
from cautery.watermark.profile import TokenizerFile
from cautery.watermark.text_lines import TextLines, vocabulary_size_of
from cautery.watermark.tokenizer import Tokenizer


def read(content: bytes, reader: TextLines | None = None) -> list[text_lines.SuspectText]:
    """Read lines with no tokenizer, or with a reader."""
    return list((reader or TextLines("f.jsonl", None)).read(io.BytesIO(content)))


@given(st.lists(st.integers(0, text_lines.MAX_TOKEN)))
def test_token_ids_come_as_they_are(ids: list[int]) -> None:
    """Any ids that engines can hold are read, in order."""
    (found,) = read(json.dumps({"id": "x", "token_ids": ids, "more": 1}).encode())
    assert found.tokens is not None
    assert found.tokens.tolist() == ids
    assert found.tokens.dtype == np.int64


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    """Whatever a line holds, it is a text or an error that names file and line."""
    refused = ""
    try:
        read(content)
    except InputError as error:
        refused = error.where
    assert refused == "" or refused.startswith("f.jsonl:")


def test_empty_lines_are_passed_over_but_counted() -> None:
    """The place of a text is its line in the file; the last needs no line end."""
    found = read(b'\n{"id": 1, "token_ids": []}\r\n  \n{"id": "1", "text": "x"}')
    assert [(one.text_id, one.where) for one in found] == [(1, "f.jsonl:2"), ("1", "f.jsonl:4")]
    assert found[1].tokens is None
    assert found[1].given == "x"


def test_a_line_without_end_is_not_read_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line beyond the bound is an error."""
    monkeypatch.setattr(text_lines, "MAX_LINE_BYTES", 20)
    with pytest.raises(InputError, match="more than 20 bytes"):
        read(b" " * 21)


def test_the_texts_before_a_bad_line_are_given_first() -> None:
    """Reading goes line by line: what is good before it was already yielded."""
    stream = io.BytesIO(b'{"id": 1, "token_ids": [5]}\n{"id": 2, "token_ids": [2147483648]}\n')
    lines = TextLines("f.jsonl", None).read(stream)
    assert next(lines).text_id == 1
    with pytest.raises(InputError, match=r"f\.jsonl:2: token_ids\[0\] is 2147483648"):
        next(lines)


@pytest.mark.parametrize(
    "line",
    [
        {"id": 1.5, "token_ids": [1]},
        {"id": None, "token_ids": [1]},
        {"id": 1, "token_ids": [1.5]},
        {"id": 1, "token_ids": [True]},
        {"id": 1, "token_ids": "1 2"},
        {"id": 1, "text": 5},
        {"id": 1, "text": None, "token_ids": None},
        [1, 2],
    ],
)
def test_other_types_are_refused(line: Any) -> None:
    """Nothing is converted in silence."""
    with pytest.raises(InputError):
        read(json.dumps(line).encode())


def test_the_vocabulary_bounds_token_ids(tmp_path: Path) -> None:
    """That of the scheme's parameters if they say it, else that of the tokenizer."""
    path = tmp_path / "tokenizer.json"
    tokenizer = Tokenizer(TokenizerFile(path=path, sha256=write_tokenizer(str(path))))
    line = json.dumps({"id": 1, "token_ids": [VOCABULARY]}).encode()
    with pytest.raises(InputError, match="vocabulary of 400"):
        read(line, TextLines("f", tokenizer))
    assert len(read(line, TextLines("f", tokenizer, VOCABULARY + 10))) == 1
    (text,) = read(
        json.dumps({"id": 1, "text": words_of([3, 1, 2])}).encode(), TextLines("f", tokenizer)
    )
    assert text.tokens is not None
    assert text.tokens.tolist() == [3, 1, 2]


def test_what_parameters_say_about_the_vocabulary() -> None:
    """KGW's say its size, Gumbel's do not."""
    kgw = SCHEMES.load("hf-kgw").parameters({"vocab_size": 77})
    assert vocabulary_size_of(kgw) == 77
    assert vocabulary_size_of(SCHEMES.load("vllm-gumbel").parameters({})) == 0
