"""Runs a trial: every plan, every seed, a passive and an adaptive student, honest clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from cautery.errors import UsageError
from cautery.records.progress import Progress, SilentProgress
from cautery.resist.laboratory.adaptations import ADAPTATIONS, Adaptation, StudentMaker, adapt
from cautery.resist.laboratory.adding_teacher import TERSE, AddingTeacher
from cautery.resist.laboratory.addition import draw_questions
from cautery.resist.laboratory.asking import answers_of_student
from cautery.resist.laboratory.findings import Findings, SeedResult, judge
from cautery.resist.laboratory.harvest import harvest, honest_costs
from cautery.resist.laboratory.intervals import FEWEST_SEEDS
from cautery.resist.laboratory.roles import Lesson, Question, Student, Teacher
from cautery.resist.laboratory.table_student import TableStudent
from cautery.resist.plans import Plan

NO_PLAN: Final = "none"
TABLES: Final = "tables"
"""Name of the laboratory whose students are tables of counts."""
MOST_SEEDS: Final = 100
MOST_REQUESTS: Final = 50_000
PROXY_LESSONS: Final = 150
"""Sums in short that the proxy student has read."""
# What a seed is used for: each use draws apart from the others.
_HARVEST, _LUCK, _TEST, _HONEST, _HONEST_LUCK, _PROXY, _PROXY_LUCK = range(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialSize:
    """How much is tried."""

    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    requests: int = 300
    """Questions that a harvest asks."""
    choices: int = 2
    """Texts asked for with each."""
    test_questions: int = 300
    """Of students; honest clients ask as many others."""

    def check(self) -> None:
        """Refuse what cannot be tried.

        Raises:
            UsageError: A number is out of range.
        """
        if not FEWEST_SEEDS <= len(set(self.seeds)) <= MOST_SEEDS:
            raise UsageError(f"there must be {FEWEST_SEEDS} to {MOST_SEEDS} different seeds")
        if len(set(self.seeds)) != len(self.seeds) or min(self.seeds) < 0:
            raise UsageError("seeds must be different and not negative")
        if not 20 <= self.requests <= MOST_REQUESTS:
            raise UsageError(f"requests must be from 20 to {MOST_REQUESTS:,}")
        if not 1 <= self.choices <= 16:
            raise UsageError("choices must be from 1 to 16")
        if not 20 <= self.test_questions <= MOST_REQUESTS:
            raise UsageError(f"test questions must be from 20 to {MOST_REQUESTS:,}")


TeacherMaker = Callable[[int], Teacher]
"""Gives the teacher of a seed, with its proxy student."""


def adding_teacher(seed: int) -> AddingTeacher:
    """Give the built-in teacher; its proxy student has read sums that people wrote in short."""
    terse, proxy = AddingTeacher(TERSE), TableStudent()
    questions = draw_questions(PROXY_LESSONS, [seed, _PROXY])
    for few in harvest(terse, Plan(), questions, [seed, _PROXY_LUCK], 1):
        proxy.learn(few)
    return AddingTeacher(proxy=proxy)


def run_trial(
    plans: Mapping[str, Plan],
    size: TrialSize,
    *,
    make_teacher: TeacherMaker = adding_teacher,
    make_student: StudentMaker = TableStudent,
    adaptations: Sequence[Adaptation] = ADAPTATIONS,
    laboratory: str = TABLES,
    known: Mapping[tuple[str, int], SeedResult] | None = None,
    keep: Callable[[str, int, SeedResult], None] | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Teach students under each plan, and under none.

    Args:
        plans: By name.
        size: How much.
        make_teacher: The teacher of a seed.
        make_student: Makes students.
        adaptations: What adaptive students try; the first is what the passive one does.
        laboratory: Name of the laboratory, for the findings.
        known: Results of plans and seeds that were tried before at the same size.
        keep: Told of every other result as soon as there is one, so that a long trial may stop.
        progress: Told of every plan and seed.

    Returns:
        The findings; the same call gives the same.

    Raises:
        UsageError: The size is out of range, or a plan is called *none*.
    """
    size.check()
    if NO_PLAN in plans:
        raise UsageError(f"'{NO_PLAN}' is the name of the trial without a defence")
    progress = progress or SilentProgress()
    everything = {NO_PLAN: Plan(), **plans}
    progress.start("teaching", len(everything) * len(size.seeds), "students")
    results: dict[str, list[SeedResult]] = {name: [] for name in everything}
    attempt = partial(_one_seed, size=size, make=make_student, adaptations=adaptations)
    for name, result in _results(
        everything, size.seeds, make_teacher, attempt, known=known or {}, keep=keep
    ):
        results[name].append(result)
        progress.advance(1)
    progress.finish(f"{len(everything)} plans, {len(size.seeds)} seeds")
    base = results[NO_PLAN]
    return Findings(
        laboratory=laboratory,
        seeds=size.seeds,
        requests=size.requests,
        choices=size.choices,
        test_questions=size.test_questions,
        plans=tuple(judge(name, found, base, len(plans)) for name, found in results.items()),
    )


def _results(
    plans: Mapping[str, Plan],
    seeds: Sequence[int],
    make_teacher: TeacherMaker,
    attempt: Callable[[Teacher, Plan, int], SeedResult],
    *,
    known: Mapping[tuple[str, int], SeedResult],
    keep: Callable[[str, int, SeedResult], None] | None,
) -> Iterator[tuple[str, SeedResult]]:
    """Give the result of every plan, seed by seed: as it is known, or by trying now."""
    for seed in seeds:
        teacher = None  # made if anything of this seed is not known
        for name, plan in plans.items():
            result = known.get((name, seed))
            if result is None:
                teacher = teacher or make_teacher(seed)
                result = attempt(teacher, plan, seed)
                if keep is not None:
                    keep(name, seed, result)
            yield name, result


def _one_seed(
    teacher: Teacher,
    plan: Plan,
    seed: int,
    *,
    size: TrialSize,
    make: StudentMaker,
    adaptations: Sequence[Adaptation],
) -> SeedResult:
    asked = draw_questions(size.requests, [seed, _HARVEST])
    harvested = harvest(teacher, plan, asked, [seed, _LUCK], size.choices)
    lessons: list[Lesson] = [lesson for few in harvested for lesson in few]
    adapted = adapt(harvested, make, adaptations)
    test = draw_questions(size.test_questions, [seed, _TEST])
    honest = draw_questions(size.test_questions, [seed, _HONEST])
    return SeedResult(
        passive=_accuracy(adaptations[0].train(lessons, make), test),
        same_kind=_accuracy(adapted.same_kind, test),
        adaptive=_accuracy(adapted.student, test),
        chosen=adapted.chosen,
        costs=honest_costs(teacher, plan, honest, [seed, _HONEST_LUCK]),
    )


def _accuracy(student: Student, questions: Sequence[Question]) -> float:
    answers = answers_of_student(student, questions)
    right = sum(said == one.answer for said, one in zip(answers, questions, strict=True))
    return right / len(questions)
