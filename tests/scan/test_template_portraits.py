"""Templates of groups: told once, redacted, whatever the row order, and all groups in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.conftest import ReadLog
from tests.scan.grouping import groups_of, named
from tests.scan.small_logs import HOSTILE, Row, SmallLog, exchange, facts_of
from tests.scan.worlds import TEMPLATES, made_up_words, ordinary, planted

from cautery.ingest import storing
from cautery.records.campaign import Template
from cautery.records.exchange import KEPT_TEXT_HASH
from cautery.scan import facts as facts_module
from cautery.scan import template_portraits as portraits_module
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.redaction import redact
from cautery.scan.template_portraits import EXAMPLES, MOST_TEMPLATES, template_portraits


def templates_of(facts: Facts, begin: str = "planted") -> tuple[Template, ...]:
    """Describe the templates of a group of accounts."""
    return template_portraits(facts, groups_of(facts, named(facts, begin)), [0])[0]


def test_templates(read_log: ReadLog) -> None:
    """A template is told once, with its frame and without items, by how much it is used."""
    log = planted(9, exchanges=12, templates=(TEMPLATES[0], TEMPLATES[0], TEMPLATES[1]))
    found = templates_of(read_log(ordinary(30) + log))
    assert [(one.accounts, one.exchanges) for one in found] == [(9, 72), (9, 36)]
    assert [one.share for one in found] == [0.6667, 0.3333]
    assert [one.text for one in found] == [frame.replace("{}", "{...}") for frame in TEMPLATES]
    assert len({one.template_id for one in found}) == 2
    assert all("2026-10-01" <= one.first_seen[:10] <= "2026-10-07" for one in found)


def test_templates_without_text(read_log: ReadLog) -> None:
    """Dropped text leaves templates with their numbers and without words."""
    log = ordinary(30) + planted(9)
    kept, dropped = templates_of(read_log(log)), templates_of(read_log(log, drop_text=True))
    assert dropped == tuple(replace(one, text="") for one in kept) != ()


def test_no_templates(read_log: ReadLog) -> None:
    """A group without own templates, or of a log without prompts, has none to tell."""
    facts = read_log(ordinary(30))
    assert templates_of(facts, "ordinary-00") == ()
    assert templates_of(read_log(planted(9).without("input_text"))) == ()


def test_many_templates(read_log: ReadLog) -> None:
    """No more than so many templates are told, the most used of all."""
    frames = [
        f"{made_up_words(np.random.default_rng([9, place]), 10)} {{}} end of number {place}"
        for place in range(MOST_TEMPLATES + 4)
    ]

    def ask(number: int, turn: int) -> Row:
        item = made_up_words(np.random.default_rng([10, number, turn]), 6)
        return {"input_text": frames[turn % len(frames)].format(item)}

    log = planted(6, exchanges=4 * len(frames), columns=ask)
    found = templates_of(read_log(ordinary(40) + log))
    assert len(found) == MOST_TEMPLATES
    assert len({one.template_id for one in found}) == MOST_TEMPLATES


def test_share_is_of_all_exchanges(read_log: ReadLog) -> None:
    """A template's share is part of all exchanges of the group, also of those without a prompt."""
    log = planted(9, columns=lambda _n, turn: {} if turn % 2 else {"input_text": None})
    (found,) = templates_of(read_log(ordinary(30) + log))
    assert found.share == pytest.approx(0.5)


def test_frames_show_nobodys_words(read_log: ReadLog) -> None:
    """Items never stand in a template's text, not even hostile ones that come back."""

    def ask(number: int, turn: int) -> Row:
        item = made_up_words(np.random.default_rng([11, number, turn]), 5)
        secret = HOSTILE[(number + turn) % (len(HOSTILE) - 1)]
        return {"input_text": TEMPLATES[0].format(f"{item} {secret}")}

    (found,) = templates_of(read_log(ordinary(30) + planted(9, columns=ask)))
    assert found.text == TEMPLATES[0].replace("{}", "{...}")


def shouting(loud: int) -> SmallLog:
    """Make a group of which some accounts write in capitals, with the same items for all."""

    def ask(number: int, turn: int) -> Row:
        item = made_up_words(np.random.default_rng([12, turn]), 9)
        text = TEMPLATES[turn % 2].format(item)
        return {"input_text": text.upper() if number < loud else text}

    return ordinary(40) + planted(28, columns=ask)


def test_order_of_rows(read_log: ReadLog) -> None:
    """Prompts that differ only in their capitals give the same text in any order of rows."""
    for loud in (10, 12, 16):
        log = shouting(loud)
        generator = np.random.default_rng(13)
        orders = [generator.permutation(len(log.exchanges)).tolist() for _turn in range(2)]
        logs = [replace(log, exchanges=tuple(log.exchanges[n] for n in order)) for order in orders]
        plain, *others = (templates_of(read_log(one)) for one in (log, log.reversed(), *logs))
        assert others == [plain] * len(others)


def three_groups() -> SmallLog:
    """Make two groups that share a template, one that has none, and prompts that are missing."""
    both = planted(5, name="one", exchanges=12, templates=TEMPLATES)
    other = planted(4, name="two", block=3, exchanges=12, templates=TEMPLATES[1:])
    missing = tuple(exchange("one-000", second, input_text=None) for second in range(3))
    return ordinary(20) + both + other + SmallLog(exchanges=missing)


MEMBERS = ("one", "two", "ordinary-00")


@pytest.fixture(scope="module", name="facts")
def _facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    found = facts_of(tmp_path_factory.mktemp("templates") / "log", three_groups())
    yield found
    found.close()


@pytest.fixture(scope="module", name="groups")
def _groups(facts: Facts) -> Groups:
    return groups_of(facts, *(named(facts, begin) for begin in MEMBERS))


@pytest.fixture(scope="module", name="rows")
def _rows(facts: Facts, groups: Groups) -> list[Row]:
    """Exchanges of the groups' members, with their group."""
    names = ["account_id", "time_start", "input_hash", "input_shingles", "input_text"]
    table = pa.concat_tables([pq.read_table(part, columns=names) for part in facts.parts])
    group_of = dict(zip(facts.account_ids, groups.group_of.tolist(), strict=True))
    rows = [row | {"group": group_of[row["account_id"]]} for row in table.to_pylist()]
    return [row for row in rows if row["group"] >= 0]


def with_own(groups: Groups, own: Sequence[Sequence[int]]) -> Groups:
    """Give groups other shingles of their own, in any order."""
    pairs = [(group, token) for group, tokens in enumerate(own) for token in tokens]
    group, token = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return replace(groups, template_group=group, template_token=token)


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """Describes templates by looking at one exchange after another."""

    sampled: bool = False
    """Whether only prompts with small hashes are shown."""
    frame: Callable[[list[str]], str] = redact
    """What becomes of the prompts that are shown."""

    def groups(
        self, rows: Sequence[Row], own: Sequence[Sequence[int]]
    ) -> dict[int, tuple[Template, ...]]:
        """Describe the templates of all groups."""
        inside = [[row for row in rows if row["group"] == group] for group in range(len(own))]
        return {
            group: tuple(self._group(inside[group], tokens)[:MOST_TEMPLATES])
            for group, tokens in enumerate(own)
        }

    def _group(self, rows: Sequence[Row], own: Sequence[int]) -> list[Template]:
        carried = [sorted(set(row["input_shingles"] or ()) & set(own)) for row in rows]
        common = Counter(token for tokens in carried for token in tokens)
        chosen: dict[int, list[Row]] = {}
        for row, tokens in zip(rows, carried, strict=True):
            if tokens:
                best = min(tokens, key=lambda token: (-common[token], token))
                chosen.setdefault(best, []).append(row)
        found = sorted(chosen.items(), key=lambda item: (-len(item[1]), item[0]))
        return [self._template(token, uses, len(rows)) for token, uses in found]

    def _template(self, token: int, uses: list[Row], everything: int) -> Template:
        last = sorted(row["input_hash"] for row in uses)[:EXAMPLES][-1]
        shown = [
            (row["input_hash"], row["input_text"])
            for row in uses
            if row["input_hash"] <= last
            and (row["input_hash"] < KEPT_TEXT_HASH or not self.sampled)
        ]
        first: datetime = min(row["time_start"] for row in uses)
        return Template(
            template_id=f"T-{token % 2**32:08x}",
            text=self.frame(sorted(text for _hash, text in sorted(shown)[:EXAMPLES])),
            accounts=len({row["account_id"] for row in uses}),
            exchanges=len(uses),
            share=round(len(uses) / everything, 4),
            first_seen=first.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )


def seen(rows: Sequence[Row]) -> list[int]:
    """List the shingles of some exchanges, the most common ones first."""
    counts = Counter(token for row in rows for token in row["input_shingles"] or ())
    return sorted(counts, key=lambda token: (-counts[token], token))


@given(data=st.data(), batch_rows=st.sampled_from([16, 65_536]))
@settings(max_examples=30)
def test_groups_in_one_pass(
    facts: Facts, groups: Groups, rows: list[Row], data: st.DataObject, batch_rows: int
) -> None:
    """All groups together, some of them, one alone and each by hand: the templates are the same."""
    tokens = [*seen(rows)[:40], *seen(rows)[-20:], *(-token for token in seen(rows)[:20])]
    some = st.lists(st.sampled_from(tokens), unique=True, max_size=25)
    own = [data.draw(some) for _group in MEMBERS]
    chosen = data.draw(st.lists(st.sampled_from(range(len(MEMBERS))), unique=True))
    given_own = with_own(groups, own)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(facts_module, "BATCH_ROWS", batch_rows)
        patch.setattr(portraits_module, "redact", " | ".join)
        together = template_portraits(facts, given_own, range(len(MEMBERS)))
        assert together == ByHand(frame=" | ".join).groups(rows, own)
        assert template_portraits(facts, given_own, chosen) == {n: together[n] for n in chosen}
        for group in chosen:
            alone = template_portraits(facts, given_own, [group])
            assert alone == {group: together[group]}


def test_groups_do_not_mix(facts: Facts, groups: Groups, rows: list[Row]) -> None:
    """A template of two groups is told of each with its own accounts, of the third not at all."""
    found = template_portraits(facts, groups, range(3))
    assert found[2] == ()
    assert [one.accounts for one in found[0]] == [5, 5]
    assert [one.accounts for one in found[1]] == [4]
    own = [groups.template_token[groups.template_group == group].tolist() for group in range(3)]
    assert found == ByHand().groups(rows, own)


def test_no_group_is_chosen(facts: Facts, groups: Groups) -> None:
    """Where nothing is listed, nothing is told."""
    assert template_portraits(facts, groups, []) == {}


def test_prompts_shown_of_long_logs(
    facts: Facts, groups: Groups, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a long log only prompts with small hashes are shown, though others are stored too."""
    own = [seen([row for row in rows if row["group"] == group])[:12] for group in range(3)]
    whole = template_portraits(facts, with_own(groups, own), range(3))
    monkeypatch.setattr(portraits_module, "FULL_TEXT_ROWS", len(three_groups().exchanges))
    assert template_portraits(facts, with_own(groups, own), range(3)) == whole
    monkeypatch.setattr(portraits_module, "FULL_TEXT_ROWS", len(three_groups().exchanges) - 1)
    found = template_portraits(facts, with_own(groups, own), range(3))
    assert found == ByHand(sampled=True).groups(rows, own)
    assert any(one.text for templates in found.values() for one in templates)

    def untold(of: dict[int, tuple[Template, ...]]) -> list[list[Template]]:
        return [[replace(one, text="") for one in templates] for templates in of.values()]

    assert untold(found) == untold(whole)


@pytest.mark.parametrize("full_rows", [0, 100])
def test_order_of_long_logs(
    read_log: ReadLog, monkeypatch: pytest.MonkeyPatch, full_rows: int
) -> None:
    """Whichever prompts a long log keeps besides its sample, its templates read the same."""
    for module in (storing, portraits_module):
        monkeypatch.setattr(module, "FULL_TEXT_ROWS", full_rows)
    log = ordinary(30) + planted(24, exchanges=12)
    whole, *others = (
        templates_of(read_log(one, sample_text=sample))
        for one, sample in ((log, False), (log, True), (log.reversed(), True))
    )
    assert others == [whole] * 2
    assert {one.text for one in whole} == {frame.replace("{}", "{...}") for frame in TEMPLATES}
