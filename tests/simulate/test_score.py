"""The scoreboard: read from files, counted against a truth made by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cautery.errors import InputError, MalformedFileError, NoInputError
from cautery.simulate import score_tables
from cautery.simulate.score import score
from cautery.simulate.score_text import scoreboard_json, scoreboard_text

SCAN_HEADER = (
    "account_id,campaign_id,operator_id,linked_probability,distillation_probability,"
    "permitted_use,probability,band,exchanges,output_tokens,first_seen,last_seen,top_reason"
)


def write_truth(folder: Path, rows: list[str]) -> Path:
    truth = folder / "truth"
    truth.mkdir(parents=True)
    text = "\n".join(["account_id,attacker,campaign_id,operator_id,class,tier", *rows])
    (truth / "accounts.csv").write_text(text + "\n", encoding="utf-8")
    return truth


def write_scan(folder: Path, rows: list[tuple[str, str, float, str]]) -> Path:
    output = folder / "out"
    output.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{name},{group},{group},0,0,,{chance},{band},9,99,,," for name, group, chance, band in rows
    ]
    (output / "accounts.csv").write_text("\n".join([SCAN_HEADER, *lines]) + "\n", encoding="utf-8")
    return output


@pytest.fixture
def small_case(tmp_path: Path) -> tuple[Path, Path]:
    """Three attackers, four honest accounts; two found, one at watch, one false alarm."""
    truth = write_truth(
        tmp_path,
        [
            *(f"a{n},1,C1,O1,loud,loud" for n in range(3)),
            *(f"h{n},0,,,ordinary," for n in range(3)),
            "nat,0,,,enterprise_nat,",
        ],
    )
    output = write_scan(
        tmp_path,
        [
            ("a0", "G1", 0.995, "very likely"),
            ("a1", "G1", 0.95, "likely"),
            ("a2", "G1", 0.6, "watch"),
            ("nat", "G1", 0.92, "likely"),
            ("h0", "", 0.001, ""),
            ("h1", "", 0.001, ""),
        ],
    )
    return truth, output


def test_bands_count_the_surer_ones_too(small_case: tuple[Path, Path]) -> None:
    """Precision and recall per level, by hand."""
    board = score(*small_case)
    by_name = {band.band: band for band in board.bands}
    assert (by_name["very likely"].precision, by_name["very likely"].recall) == (1.0, 1 / 3)
    assert (by_name["likely"].precision, by_name["likely"].recall) == (2 / 3, 2 / 3)
    assert (by_name["watch"].precision, by_name["watch"].recall) == (3 / 4, 1.0)
    assert by_name["likely"].false_positive_rate == 1 / 4


def test_the_worst_class_is_named_with_its_bound(small_case: tuple[Path, Path]) -> None:
    """One of one accused: the share is 1, and so is what cannot be excluded."""
    board = score(*small_case)
    assert board.worst_class == "enterprise_nat"
    assert board.negative_classes[0].listed == 1
    assert board.negative_classes[1].upper == pytest.approx(1 - 0.05 ** (1 / 3))


def test_accounts_that_the_scan_does_not_know_count_as_not_listed(
    small_case: tuple[Path, Path],
) -> None:
    """The third honest account is in the truth only."""
    board = score(*small_case)
    assert (board.not_scanned, board.not_in_truth) == (1, 0)


def test_silent_accounts_are_left_out(tmp_path: Path) -> None:
    """Who made no exchange in the log cannot be found in it, and is counted apart."""
    truth = write_truth(tmp_path, ["a0,1,c,o,hydra,hydra", "a1,1,c,o,hydra,hydra"])
    path = truth / "accounts.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    counts = ("exchanges", "7", "0")
    path.write_text("\n".join(map(",".join, zip(lines, counts, strict=True))), encoding="utf-8")
    board = score(truth, write_scan(tmp_path, [("a0", "C-1", 0.95, "likely")]))
    assert (board.silent, board.not_scanned, board.attackers) == (1, 0, 1)
    assert board.bands[1].recall == 1.0


def test_the_folder_above_the_truth_does_too(small_case: tuple[Path, Path]) -> None:
    """DIR instead of DIR/truth is understood."""
    truth, output = small_case
    assert score(truth.parent, output) == score(truth, output)


def test_groups_are_scored_at_likely(small_case: tuple[Path, Path]) -> None:
    """The account at watch is not in the listed group; purity 2 of 3 is no hit."""
    board = score(*small_case)
    assert board.campaigns.hits == 0
    assert board.campaigns.outcomes[0].best_purity == pytest.approx(2 / 3)


def test_a_log_without_attack_has_no_recall(tmp_path: Path) -> None:
    """Absent is not zero: recall and precision are left open, the false rate is 0."""
    truth = write_truth(tmp_path, ["h0,0,,,ordinary,"])
    output = write_scan(tmp_path, [("h0", "", 0.0, "")])
    likely = score(truth, output).bands[1]
    assert (likely.recall, likely.precision, likely.false_positive_rate) == (None, None, 0.0)


def test_a_replay_beside_the_scan_gives_latency(small_case: tuple[Path, Path]) -> None:
    """Two of four exchanges came before the first alert, one of two harvest ones."""
    truth, output = small_case
    times = ["01T10:00", "01T11:00", "02T10:00", "03T10:00"]
    rows = [f"r{n},a{n % 2},2026-03-{time}:00Z,{n % 2}" for n, time in enumerate(times)]
    text = "\n".join(["request_id,account_id,time_start,harvest", *rows])
    (truth / "exchanges.csv").write_text(text + "\n", encoding="utf-8")
    (output / "replay.csv").write_text(
        "account_id,watch_from,likely_from,very_likely_from\n"
        "a0,2026-03-02T00:00:00+00:00,2026-03-02T00:00:00+00:00,\n",
        encoding="utf-8",
    )
    (latency,) = score(truth, output).latency
    assert (latency.served_share, latency.served_harvest_share) == (0.5, 0.5)
    assert latency.served_share_by_account == 0.75
    assert latency.days_to_alert == pytest.approx(14 / 24)


def test_a_campaign_never_alerted_was_served_whole(small_case: tuple[Path, Path]) -> None:
    """No alert, no prevention."""
    truth, output = small_case
    (truth / "exchanges.csv").write_text(
        "request_id,account_id,time_start,harvest\nr,a0,2026-03-01T00:00:00Z,1\n",
        encoding="utf-8",
    )
    header = "account_id,watch_from,likely_from,very_likely_from\n"
    (output / "replay.csv").write_text(header, encoding="utf-8")
    (latency,) = score(truth, output).latency
    assert (latency.served_share, latency.days_to_alert) == (1.0, None)


def test_missing_folders_say_what_to_give(tmp_path: Path) -> None:
    """Neither a truth nor a scan: each error names the command that makes it."""
    output = write_scan(tmp_path, [("a0", "", 0.0, "")])
    with pytest.raises(NoInputError, match="cautery simulate"):
        score(tmp_path / "nowhere", output)
    truth = write_truth(tmp_path, ["a0,1,C,O,loud,loud"])
    with pytest.raises(NoInputError, match="cautery scan LOG"):
        score(truth, tmp_path / "nothing")


def test_a_scan_of_another_log_is_refused(tmp_path: Path) -> None:
    """No common account means the wrong folders."""
    truth = write_truth(tmp_path, ["a0,1,C,O,loud,loud"])
    output = write_scan(tmp_path, [("z9", "", 0.0, "")])
    with pytest.raises(InputError, match="no account of the scan"):
        score(truth, output)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a0,maybe,C,O,loud,loud", "neither 0 nor 1"),
        ('a0,1,"C,O,loud,loud', "not CSV"),
    ],
)
def test_a_malformed_truth_names_file_and_line(tmp_path: Path, row: str, words: str) -> None:
    """The error points to the place."""
    truth = write_truth(tmp_path, [row])
    output = write_scan(tmp_path, [("a0", "", 0.0, "")])
    with pytest.raises(MalformedFileError, match=words) as caught:
        score(truth, output)
    assert "accounts.csv" in caught.value.where


@pytest.mark.parametrize(("chance", "band"), [(1.5, "likely"), (0.5, "certain")])
def test_a_malformed_scan_is_refused(tmp_path: Path, chance: float, band: str) -> None:
    """A chance above 1 or an unknown band is not passed over."""
    truth = write_truth(tmp_path, ["a0,1,C,O,loud,loud"])
    output = write_scan(tmp_path, [("a0", "G", chance, band)])
    with pytest.raises(MalformedFileError, match=r"not a chance|not one of"):
        score(truth, output)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    """The header is checked before any row."""
    truth = write_truth(tmp_path, ["a0,1,C,O,loud,loud"])
    output = tmp_path / "out"
    output.mkdir()
    (output / "accounts.csv").write_text("account_id,band\na0,\n", encoding="utf-8")
    with pytest.raises(MalformedFileError, match="campaign_id, operator_id, probability"):
        score(truth, output)


def test_both_forms_hold_the_figures(small_case: tuple[Path, Path]) -> None:
    """People and programs read the same numbers, and no line is too wide."""
    board = score(*small_case)
    text = scoreboard_text(board)
    assert "enterprise_nat" in text
    assert "worst" in text
    assert max(len(line) for line in text.splitlines()) <= 100
    document = json.loads(scoreboard_json(board))
    assert document["schema"] == "cautery.scoreboard/1"
    assert document["bands"][1]["recall"] == pytest.approx(2 / 3)


def test_hostile_names_come_out_inert(tmp_path: Path) -> None:
    """A class that carries terminal codes cannot recolour the screen."""
    truth = write_truth(tmp_path, ["a0,0,,,\x1b[31mred,"])
    output = write_scan(tmp_path, [("a0", "", 0.0, "")])
    assert "\x1b" not in scoreboard_text(score(truth, output))


def test_a_replay_that_is_none_is_refused(small_case: tuple[Path, Path]) -> None:
    """Bytes of another kind end with the command that writes it again."""
    truth, output = small_case
    (output / "replay.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(MalformedFileError, match=r"no CSV in UTF-8.*cautery benchmark replay"):
        score(truth, output)


def test_a_table_that_nobody_may_read(
    small_case: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's reason is given, with the file."""

    def refused(path: Path, **_options: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(score_tables, "open_plain_text", refused)
    with pytest.raises(NoInputError, match=r"accounts\.csv: cannot be read: Permission denied"):
        score(*small_case)
