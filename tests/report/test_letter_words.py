"""Every reason that the program comes with has words for a customer."""

from __future__ import annotations

import re

from cautery.registry import SIGNALS
from cautery.report.letter_words import GROUP_WORDS, MEMBER_WORDS, PROOF, RULE_WORDS, reason_words
from cautery.scan.innocence import DEFAULT, EXPLANATIONS
from cautery.scan.limits import LIMITS
from cautery.scan.local_calibration import SIGNAL
from cautery.scan.member_links import INFRASTRUCTURE_NAMES


def test_every_signal_has_words() -> None:
    """None is left out, and none is there that no signal has."""
    assert sorted(GROUP_WORDS) == sorted(SIGNALS.names())


def test_every_member_row_has_words() -> None:
    """The rows of ``scan.membership``: shared things, templates, client, customer."""
    assert sorted(MEMBER_WORDS) == sorted(
        [*INFRASTRUCTURE_NAMES, "template", "parameters", "customer"]
    )


def test_every_rule_has_words() -> None:
    """Prior, limits and corrections."""
    rules = {*LIMITS, SIGNAL, "member_calibration", "prior", "sharing_limit", "stability"}
    assert sorted(RULE_WORDS) == sorted(rules)


def test_every_innocent_explanation_has_a_proof() -> None:
    """A customer is told what to send, whichever story is the nearest."""
    stories = {story for _name, story, _test in EXPLANATIONS.values()} | {DEFAULT[1]}
    assert sorted(PROOF) == sorted(stories)


def test_words_are_sentences_without_figures() -> None:
    """They begin with a capital letter, end without a stop, and hold no figure and no name."""
    words = [one for pair in (*GROUP_WORDS.values(), *MEMBER_WORDS.values()) for one in pair]
    for text in (*words, *RULE_WORDS.values()):
        assert re.fullmatch(r"[A-Z][a-z]*[A-Za-z ,':-]*[a-z]", text), text
        assert len(text) <= 100


def test_both_directions_differ() -> None:
    """What speaks for a campaign is not what speaks against one."""
    for for_it, against_it in (*GROUP_WORDS.values(), *MEMBER_WORDS.values()):
        assert for_it != against_it
    assert reason_words("group_size", -1.0, of_group=True) == "The group has few accounts"
    assert reason_words("of_a_plug_in", 1.0, of_group=True) == ""
