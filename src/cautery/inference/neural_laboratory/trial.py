"""The neural trial: the packaged teacher, its proxy students, and how students adapt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

from cautery.inference.neural_laboratory.antidistillation import NAME as ANTIDISTILLATION_NAME
from cautery.inference.neural_laboratory.networks import Network, Schooling
from cautery.inference.neural_laboratory.proxies import DirectionalProxy, LikelihoodProxy, Proxy
from cautery.inference.neural_laboratory.sequences import sequences_of
from cautery.inference.neural_laboratory.students import NeuralStudents
from cautery.inference.neural_laboratory.teacher import (
    USUAL_PROXY,
    NeuralTeacher,
    packaged_network,
)
from cautery.inference.neural_laboratory.transformer import Shape
from cautery.records.progress import Progress
from cautery.resist.laboratory.adaptations import ADAPTATIONS, Adaptation, StudentMaker
from cautery.resist.laboratory.adding_teacher import TERSE, AddingTeacher, Manner
from cautery.resist.laboratory.addition import draw_questions
from cautery.resist.laboratory.findings import Findings, SeedResult
from cautery.resist.laboratory.harvest import harvest
from cautery.resist.laboratory.roles import Lesson, Student, Teacher
from cautery.resist.laboratory.trial import PROXY_LESSONS, TrialSize, run_trial
from cautery.resist.plans import Plan

NAME: Final = "neural"
"""Of this laboratory in findings."""
STUDENT_SCHOOLING: Final = Schooling(steps=700, batch=16, learning_rate=8e-3)
"""Of students and proxies, twelve seconds of one thread."""
PATIENT_SCHOOLING: Final = Schooling(steps=2_400, batch=32, learning_rate=3e-3, weight_decay=0.3)
"""Of a student that has answers alone and reads seven times as many texts: skill that is
not spelt out comes late, and under strong weight decay (Power and others, *Grokking*, arXiv
2201.02177)."""
TASK_QUESTIONS: Final = 64
"""Whose undefended answers the gradient for antidistillation sampling comes from."""
TEACHER_SHAPE: Final = Shape(layers=3)
TEACHER_SCHOOLING: Final = Schooling(steps=1_500, batch=64)
TEACHER_LESSONS: Final = 20_000
TEACHER_MANNER: Final = Manner(slip_in_full=1e-9, slip_in_short=1e-9)
"""The packaged teacher read sums without slips; its mistakes are its own."""
# What a seed is used for, apart from what the trial uses it for.
_PROXY, _PROXY_LUCK, _TASK, _TASK_LUCK, _TAUGHT, _TAUGHT_LUCK = range(100, 106)


def train_teacher(
    seed: int,
    *,
    shape: Shape = TEACHER_SHAPE,
    schooling: Schooling = TEACHER_SCHOOLING,
    lessons: int = TEACHER_LESSONS,
) -> Network:
    """Train a teacher from generated sums with written working.

    Args:
        seed: Of sums, manner, first weights and order.
        shape: How large.
        schooling: How.
        lessons: Sums that it reads.

    Returns:
        Its network.
    """
    read = _without_chances(
        _read(AddingTeacher(TEACHER_MANNER), lessons, [seed, _TAUGHT], [seed, _TAUGHT_LUCK])
    )
    network = Network(shape, seed)
    network.learn(sequences_of(read, uses_working=True, from_the_right=False), schooling, seed)
    return network


def _read(teacher: Teacher, count: int, seed: Sequence[int], luck: Sequence[int]) -> list[Lesson]:
    questions = draw_questions(count, seed)
    return [one for few in harvest(teacher, Plan(), questions, luck, 1) for one in few]


def _without_chances(lessons: Sequence[Lesson]) -> list[Lesson]:
    return [replace(one, choice=replace(one.choice, token_chances=())) for one in lessons]


class SeedProxies(Mapping[str, Proxy]):
    """The proxy students of a seed by the defence that asks them; trained when first asked.

    All are one network, which has read sums that people wrote in short.

    Args:
        network: The teacher's.
        students: Trains the proxy.
        seed: Of what it reads.
    """

    def __init__(self, network: Network, students: NeuralStudents, seed: int) -> None:
        self._network, self._students, self._seed = network, students, seed

    @cached_property
    def _proxy(self) -> Network:
        seed = self._seed
        read = _read(AddingTeacher(TERSE), PROXY_LESSONS, [seed, _PROXY], [seed, _PROXY_LUCK])
        return self._students.trained(sequences_of(read, uses_working=True, from_the_right=False))

    @cached_property
    def _likelihood(self) -> LikelihoodProxy:
        return LikelihoodProxy(self._proxy)

    @cached_property
    def _direction(self) -> DirectionalProxy:
        seed, teacher = self._seed, NeuralTeacher(self._network)
        read = _read(teacher, TASK_QUESTIONS, [seed, _TASK], [seed, _TASK_LUCK])
        task = sequences_of(_without_chances(read), uses_working=True, from_the_right=False)
        return DirectionalProxy(self._proxy, task)

    def __getitem__(self, defence: str) -> Proxy:
        if defence == USUAL_PROXY:
            return self._likelihood
        if defence == ANTIDISTILLATION_NAME:
            return self._direction
        raise KeyError(defence)

    def __iter__(self) -> Iterator[str]:
        return iter((USUAL_PROXY, ANTIDISTILLATION_NAME))

    def __len__(self) -> int:
        return 2


def adaptations_of(patient: StudentMaker) -> tuple[Adaptation, ...]:
    """Give what an adaptive student tries: what tables try, and patience.

    Left out is to turn digits round beside working, from which a network reads them in any order.

    Args:
        patient: Makes students that are trained for longer.
    """

    def _patiently(lessons: Sequence[Lesson], make: StudentMaker) -> Student:
        student = patient(uses_working=False, from_the_right=True)
        student.learn(lessons)
        return student

    return (
        *(way for way in ADAPTATIONS if way.name != "rewritten"),
        Adaptation(
            name="patient",
            description="learns answers alone, units first, for longer",
            train=_patiently,
        ),
    )


def run_neural_trial(
    plans: Mapping[str, Plan],
    size: TrialSize,
    *,
    network: Network | None = None,
    students: NeuralStudents | None = None,
    patient: NeuralStudents | None = None,
    known: Mapping[tuple[str, int], SeedResult] | None = None,
    keep: Callable[[str, int, SeedResult], None] | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Teach neural students under each plan, and under none.

    Args:
        plans: By name; besides the shelf's defences they may hold ``ANTIDISTILLATION``.
        size: How much.
        network: The teacher's; the packaged one by default.
        students: Make students and proxies; as large and as long as the docs' tables by default.
        patient: Make students that take longer.
        known: Results of plans and seeds that were tried before at the same size.
        keep: Told of every other result as soon as there is one.
        progress: Told of every plan and seed.

    Returns:
        The findings; the same call gives the same on the same machine with as many threads.

    Raises:
        UsageError: The size is out of range, or a plan is called *none*.
    """
    teacher = network or packaged_network()
    makers = students or NeuralStudents(schooling=STUDENT_SCHOOLING)
    return run_trial(
        plans,
        size,
        make_teacher=lambda seed: NeuralTeacher(teacher, SeedProxies(teacher, makers, seed)),
        make_student=makers,
        adaptations=adaptations_of(patient or NeuralStudents(schooling=PATIENT_SCHOOLING)),
        laboratory=NAME,
        known=known,
        keep=keep,
        progress=progress,
    )
