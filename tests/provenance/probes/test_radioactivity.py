"""Radioactivity of n-gram students: what is found of marked training data, and what is not."""

from __future__ import annotations

import json
from functools import lru_cache

import jsonschema
import msgspec
import numpy as np
import pytest
from benchmarks.ngram_models import Mark, Student, Whole, samples_of, teacher, training_data
from scipy.stats import kstest
from tests.provenance.student_cases import (
    GUMBEL,
    LABORATORY,
    SELF_HASH,
    TWO_LAYERS,
    attack,
    examined,
    exposures_of,
    layer_key,
    number_key,
    profile_of,
)

from cautery.errors import ConfigurationError
from cautery.provenance.probe_schema import probe_schema
from cautery.provenance.radioactive_evidence import evidence_of_keys
from cautery.provenance.radioactive_tests import control_chances, log10_chance_of, tallies_of
from cautery.provenance.suspect_material import Sample, forced_samples
from cautery.records.key import Key, Layer
from cautery.records.probe import Access, Pool, ProbeReport, ProbeVerdict
from cautery.watermark.verification import plan_of

ACCOUNTS = 120
ROWS_OF_ACCOUNT = 3
MARKED_SHARE = 0.05


@pytest.mark.parametrize(
    ("name", "seed"),
    [("hf-kgw", 51), ("hf-kgw", 53), ("vllm-gumbel", 51)],
    ids=["kgw-51", "kgw-53", "gumbel-51"],
)
def test_a_twentieth_of_marked_training_data_shows(name: str, seed: int) -> None:
    """A student fed 5 % marked text is detected with p below 1e-5, from its texts alone."""
    done = attack(name, MARKED_SHARE, seed)
    profile = profile_of(*LABORATORY[name][:2])
    report = examined(profile, [number_key(seed)], done.written, exposures_of(done.marked))
    (test,) = report.key_tests
    assert test.log10_p < -5.0
    assert (report.verdict, test.pool) == (ProbeVerdict.DETECTED, Pool.EPOCH)
    assert test.null_mean < test.mean_low < test.mean < test.mean_high
    assert 0.02 < (test.inherited or 0.0) < 0.1


def test_the_right_key_is_named_and_no_other() -> None:
    """Of an epoch's and ten campaigns' keys, the campaign whose harvest was learned is named."""
    done = attack("vllm-gumbel", MARKED_SHARE, 51)
    keys = [number_key(n, campaign_id=f"C-{n}", epoch="e1") for n in range(46, 56)]
    keys.append(number_key(99, epoch="e1"))
    found = examined(
        profile_of(*GUMBEL[:2]), keys, done.written, exposures_of(done.marked, campaign_id="C-51")
    )
    assert found.campaign_ids == ("C-51",)
    assert [test.key_id for test in found.key_tests if test.detected] == ["k51"]
    unheld = next(test for test in found.key_tests if test.key_id == "k46")
    assert (unheld.pairs_scored, unheld.log10_p, unheld.exposed_contexts) == (0, 0.0, 0)


def test_an_open_student_shows_along_our_own_text() -> None:
    """Its likeliest next tokens along the marked answers betray more than what it writes."""
    done = attack("hf-kgw", MARKED_SHARE, 53)
    profile = profile_of(*LABORATORY["hf-kgw"][:2])
    forced = forced_samples(done.student, list(done.marked), 3)
    exposures = exposures_of(done.marked)
    report = examined(profile, [number_key(53)], tuple(forced), exposures)
    closed = examined(profile, [number_key(53)], done.written, exposures)
    assert (report.access, closed.access) == (Access.OPEN, Access.CLOSED)
    assert report.key_tests[0].log10_p < closed.key_tests[0].log10_p < -5.0


@pytest.mark.parametrize("share", [0.0, MARKED_SHARE], ids=["clean", "marked"])
@pytest.mark.parametrize("name", ["vllm-gumbel", "vllm-sbw"])
def test_wrong_keys_are_uniform(name: str, share: float) -> None:
    """Chances of 300 keys that marked nothing are uniform, whatever the student learned."""
    done = attack(name, share, 51)
    plan = plan_of(profile_of(*LABORATORY[name][:2]))
    exposures = exposures_of(done.marked) if share else ()
    (one,) = evidence_of_keys(plan, samples_of(done.written), exposures, [number_key(51)])
    chances = control_chances(plan, one, 300)
    assert kstest(10.0**chances, "uniform").pvalue > 0.01


@lru_cache(maxsize=1)
def marked_answers() -> dict[int, Whole]:
    """Answers under each of 200 keys."""
    scheme, given, width = GUMBEL
    marks = {n: Mark(scheme, given, (number_key(7000 + n),), width) for n in range(200)}
    return {n: teacher().write(4, n, mark) for n, mark in marks.items()}


def clean_chances(forced: bool) -> list[float]:
    """Chances of the right keys of 200 marked exposures, in 5 students that saw none of them."""
    scheme, given, width = GUMBEL
    plan = plan_of(profile_of(scheme, given))
    found = []
    for seed in range(5):
        student = Student(teacher().write(400, 900 + seed), width)
        written = samples_of(student.write(100, seed))
        for number in range(seed * 40, seed * 40 + 40):
            key = number_key(7000 + number)
            marked = marked_answers()[number]
            samples = forced_samples(student, list(marked), 2) if forced else written
            (one,) = evidence_of_keys(plan, samples, exposures_of(marked), [key])
            found.append(plan.null.log10_upper_tail(float(one.values.sum()), len(one.values)))
    return found


@pytest.mark.parametrize("forced", [False, True], ids=["closed", "open"])
def test_clean_students_are_uniform(forced: bool) -> None:
    """Right keys, the filter of their exposure, students that never saw it: no key is lucky."""
    chances = np.array(clean_chances(forced))
    assert len(chances) == 200
    assert kstest(10.0**chances, "uniform").pvalue > 0.01


class Copier:
    """An untrained model that repeats what followed the same context earlier in the text."""

    def predict(self, tokens: Whole, most: int) -> Whole:
        """Copy from the text itself."""
        found = np.full((len(tokens), most), -1, dtype=np.int64)
        last: dict[tuple[int, ...], int] = {}
        for place in range(2, len(tokens)):
            context = tuple(tokens[place - 2 : place].tolist())
            found[place, 0] = last.get(context, 0)
            last[context] = int(tokens[place])
        return found


def test_copying_from_the_prompt_is_no_training() -> None:
    """A model that only repeats the marked text it is shown is not accused."""
    scheme, given, width = GUMBEL
    key = number_key(51)
    lines = teacher().write(400, 5, Mark(scheme, given, (key,), width)).reshape(8, -1)
    texts = [np.concatenate([line, line]) for line in lines]
    profile = profile_of(scheme, given)
    forced = forced_samples(Copier(), texts, 1)
    report = examined(profile, [key], tuple(forced), exposures_of(np.array(texts)))
    assert report.verdict is not ProbeVerdict.DETECTED
    naive = tuple(Sample(tokens=one.predictions[:, 0].clip(0)) for one in forced)  # type: ignore[index]
    assert examined(profile, [key], naive).key_tests[0].log10_p < -50.0
    echoed = tuple(Sample(tokens=text, start=len(text) // 2) for text in texts)
    assert examined(profile, [key], echoed).verdict is not ProbeVerdict.DETECTED


def accounts_report(order: int, marks: list[Mark], keys: list[Key]) -> ProbeReport:
    """Let many accounts harvest, train a student on it all, and test what it writes."""
    rows, _ = training_data(1.0, ACCOUNTS * ROWS_OF_ACCOUNT, marks, 5)
    written = Student(rows, order).write(400, 6)
    return examined(profile_of(marks[0].scheme, marks[0].given, 1e-3), keys, written)


def test_keys_of_accounts_alone_are_invisible() -> None:
    """A student fed with nothing but 120 accounts' marked text shows none of their keys.

    With contexts of one token, which all accounts use; longer ones belong to one account each, and
    an n-gram student repeats them word for word (docs/explanation/radioactivity.md).
    """
    given = (("context_width", 1), ("scheme", "lefthash"), ("gamma", 0.25))
    keys = [number_key(n, account_id=f"a{n}") for n in range(ACCOUNTS)]
    marks = [Mark("vllm-sbw", given, (key,), 1) for key in keys]
    report = accounts_report(1, marks, keys)
    assert report.verdict is not ProbeVerdict.DETECTED
    assert report.account_ids == ()


def test_two_layers_are_visible() -> None:
    """With two layers as large a harvest shows the shared key, before every account's."""
    scheme, given, width = TWO_LAYERS
    shared = layer_key(-2, Layer.SHARED, epoch="e1")
    accounts = range(ACCOUNTS // 6)  # fewer, as each of them takes its time to embed
    keys = [layer_key(n, Layer.ACCOUNT, account_id=f"a{n}", epoch="e1") for n in accounts]
    marks = [Mark(scheme, given, (shared, key), width) for key in keys]
    report = accounts_report(2, marks, [shared, *keys])
    first = report.key_tests[0]
    assert (first.pool, first.detected) == (Pool.EPOCH, True)
    assert first.log10_p < -100.0
    assert all(test.log10_p > first.log10_p / 10.0 for test in report.key_tests[1:])


def test_accounts_of_a_campaign_show_together() -> None:
    """Each account is a drop, but their pooled keys show, in the contexts of their own answers."""
    scheme, given, width = GUMBEL
    keys = [number_key(n, account_id=f"a{n}") for n in range(60)]
    marks = [Mark(scheme, given, (key,), width) for key in keys]
    rows, marked = training_data(1.0, 240, marks, 5)
    written = Student(rows, 2).write(40, 6)
    exposures = [
        one
        for key, texts in zip(keys, marked.reshape(60, 4, -1), strict=True)
        for one in exposures_of(texts, account_id=key.account_id)
    ]
    members = {f"a{n}": "C-1" if n < 40 else "C-2" for n in range(60)}
    report = examined(profile_of(scheme, given), keys, written, exposures, campaigns=members)
    pools = [test for test in report.key_tests if test.pool is Pool.CAMPAIGN_ACCOUNTS]
    assert [(test.key_id, test.keys) for test in pools] == [("C-1", 40), ("C-2", 20)]
    assert report.campaign_ids == ("C-1", "C-2")
    assert report.tests == 62
    wrong = {f"a{n}": "C-3" for n in range(100, 160)}
    others = [number_key(n, account_id=f"a{n}") for n in range(100, 160)]
    clean = examined(profile_of(scheme, given), others, written, campaigns=wrong)
    assert clean.verdict is not ProbeVerdict.DETECTED


def test_pools_that_marked_nothing_are_uniform() -> None:
    """Chances of 200 pools of ten wrong keys each are uniform, though all score the same pairs."""
    done = attack("vllm-gumbel", MARKED_SHARE, 51)
    plan = plan_of(profile_of(*GUMBEL[:2]))
    keys = [
        number_key(9000 + n, account_id=f"a{n}", campaign_id=f"C-{n % 200}") for n in range(2000)
    ]
    evidence = list(evidence_of_keys(plan, samples_of(done.written[:40]), (), keys))
    pools = tallies_of(evidence, {})[len(keys) :]
    assert [(tally.pool, tally.keys) for tally in pools] == [(Pool.CAMPAIGN_ACCOUNTS, 10)] * 200
    chances = np.array([log10_chance_of(plan, tally)[1] for tally in pools])
    assert kstest(10.0**chances, "uniform").pvalue > 0.01


def test_too_little_is_said() -> None:
    """A handful of tokens is no acquittal."""
    done = attack("hf-kgw", MARKED_SHARE, 53)
    profile = profile_of(*LABORATORY["hf-kgw"][:2])
    clean, exposures = attack("hf-kgw", 0.0, 53).written, exposures_of(done.marked)
    little = examined(profile, [number_key(53)], clean[:1, :9], exposures)
    assert little.verdict is ProbeVerdict.TOO_LITTLE
    more = examined(profile, [number_key(53)], clean, exposures)
    assert (more.verdict, more.notes) == (ProbeVerdict.NOT_DETECTED, ())
    assert MARKED_SHARE < (more.power[0].share_needed or 1.0) < 0.2  # a twentieth shows already


def test_an_exposure_without_the_mark_is_told() -> None:
    """If our own answers do not carry the key, the curve means nothing, and the report says so."""
    done = attack("hf-kgw", MARKED_SHARE, 53)
    profile = profile_of(*LABORATORY["hf-kgw"][:2])
    report = examined(profile, [number_key(1)], done.written, exposures_of(done.marked))
    assert report.verdict is ProbeVerdict.TOO_LITTLE
    assert report.notes == ("hf-kgw: the exposure shows no mark of k1: was it marked with it?",)


def test_a_report_keeps_to_its_schema() -> None:
    """What a probe writes is valid, has controls and curves, and names its limits."""
    done = attack("vllm-sbw", MARKED_SHARE, 51)
    keys = [number_key(51), number_key(3, account_id="a")]
    report = examined(
        profile_of(*SELF_HASH[:2]), keys, done.written, exposures_of(done.marked), control_keys=50
    )
    document = json.loads(msgspec.json.encode(report))
    jsonschema.Draft202012Validator(probe_schema()).validate(document)
    assert document["schema"] == "cautery.probe/1"
    assert [control["keys"] for control in document["controls"]] == [50]
    assert {curve["pool"] for curve in document["power"]} == {"epoch", "account"}
    assert document["limits"]
    assert document["assumptions"]


def test_nothing_to_test_for_is_an_error() -> None:
    """There is no default key, and no memorisation above all that was read."""
    profile = profile_of(*GUMBEL[:2])
    with pytest.raises(ConfigurationError, match="no key"):
        examined(profile, [], (Sample(tokens=np.arange(5)),))
    with pytest.raises(ConfigurationError, match="memorisation"):
        examined(profile, [number_key(1)], (Sample(tokens=np.arange(5)),), memorisation=1.5)


def test_no_text_at_all_is_no_finding() -> None:
    """An empty sample, or one shorter than a context, is too little, with a chance of 1."""
    for name in sorted(LABORATORY):
        profile = profile_of(*LABORATORY[name][:2])
        nothing = (Sample(tokens=np.empty(0, dtype=np.int64)),)
        report = examined(profile, [number_key(1)], nothing, control_keys=5)
        assert report.verdict is ProbeVerdict.TOO_LITTLE
        assert report.key_tests[0].log10_p == 0.0
