"""``cautery provenance lineage`` by the command line: files, a real endpoint, its budget."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from benchmarks.lineage_models import KEPT, TableModel, student, unrelated
from tests.provenance.suspect_server import Reply, completion, suspect_server

from cautery.cli.main import run
from cautery.provenance.next_token_agreement import AnsweredModel
from cautery.provenance.probe_schema import probe_schema

ASKED = 150
CONTROLS = [f"control-{n}.jsonl" for n in range(13)]
FILES = ["--teacher", "teacher.jsonl", *[word for one in CONTROLS for word in ("--control", one)]]


def write(name: str, model: AnsweredModel) -> None:
    """Write a model's answers."""
    rows = [
        {
            "id": one,
            "prompt": answer.prompt,
            "text": answer.text,
            "first_tokens": answer.likeliest,
            "tokenizer": model.tokenizer,
        }
        for one, answer in list(model.answers.items())[:ASKED]
    ]
    Path(name).write_text("".join(json.dumps(row) + "\n" for row in rows))


def models() -> list[TableModel]:
    """A teacher, another, and controls."""
    return unrelated(len(CONTROLS) + 2, 77)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with answers of a teacher, a student of it, and controls."""
    monkeypatch.chdir(tmp_path)
    teacher, other, *controls = models()
    write("teacher.jsonl", teacher.answered("t", listed=True))
    write("student.jsonl", student(teacher, other, 1.0, 5).answered("s", listed=True))
    for name, model in zip(CONTROLS, controls, strict=True):
        write(name, model.answered(name, listed=True))
    return tmp_path


def lineage(*words: str) -> int:
    """Run the verb."""
    return run(["provenance", "lineage", *words, "--no-progress"])


def test_files_are_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The summary holds chance, power and false accusations; the report fits its schema."""
    assert lineage("--suspect", "student.jsonl", *FILES, "-o", "report.json") == 0
    told = capsys.readouterr().out
    assert told.startswith("student.jsonl: detected")
    assert "akin to teacher.jsonl" in told
    assert "false accusations: 0 of 13 unrelated controls" in told
    assert "[0.0%, 24.7%]" in told
    assert "power, by the share of prompts" in told
    report = json.loads(Path("report.json").read_text())
    jsonschema.Draft202012Validator(probe_schema()).validate(report)
    assert (report["probe"], report["verdict"], report["texts"]) == ("lineage", "detected", ASKED)
    assert lineage("--suspect", "student.jsonl", *FILES, "--output-format", "json") == 0
    assert json.loads(capsys.readouterr().out) == report


class Served:
    """The student behind an endpoint."""

    def __init__(self) -> None:
        teacher, other, *_ = models()
        answers = student(teacher, other, 1.0, 5).answered("s", listed=True).answers.values()
        self._answers = {answer.prompt: answer for answer in answers}

    def __call__(self, number: int, body: dict[str, Any]) -> Reply:
        """Answer with the likeliest word, and with log-probabilities if they are wanted."""
        answer = self._answers[body["messages"][0]["content"]]
        choice: dict[str, Any] = {"message": {"content": answer.text}, "finish_reason": "length"}
        if "top_logprobs" in body:
            likely = [{"token": one, "logprob": -n} for n, one in enumerate(answer.likeliest)]
            choice["logprobs"] = {"content": [{"top_logprobs": likely}]}
        return completion("", choices=[choice])


@pytest.mark.parametrize("most", [0, KEPT], ids=["text", "logprobs"])
def test_an_endpoint_is_asked(folder: Path, most: int) -> None:
    """Greedily and briefly, within the budget; the same command with a larger one goes on."""
    rows = Path("teacher.jsonl").read_text().splitlines()
    prompts = [{"id": row["id"], "prompt": row["prompt"]} for row in map(json.loads, rows)]
    Path("prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in prompts))
    with suspect_server(Served()) as server:
        words = ["--suspect", server.url, "--model", "suspect", "--state", "answers.jsonl"]
        words += ["--prompts", "prompts.jsonl", "--top-logprobs", str(most), "-o", "report.json"]
        assert lineage(*words, *FILES[:6]) == 3  # two controls: nothing is asked
        assert server.asked == []
        words += FILES
        assert lineage(*words, "--most-requests", "40") == 3  # too few prompts for a word
        assert len(server.asked) == 40
        assert lineage(*words, "--most-requests", "100") == 0
        assert len(server.asked) == 100
        assert lineage(*words, "--most-requests", "110", "--collect-only") == 0
        assert len(server.asked) == 110
        bodies = [body for _, _, body in server.asked]
    assert {(body["temperature"], body["max_tokens"]) for body in bodies} == {(0.0, 16)}
    assert ("top_logprobs" in bodies[0]) == bool(most)
    report = json.loads(Path("report.json").read_text())
    assert (report["verdict"], report["texts"]) == ("detected", 100)
    assert report["access"] == ("open" if most else "closed")
    assert any("50 of 150 prompts were not asked" in note for note in report["notes"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--suspect", "none.jsonl", *FILES], 3, "cannot be read"),
        (["--suspect", "student.jsonl", *FILES[:6]], 3, "2 control models are too few"),
        (["--suspect", "student.jsonl", *FILES, "--level", "2"], 3, "level"),
        (["--suspect", "student.jsonl", *FILES, "--ledger", "l"], 2, "--ledger-key"),
        (["--suspect", "bad.jsonl", *FILES], 3, "bad.jsonl:1"),
        (["--suspect", "few.jsonl", *FILES], 3, "only 1 prompts"),
        (["--suspect", "student.jsonl", *FILES, "--control", CONTROLS[0]], 3, "have this name"),
        (["--suspect", "http://h/v1", *FILES, "--model", "m", "--state", "s"], 2, "--prompts"),
        (["--suspect", "student.jsonl"], 3, "no teacher"),
        (["--suspect", "student.jsonl", "--collect-only"], 2, "asks an endpoint"),
        (["--suspect", "student.jsonl", *FILES, "--top-logprobs", "9"], 3, "from 0 to 5"),
    ],
    ids=[
        "none",
        "controls",
        "level",
        "ledger",
        "bad",
        "few",
        "twice",
        "prompts",
        "teacher",
        "collect",
        "logprobs",
    ],
)
def test_bad_input(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    """Each has its exit code and a message, and never a traceback."""
    Path("bad.jsonl").write_text("{\n")
    Path("few.jsonl").write_text('{"id": "p0", "text": "x"}\n')
    assert lineage(*words) == code
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_hostile_names_stay_inert(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names of files move no cursor."""
    Path("student.jsonl").rename("s\x1b[31m.jsonl")
    assert lineage("--suspect", "s\x1b[31m.jsonl", *FILES) == 0
    assert "\x1b" not in capsys.readouterr().out
