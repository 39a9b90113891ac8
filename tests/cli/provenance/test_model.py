"""``cautery provenance model`` by the command line: files, a real endpoint, case and ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pytest
from pyarrow import parquet
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
from tests.provenance.suspect_server import Reply, completion, suspect_server
from tests.report.probe_reports import power, probe_report

from cautery.cli.main import run
from cautery.cli.provenance.model_summary import summary
from cautery.provenance.probe_schema import probe_schema
from cautery.records.probe import Pool

ROOT = Path(__file__).resolve().parents[3]
URL = ["--suspect", "http://h/v1", "--model", "m", "--state", "s"]
FILES = ["--profile", "profile.json", "--keys", "keys.json", "--no-progress"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a profile, its tokenizer, and keys of an epoch, a campaign and two accounts."""
    monkeypatch.chdir(tmp_path)
    digest = write_tokenizer("tokenizer.json")
    write_profile("profile.json", tokenizer={"file": "tokenizer.json", "sha256": digest})
    owned = [key(number, account_id=f"account-{number}", epoch="e1") for number in (1, 2)]
    write_keys("keys.json", [key(3, epoch="e1"), key(9, campaign_id="C-9", epoch="e1"), *owned])
    return tmp_path


def model(*words: str) -> int:
    """Run the verb."""
    return run(["provenance", "model", *words])


def report_of(*words: str) -> dict[str, Any]:
    """Run the verb, and read the report that it writes."""
    assert model(*words, "-o", "report.json") == 0
    report: dict[str, Any] = json.loads(Path("report.json").read_text())
    jsonschema.Draft202012Validator(probe_schema()).validate(report)
    return report


def write_suspect(seed: int = 9, texts: int = 3) -> None:
    """Write texts that a key marked, as those of a suspect that learned from it."""
    rows = [{"id": n, "token_ids": marked(key(seed), 150, n)} for n in range(texts)]
    write_texts("suspect.jsonl", rows)


def test_a_campaign_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The summary says verdict, key, chance, effect, power and limits."""
    write_suspect()
    assert model("--suspect", "suspect.jsonl", *FILES) == 0
    shown = capsys.readouterr().out
    assert "suspect.jsonl: detected" in shown
    assert "learned from campaign C-9 (k9, epoch e1)" in shown
    assert "200 control keys: 0 as lucky" in shown
    assert "power for campaign keys" in shown
    assert "pairs: not said, k9 shows in this sample" in shown
    assert "Not detected is not clean" in shown


def test_power_is_said_with_its_condition() -> None:
    """A key that did not show would have, with 90 % chance, in a copy that repeats so much."""
    report = probe_report(power=(power(Pool.EPOCH, "k-9"),))
    (line,) = [line for line in summary(report) if "power for" in line]
    assert "2.00% marked text would show with 90 % chance or more, if it repeats 100%" in line


def test_a_report_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON, for its owner's eyes, and on standard output if asked for."""
    write_suspect()
    report = report_of("--suspect", "suspect.jsonl", *FILES, "--supervised")
    assert report["campaign_ids"] == ["C-9"]
    assert report["supervised"] is True
    assert Path("report.json").stat().st_mode & 0o777 == 0o600
    capsys.readouterr()
    assert model("--suspect", "suspect.jsonl", *FILES, "--output-format", "json") == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "cautery.probe/1"


def test_a_clean_suspect_is_not_accused(folder: Path) -> None:
    """Texts at random carry nobody's key."""
    write_texts("suspect.jsonl", [{"id": n, "token_ids": unmarked(300, n)} for n in range(3)])
    report = report_of("--suspect", "suspect.jsonl", *FILES)
    assert report["verdict"] == "not detected"
    assert report["campaign_ids"] == report["account_ids"] == report["epochs"] == []


def test_exposures_filter_and_measure(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON lines or an exchange table of our own answers; the teacher's mark is measured there."""
    write_suspect()
    served = [marked(key(9), 150, n) for n in range(3)]
    write_texts("exposure.jsonl", [{"id": 1, "token_ids": one} for one in served])
    table = {
        "account_id": ["account-1"] * 4,
        "input_text": [None] * 4,
        "output_text": [*[words_of(one) for one in served], None],
    }
    parquet.write_table(pa.table(table), "exposure.parquet")
    by_lines = report_of("--suspect", "suspect.jsonl", *FILES, "--exposure", "exposure.jsonl")
    first = by_lines["key_tests"][0]
    assert (first["key_id"], first["detected"]) == ("k9", True)
    assert first["inherited"] == pytest.approx(1.0, abs=0.01)
    assert first["exposed_contexts"] > 400
    others = [test for test in by_lines["key_tests"] if test["key_id"] != "k9"]
    assert [test["inherited"] for test in others] == [None] * 3
    by_table = report_of("--suspect", "suspect.jsonl", *FILES, "--exposure", "exposure.parquet")
    scored = {test["key_id"]: test["pairs_scored"] for test in by_table["key_tests"]}
    assert scored["k1"] > 400
    assert scored["k2"] == 0
    assert "account-2 (k2, epoch e1): the suspect wrote nothing" in capsys.readouterr().out


def test_a_case_says_whose_accounts_are_together(folder: Path) -> None:
    """Accounts of a case's campaign are pooled, and the report names the case."""
    case = json.loads((ROOT / "tests/golden/report/case-example.json").read_text())
    campaign = case["campaigns"][0]
    owners = [member["account_id"] for member in campaign["members"]][:2]
    write_keys("keys.json", [key(n, account_id=owner) for n, owner in enumerate(owners)])
    Path("case.json").write_text(json.dumps(case))
    write_suspect(0)
    report = report_of("--suspect", "suspect.jsonl", *FILES, "--case", "case.json")
    pool = next(test for test in report["key_tests"] if test["pool"] == "campaign accounts")
    assert (pool["campaign_id"], pool["keys"]) == (campaign["campaign_id"], 2)
    assert len(report["case_sha256"]) == 64


def test_a_ledger_records_the_report(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole report is one record, which verifies."""
    write_suspect()
    assert (
        run(["ledger", "init", "ledger", "--name", "example.org/log", "--new-key", "log.key"]) == 0
    )
    words = ["--suspect", "suspect.jsonl", *FILES]
    assert model(*words, "--ledger", "ledger", "--ledger-key", "log.key") == 0
    assert "of the ledger" in capsys.readouterr().err
    assert run(["ledger", "show", "ledger", "--output-format", "json"]) == 0
    assert '"cautery.probe/1"' in capsys.readouterr().out
    assert model(*words, "--ledger", "ledger") == 2


def test_a_folder_of_weights_is_led_along_our_answers(folder: Path) -> None:
    """An open suspect of random weights is not accused; without an exposure it cannot be led."""
    torch = pytest.importorskip("torch", reason="wants pip install torch==2.13.0")
    engine = pytest.importorskip("transformers", reason="wants pip install transformers")
    torch.manual_seed(5)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2}
    config = engine.LlamaConfig(vocab_size=VOCABULARY, num_hidden_layers=1, **shape)
    engine.LlamaForCausalLM(config).save_pretrained("weights")
    rows = [{"id": n, "token_ids": marked(key(9), 150, n)} for n in range(3)]
    write_texts("exposure.jsonl", rows)
    words = ["--suspect", "weights", *FILES]
    assert model(*words) == 2
    assert model(*words, "--exposure", "exposure.jsonl") == 3  # another tokenizer, or none
    Path("weights/tokenizer.json").write_bytes(Path("tokenizer.json").read_bytes())
    report = report_of(*words, "--exposure", "exposure.jsonl")
    assert (report["access"], report["supervised"]) == ("open", True)
    assert report["verdict"] != "detected"
    assert report["tokens"] == 3 * 149 * 3


class Learned:
    """An endpoint whose model learned from the campaign's text; it fails when it is told to."""

    def __init__(self) -> None:
        self.failing = False

    def __call__(self, number: int, body: dict[str, Any]) -> Reply:
        """Answer with marked words."""
        if self.failing:
            return 401, {}, b""
        return completion(words_of(marked(key(9), 120, number)))


def test_an_endpoint_is_asked_and_goes_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The estimate comes first; a failure keeps what was answered; the same command goes on."""
    Path("prompts.txt").write_text("".join(f"question {n}\n" for n in range(6)))
    Path("key").write_text("sk-hidden\n")
    learned = Learned()

    def behaviour(number: int, body: dict[str, Any]) -> Reply:
        learned.failing = number == 3
        return learned(number, body)

    with suspect_server(behaviour) as server:
        words = ["--suspect", server.url, *FILES, "--model", "suspect", "--state", "answers.jsonl"]
        words += ["--prompts", "prompts.txt", "--api-key-file", "key", "--max-tokens", "50"]
        words += ["--input-price", "1", "--output-price", "2"]
        assert model(*words, "--estimate-only") == 0
        told = capsys.readouterr()
        assert "6 prompts to ask; the budget allows 6 requests" in told.err
        assert "cost at most 0.00" in told.err
        assert (told.out, server.asked) == ("", [])
        assert model(*words) == 3
        told = capsys.readouterr()
        assert "401" in told.err
        assert "2 answers are kept; the same command goes on" in told.err
        report = report_of(*words)
        assert len(server.asked) == 7
        assert model(*words, "--estimate-only") == 0
        assert "0 prompts to ask" in capsys.readouterr().err
    assert report["campaign_ids"] == ["C-9"]
    assert (report["texts"], report["supervised"]) == (6, False)
    assert "sk-hidden" not in Path("answers.jsonl").read_text() + Path("report.json").read_text()
    offline = report_of("--suspect", "answers.jsonl", *FILES)
    assert offline["key_tests"][0]["log10_p"] == report["key_tests"][0]["log10_p"]


def test_prompts_of_the_exposure_make_it_supervised(folder: Path) -> None:
    """What was served is asked again, each prompt once."""
    rows = [
        {"id": n, "text": words_of(marked(key(9), 60, n)), "prompt": f"w{n % 2} w3"}
        for n in range(4)
    ]
    write_texts("exposure.jsonl", rows)
    with suspect_server(Learned()) as server:
        words = ["--suspect", server.url, *FILES, "--model", "suspect", "--state", "answers.jsonl"]
        report = report_of(*words, "--exposure", "exposure.jsonl")
    assert [body["messages"][0]["content"] for _, _, body in server.asked] == ["w0 w3", "w1 w3"]
    assert report["supervised"] is True


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--suspect", "none.jsonl"], 3, "cannot be read"),
        (["--suspect", "https://x.example/v1"], 2, "--model and --state"),
        (["--suspect", "ftp://x", "--model", "m"], 3, "cannot be read"),
        (["--suspect", "suspect.jsonl", "--memorisation", "0"], 3, "memorisation"),
        (["--suspect", "suspect.jsonl", "--exposure", "none"], 3, "cannot be read"),
        (["--suspect", "suspect.jsonl", "--exposure", "x.parquet"], 3, "not a Parquet file"),
        (["--suspect", "suspect.jsonl", "--case", "none"], 3, "none"),
        (URL, 2, "--prompts"),
        ([*URL, "--max-tokens", "0"], 3, "1"),
        (
            [*URL, "--most-cost", "1"],
            3,
            "pri",
        ),
    ],
    ids=lambda value: value[-1][:12] if isinstance(value, list) else None,
)
def test_bad_input(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    """Each has its exit code and a message, and never a traceback."""
    write_suspect(texts=1)
    Path("x.parquet").write_bytes(b"none")
    assert model(*words, *FILES) == code
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_hostile_names_stay_inert(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names of keys, campaigns and models move no cursor."""
    write_keys("keys.json", [key(9, campaign_id="C\x1b[2J\u202e")])
    write_suspect()
    Path("suspect.jsonl").rename("s\x1b[31m.jsonl")
    assert model("--suspect", "s\x1b[31m.jsonl", *FILES) == 0
    shown = capsys.readouterr().out
    assert "detected" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
