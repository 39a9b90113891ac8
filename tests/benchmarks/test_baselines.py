"""The baselines do what they say on logs small enough to follow by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from benchmarks.baseline_methods.discrepancy_rows import discrepancy_rows
from benchmarks.baseline_methods.mean_discrepancy import WINDOWS
from benchmarks.baseline_methods.measured import Measured, measured, measured_groups
from benchmarks.baseline_methods.peers import ask_peer
from benchmarks.baseline_methods.plain_log import PlainLog, read_plain_log
from benchmarks.baseline_methods.rate_limit import accounts_over, busiest_accounts
from benchmarks.baseline_methods.shared_infrastructure import unions
from benchmarks.baseline_methods.synchrony import likeness_of, synchronous_groups
from benchmarks.results_file import ResultsFile

from benchmarks import baselines
from cautery.simulate.score_tables import TrueAccount

WORDS = "one two three four five six seven eight"


def make_log(rows: Sequence[tuple[str, float, str, str]], **payments: str) -> PlainLog:
    accounts, times, addresses, texts = map(list, zip(*rows, strict=True))
    return PlainLog(
        accounts=accounts, times=times, addresses=addresses, texts=texts, payments=payments
    )


def test_the_busiest_accounts_are_named() -> None:
    """Two exchanges beat one; a tie goes to the first name."""
    log = make_log([("a", 0.0, "", ""), ("b", 1.0, "", ""), ("b", 2.0, "", ""), ("c", 3.0, "", "")])
    assert busiest_accounts(log, 2) == {"a", "b"}
    assert accounts_over(log, per_day=1) == {"b"}


def test_cards_and_networks_join_accounts() -> None:
    """Three over one card, two more over a network with one of them: a group of five."""
    rows = [
        ("a", 0, "8.8.8.1", ""),
        ("b", 0, "9.9.9.1", ""),
        ("c", 0, "7.7.7.1", ""),
        ("d", 0, "8.8.8.2", ""),
        ("e", 0, "8.8.8.3", ""),
        ("f", 0, "6.6.6.1", ""),
    ]
    groups = unions(make_log(rows, a="card", b="card", c="card", f="own"))
    assert groups == dict.fromkeys("abcde", "a")


def test_a_small_union_is_a_family() -> None:
    """Four accounts on one card are below the floor."""
    rows = [(name, 0.0, f"1.1.{number}.1", "") for number, name in enumerate("abcd")]
    assert unions(make_log(rows, a="card", b="card", c="card", d="card")) == {}


def test_the_same_prompts_in_the_same_hours_are_synchronous() -> None:
    """Five accounts in lockstep are found; one that does the same a day later is not."""
    rows = [
        (name, hour * 3600.0 + number, "", f"{WORDS} {'abc'[hour]}")
        for hour in range(3)
        for number, name in enumerate("abcde")
    ]
    rows += [("late", 86_400.0 + hour * 3600, "", f"{WORDS} {'abc'[hour]}") for hour in range(3)]
    groups = synchronous_groups(likeness_of(make_log(rows)))
    assert set(groups) == set("abcde")
    assert len(set(groups.values())) == 1


def test_one_hour_in_common_is_not_synchrony() -> None:
    """Accounts with one prompt of ten in common are not joined, but at a lower threshold."""
    rows = [(name, 0.0, "", WORDS) for name in "abcde"]
    rows += [
        (name, hour * 3600.0, "", f"{name}{name} of its own")
        for name in "abcde"
        for hour in range(1, 10)
    ]
    likeness = likeness_of(make_log(rows))
    assert synchronous_groups(likeness) == {}
    assert set(synchronous_groups(likeness, 0.01)) == set("abcde")


def test_a_peer_that_cannot_run_says_why(tmp_path: Path) -> None:
    """No interpreter, and one that lacks the program: a reason, and no scores."""
    import sys

    log = make_log([("a", 0, "", "text")])
    assert ask_peer("kollude", None, log, tmp_path).problem == "no --peers-python given"
    answer = ask_peer("kollude", Path(sys.executable), log, tmp_path)
    assert "kollude" in answer.problem
    assert answer.scores == {}


def test_a_log_is_read_in_the_order_of_time(tmp_path: Path) -> None:
    """Lines out of order come back in order, with what billing knows."""
    (tmp_path / "exchanges.jsonl").write_text(
        '{"account_id":"b","time_start":"2026-03-01T00:00:01Z","input_text":"two"}\n'
        '{"account_id":"a","time_start":"2026-03-01T00:00:00Z","client_address":"8.8.8.8"}\n'
    )
    (tmp_path / "accounts.csv").write_text("account_id,payment_fingerprint\na,card\nb,\n")
    log = read_plain_log(tmp_path)
    assert log.accounts == ["a", "b"]
    assert log.texts == ["", "two"]
    assert log.payments == {"a": "card"}


def test_the_table_holds_means_and_the_worst_class() -> None:
    """Means over seeds; the worst class of the worst seed; a program that did not run says so."""
    first = Measured(
        precision=0.5, recall=1.0, false_positive_rate=0.0, worst_class="nat 1/9", worst_share=1 / 9
    )
    second = Measured(precision=1.0, recall=1.0, false_positive_rate=0.0, b_cubed=0.85)
    rows = [{"tier": "loud", "method": "one", **asdict(row)} for row in (first, second)]
    rows.append({"tier": "loud", "method": "two", **asdict(Measured(problem="no such module"))})
    lines = baselines.table_lines(rows)
    assert "| loud | one | 0.7500 | 1.0000 | 0.0000 | nat 1/9 | 0.8500 | - |" in lines
    assert "not run: no such module" in lines[-1]


def true_account(name: str, campaign: str = "") -> TrueAccount:
    return TrueAccount(
        account_id=name,
        attacker=bool(campaign),
        campaign_id=campaign,
        operator_id=campaign,
        account_class="attack" if campaign else "nat",
    )


TRUE = {name: true_account(name, "C" if name in "ab" else "") for name in "abh"}


def test_a_method_that_names_groups_is_scored_by_them() -> None:
    """Two attackers in one group and nobody else: all is right; a method of names has no groups."""
    result = measured_groups(TRUE, {"a": "one", "b": "one"})
    assert (result.precision, result.recall, result.b_cubed) == (1.0, 1.0, 1.0)
    assert result.adjusted_rand_index == 1.0
    names = measured(TRUE, {"a", "h"})
    assert (names.precision, names.recall, names.b_cubed) == (0.5, 0.5, None)
    assert names.worst_class == "nat 1/1"


def test_a_measured_log_is_not_measured_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rows of a log that was measured are taken from the file, all methods of it."""
    results = ResultsFile(tmp_path / "results.jsonl", baselines.KEYS)
    for method in ("union of payment or /24", baselines.OURS):
        place = ("simulate", "loud", 31, 3_000, 1.0, method)
        results.add(dict(zip(baselines.KEYS, place, strict=True)) | asdict(Measured(recall=0.25)))
    asked = ["--tiers", "loud", "--seeds", "31", "--results", str(tmp_path / "results.jsonl")]
    baselines.main(asked)
    printed = capsys.readouterr().out
    assert printed.count("| 0.2500 |") == 2


def test_a_log_without_prompts_has_no_mean_discrepancy() -> None:
    """The method reads prompts: without any it is left out rather than scored as silent."""
    log = make_log([("a", 0, "", ""), ("h", 0, "", "")])
    assert discrepancy_rows(TRUE, log, {}) == {}


def test_the_mean_discrepancy_has_a_row_for_every_window_and_pool() -> None:
    """Too small for any window: every row is there and names nobody."""
    log = make_log([("a", n, "", f"word {n}") for n in range(4)] + [("h", 9, "", "other")] * 4)
    rows = discrepancy_rows(TRUE, log, {"pools": {"a": "p", "b": "p"}})
    assert len(rows) == 2 * len(WINDOWS)
    assert {row.recall for row in rows.values()} == {0.0}
