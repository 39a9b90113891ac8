"""``cautery watermark detect`` through the command line, with a scheme of vLLM's."""

from __future__ import annotations

import io
import json
import math
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cli.watermark.detect_cases import (
    VOCABULARY,
    key,
    marked,
    unmarked,
    words_of,
    write_keys,
    write_profile,
    write_texts,
    write_tokenizer,
)

from cautery.cli.main import run

FIELDS = [
    "id",
    "verdict",
    "p_value",
    "log10_p",
    "statistic",
    "tokens",
    "tokens_scored",
    "key_id",
    "corrected_p_value",
    "keys_tested",
]
BASE = ["--profile", "profile.json", "--keys", "keys.json"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a profile and three keys."""
    monkeypatch.chdir(tmp_path)
    write_profile("profile.json")
    write_keys("keys.json", [key(number) for number in range(3)])
    return tmp_path


def detect(*words: str) -> int:
    """Run the verb."""
    return run(["watermark", "detect", *words])


def found(output: Any) -> list[dict[str, Any]]:
    """Parse what was written to standard output."""
    return [json.loads(line) for line in output.readouterr().out.splitlines()]


def test_a_line_has_the_fields_of_the_contract(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Fields come in the contract's order; ids are given back as they came."""
    write_texts(
        "texts.jsonl",
        [
            {"id": "a", "token_ids": marked(key(1), 200)},
            {"id": 7, "token_ids": unmarked(400)},
        ],
    )
    assert detect("texts.jsonl", *BASE) == 0
    first, second = found(capfd)
    assert list(first) == list(second) == FIELDS
    assert (first["id"], first["verdict"], first["key_id"]) == ("a", "detected", "k1")
    assert (second["id"], second["verdict"]) == (7, "not detected")
    assert (first["tokens"], first["keys_tested"]) == (200, 3)
    assert first["p_value"] == pytest.approx(10.0 ** first["log10_p"], rel=0.01)
    corrected = 1.0 - (1.0 - second["p_value"]) ** 3
    assert corrected <= second["corrected_p_value"] <= 3 * second["p_value"] + 1e-12


def test_the_other_verdicts_say_why(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Too short says how many tokens would do; a text without tokenizer is not tested."""
    write_texts("texts.jsonl", [{"id": 1, "token_ids": unmarked(20)}, {"id": 2, "text": "hello"}])
    assert detect("texts.jsonl", *BASE) == 0
    short, untested = found(capfd)
    assert list(short) == [*FIELDS, "reason", "tokens_needed"]
    assert short["verdict"] == "too short"
    assert short["tokens_needed"] > 20
    assert untested["verdict"] == "not tested"
    assert untested["p_value"] is None
    assert untested["log10_p"] is None
    assert "tokenizer" in untested["reason"]


def test_a_chance_below_every_double_is_printed_as_such(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A p-value below 1e-300 is written digit by digit, not as zero."""
    write_texts("texts.jsonl", [{"id": "long", "token_ids": marked(key(2), 350, choices=300)}])
    assert detect("texts.jsonl", *BASE) == 0
    line = capfd.readouterr().out
    log10_p = json.loads(line)["log10_p"]
    assert log10_p < -320.0
    assert f'"p_value":{10.0 ** (log10_p % 1.0):.2f}e{math.floor(log10_p)},' in line
    assert '"corrected_p_value":0' not in line


def test_there_is_no_default_key(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without keys, or with a key file that has none, nothing is tested: exit 3."""
    write_texts("texts.jsonl", [{"id": 1, "token_ids": [1, 2, 3]}])
    assert detect("texts.jsonl", "--profile", "profile.json") == 3
    assert "there is no key" in capsys.readouterr().err
    write_keys("none.json", [])
    assert detect("texts.jsonl", "--profile", "profile.json", "--keys", "none.json") == 3
    assert "no default" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": 1, "token_ids": [1, "x"]}', "token_ids"),
        ('{"id": 1}', "needs token_ids or text"),
        ('{"id": 1, "token_ids": [1], "text": "x"}', "not both"),
        ('{"id": 1, "token_ids": [-1]}', "token_ids[0] is -1"),
        ('{"id": 1, "token_ids": [1, 99999999999999999999999]}', "token_ids"),
        ('{"token_ids": [1]}', "id"),
        ("not json", "not a text under test"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_written(
    folder: Path, line: str, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """File and line are named; neither a new file nor half of one is left."""
    good = json.dumps({"id": 0, "token_ids": unmarked(30)})
    Path("texts.jsonl").write_text(f"{good}\n\n{line}\n")
    Path("out.jsonl").write_text("earlier\n")
    assert detect("texts.jsonl", *BASE, "-o", "out.jsonl") == 3
    shown = capfd.readouterr()
    assert shown.err.startswith("error: texts.jsonl:3: ")
    assert said in shown.err
    assert shown.out == ""
    assert Path("out.jsonl").read_text() == "earlier\n"
    assert sorted(path.name for path in folder.iterdir() if "out" in path.name) == ["out.jsonl"]


def test_a_file_without_texts_is_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty file, or one that is not there, is no clean result: exit 3."""
    Path("texts.jsonl").write_text("\n")
    assert detect("texts.jsonl", *BASE, "-o", "out.jsonl") == 3
    assert "no text" in capsys.readouterr().err
    assert not Path("out.jsonl").exists()
    assert detect("missing.jsonl", *BASE) == 3


def test_an_empty_text_is_too_short(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """No token is a chance of one, not an error."""
    write_texts("texts.jsonl", [{"id": 1, "token_ids": []}])
    assert detect("texts.jsonl", *BASE) == 0
    (line,) = found(capfd)
    assert (line["verdict"], line["p_value"], line["tokens_scored"]) == ("too short", 1.0, 0)


class _Asked(io.BytesIO):
    """Standard input that notes how much was written when each line was asked for."""

    def __init__(self, content: bytes, written: io.BytesIO) -> None:
        super().__init__(content)
        self.counts: list[int] = []
        self._written = written

    def readline(self, size: int | None = -1, /) -> bytes:
        self.counts.append(self._written.getvalue().count(b"\n"))
        return super().readline(size)


def test_standard_input_is_answered_line_by_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line is answered before the next is read."""
    rows = [json.dumps({"id": row, "token_ids": unmarked(30, row)}) for row in range(4)]
    written = io.BytesIO()
    asked = _Asked(("\n".join(rows) + "\n").encode(), written)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(asked))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written))
    assert detect("-", *BASE) == 0
    assert asked.counts == [0, 1, 2, 3, 4]


def test_texts_are_read_with_the_profiles_tokenizer(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A marked text is detected like its token ids; another tokenizer is an error."""
    tokens = marked(key(0), 200)
    write_texts(
        "texts.jsonl", [{"id": 1, "text": words_of(tokens)}, {"id": 2, "token_ids": tokens}]
    )
    digest = write_tokenizer("tokenizer.json")
    write_profile("profile.json", tokenizer={"file": "tokenizer.json", "sha256": digest})
    assert detect("texts.jsonl", *BASE) == 0
    first, second = found(capfd)
    assert first["verdict"] == "detected"
    assert {**first, "id": 2} == second
    write_profile("profile.json", tokenizer={"file": "tokenizer.json", "sha256": "0" * 64})
    assert detect("texts.jsonl", *BASE) == 3
    assert "tokenizer.json: the profile's tokenizer has sha256 0000" in capfd.readouterr().err


def test_a_token_beyond_the_vocabulary_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A token that the tokenizer does not have is no token of this engine's."""
    digest = write_tokenizer("tokenizer.json")
    write_profile("profile.json", tokenizer={"file": "tokenizer.json", "sha256": digest})
    write_texts("texts.jsonl", [{"id": 1, "token_ids": [1, 2, VOCABULARY]}])
    assert detect("texts.jsonl", *BASE, "-o", "out.jsonl") == 3
    assert "texts.jsonl:1: token_ids[2] is 400" in capsys.readouterr().err


def test_passages_of_earlier_texts_count_once(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """With --across-texts the same text scores nothing the second time."""
    text = unmarked(100)
    write_texts("texts.jsonl", [{"id": 1, "token_ids": text}, {"id": 2, "token_ids": text}])
    assert detect("texts.jsonl", *BASE, "--across-texts") == 0
    first, second = found(capfd)
    assert first["tokens_scored"] == 100
    assert second["tokens_scored"] == 0
    assert second["p_value"] == 1.0


def test_the_right_one_of_24000_keys(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Among as many keys as a large campaign has accounts the marking one is named."""
    draw = random.Random(4)
    rows = [
        {"key_id": f"a{place}", "value": draw.randbytes(8).hex(), "account_id": f"a{place}"}
        for place in range(24_000)
    ]
    rows[17_000] |= {"value": key(5).value.reveal().hex()}
    Path("keys.json").write_text(json.dumps({"schema": "cautery.keys/1", "keys": rows}))
    write_texts("texts.jsonl", [{"id": 1, "token_ids": marked(key(5), 200)}])
    assert detect("texts.jsonl", *BASE) == 0
    (line,) = found(capfd)
    assert (line["verdict"], line["key_id"]) == ("detected", "a17000")
    assert line["keys_tested"] == 24_000


def test_what_a_cold_start_imports(folder: Path) -> None:
    """No torch, no pandas, no arrow: they would cost more time than the test itself."""
    write_texts("texts.jsonl", [{"id": 1, "token_ids": unmarked(50)}])
    program = (
        "import sys\n"
        "from cautery.cli.main import run\n"
        f"assert run(['watermark', 'detect', 'texts.jsonl', *{BASE!r}, '-o', 'out.jsonl']) == 0\n"
        "heavy = {'torch', 'transformers', 'pandas', 'pyarrow', 'duckdb', 'ibis', 'numba'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"
    assert Path("out.jsonl").read_text()


def test_a_caveat_of_the_parameters_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What needs care about a profile is said on standard error, beside the verdicts."""
    (tmp_path / "profile.json").write_text(
        '{"schema": "cautery.profile/1", "scheme": "vllm-sbw", '
        '"parameters": {"scheme": "lefthash"}}'
    )
    (tmp_path / "keys.json").write_text(
        '{"schema": "cautery.keys/1", "keys": [{"key_id": "k", "value": "1f3b5c01d2e87747"}]}'
    )
    (tmp_path / "texts.jsonl").write_text('{"id": 1, "token_ids": [5, 6, 7]}\n')
    words = ["--profile", tmp_path / "profile.json", "--keys", tmp_path / "keys.json"]
    assert run(["watermark", "detect", *map(str, words), str(tmp_path / "texts.jsonl")]) == 0
    captured = capsys.readouterr()
    assert captured.err.startswith("note: ")
    assert captured.out.startswith('{"id":1,"verdict":"too short"')
