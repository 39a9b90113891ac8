"""The baselines do what they say on logs small enough to follow by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.baseline_methods.peers import ask_peer
from benchmarks.baseline_methods.plain_log import PlainLog, read_plain_log
from benchmarks.baseline_methods.rate_limit import accounts_over, busiest_accounts
from benchmarks.baseline_methods.shared_infrastructure import unions
from benchmarks.baseline_methods.synchrony import likeness_of, synchronous_accounts
from benchmarks.baselines import Measured, table_lines

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
    assert unions(make_log(rows, a="card", b="card", c="card", f="own")) == set("abcde")


def test_a_small_union_is_a_family() -> None:
    """Four accounts on one card are below the floor."""
    rows = [(name, 0.0, f"1.1.{number}.1", "") for number, name in enumerate("abcd")]
    assert unions(make_log(rows, a="card", b="card", c="card", d="card")) == set()


def test_the_same_prompts_in_the_same_hours_are_synchronous() -> None:
    """Five accounts in lockstep are found; one that does the same a day later is not."""
    rows = [
        (name, hour * 3600.0 + number, "", f"{WORDS} {'abc'[hour]}")
        for hour in range(3)
        for number, name in enumerate("abcde")
    ]
    rows += [("late", 86_400.0 + hour * 3600, "", f"{WORDS} {'abc'[hour]}") for hour in range(3)]
    assert synchronous_accounts(likeness_of(make_log(rows))) == set("abcde")


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
    rows = [
        Measured(
            precision=precision,
            recall=1.0,
            false_positive_rate=0.0,
            worst_class=worst,
            worst_share=share,
        )
        for precision, worst, share in ((0.5, "nat 1/9", 1 / 9), (1.0, "", 0.0))
    ]
    failed = Measured(
        precision=None,
        recall=None,
        false_positive_rate=None,
        worst_class="",
        worst_share=0.0,
        problem="no such module",
    )
    lines = table_lines({("loud", "one"): rows, ("loud", "two"): [failed]})
    assert "| loud | one | 0.7500 | 1.0000 | 0.0000 | nat 1/9 |" in lines
    assert "not run: no such module" in lines[-1]
