"""Classes of served models; one that no class names is held to every demand."""

from __future__ import annotations

from cautery.policy.configuration import ModelClass
from cautery.policy.model_classes import KEPT_NAMES, UNLISTED, ModelClasses, strictest

CLASSES = {
    "big": ModelClass(models=("big-*", "huge"), least_verification="document"),
    "mini": ModelClass(models=("big-mini*",), known_ownership=False, resale_attestation=True),
}


def test_exact_names_and_longest_beginnings() -> None:
    """An exact name goes first, then the longest beginning."""
    classes = ModelClasses(CLASSES)
    named = {name: classes.class_of(name) for name in ("big-1", "big-mini-2", "huge", "huger", "")}
    assert named == {
        "big-1": "big",
        "big-mini-2": "mini",
        "huge": "big",
        "huger": UNLISTED,
        "": UNLISTED,
    }


def test_the_strictest_of_all() -> None:
    """An unlisted model is held to the strictest demand of every class."""
    demand = strictest(CLASSES)
    assert demand.least_verification == "document"
    assert demand.known_ownership
    assert demand.resale_attestation
    assert strictest({}).least_verification == "none"


def test_names_are_kept_within_bounds() -> None:
    """Clients write names of models, so not all of them are remembered."""
    classes = ModelClasses(CLASSES)
    for number in range(KEPT_NAMES + 100):
        classes.class_of(f"invented-{number}")
    assert classes.class_of.cache_info().currsize == KEPT_NAMES
