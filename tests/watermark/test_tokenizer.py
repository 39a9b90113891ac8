"""Texts to token ids, with a small tokenizer of the library's."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest
import tokenizers
from tests.cli.watermark.detect_cases import VOCABULARY, write_tokenizer

from cautery.errors import ConfigurationError, MissingExtraError
from cautery.watermark.profile import TokenizerFile
from cautery.watermark.tokenizer import Tokenizer, tokenizer_content


@pytest.fixture
def file(tmp_path: Path) -> TokenizerFile:
    """A tokenizer of whole words, and its digest."""
    path = tmp_path / "tokenizer.json"
    return TokenizerFile(path=path, sha256=write_tokenizer(str(path)))


def test_a_text_goes_there_and_back(file: TokenizerFile) -> None:
    """Words become their numbers, and numbers words."""
    tokenizer = Tokenizer(file)
    assert tokenizer.vocabulary_size == VOCABULARY
    ids = tokenizer.encode("w5 w399  w0\nunheard")
    assert ids.tolist() == [5, 399, 0, 0]
    assert ids.dtype == np.int64
    assert tokenizer.decode(np.array([5, 7])) == "w5 w7"
    assert tokenizer.encode("").tolist() == []


def test_no_special_token_is_put_before_a_text(file: TokenizerFile) -> None:
    """A leaked text began somewhere: a token that opens prompts would be no part of it."""
    made = tokenizers.Tokenizer.from_file(str(file.path))
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="w1 $A", special_tokens=[("w1", 1)]
    )
    made.save(str(file.path))
    digest = hashlib.sha256(file.path.read_bytes()).hexdigest()
    tokenizer = Tokenizer(TokenizerFile(path=file.path, sha256=digest))
    assert made.encode("w5").ids == [1, 5]
    assert tokenizer.encode("w5").tolist() == [5]


def test_another_file_is_refused(file: TokenizerFile) -> None:
    """One byte more is another tokenizer; both digests are shown."""
    content = tokenizer_content(file.path)
    file.path.write_bytes(content + b"\n")
    with pytest.raises(ConfigurationError, match=file.sha256[:16]) as error:
        Tokenizer(file)
    assert error.value.where == str(file.path)


def test_a_file_that_is_not_there_or_is_none(tmp_path: Path) -> None:
    """Each is a clear error that names the file."""
    missing = TokenizerFile(path=tmp_path / "no.json", sha256="0" * 64)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Tokenizer(missing)
    path = tmp_path / "bad.json"
    path.write_text("{}")
    bad = TokenizerFile(path=path, sha256=hashlib.sha256(b"{}").hexdigest())
    with pytest.raises(ConfigurationError, match="not a tokenizer"):
        Tokenizer(bad)


def test_without_the_library(file: TokenizerFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra, and that token ids do without."""
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingExtraError, match=r"cautery\[watermark\]"):
        Tokenizer(file)
