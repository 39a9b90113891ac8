"""Rules out of Cedar: annotations, lines, what they look at."""

from __future__ import annotations

import pytest
from tests.policy.policy_files import rule

from cautery.errors import ConfigurationError
from cautery.policy.rules import read_rules, rule_spans

CLOSED = 'context.account.status == "closed"'


def refused(text: str) -> ConfigurationError:
    """Read rules that must be refused."""
    with pytest.raises(ConfigurationError) as caught:
        read_rules(text, "house", "house.cedar")
    return caught.value


def test_a_rule_says_what_is_to_be_done() -> None:
    """Annotations become a rule, with the line it begins on and what it looks at."""
    more = '\n@retry_after_seconds("60")'
    text = "// first\n\n" + rule(CLOSED) + rule("context.logprobs", "slow", "throttle", more)
    first, second = read_rules(text, "house", "house.cedar")
    assert (first.rule, first.action, first.where) == ("house.one", "block", "house.cedar:4")
    assert first.reads == ("context.account.status",)
    assert first.cedar.startswith('@id("house.one")')
    assert first.cedar.endswith("};")
    assert (second.retry_after_seconds, second.where) == (60, "house.cedar:11")


def test_semicolons_and_quotes_in_texts_and_comments_do_not_end_a_rule() -> None:
    """Only a semicolon of the language ends a rule."""
    text = '// a; "b\n@id("house.x;y") forbid (principal, action, resource); // c;\n'
    (span,) = rule_spans(text)
    assert text[slice(*span)] == '@id("house.x;y") forbid (principal, action, resource);'


def test_degradations_and_keys() -> None:
    """What an answer leaves out, and which key marks it."""
    degrade = rule(CLOSED, "cut", "degrade", '\n@degradations("hide_reasoning, drop_logprobs")')
    tag = rule(CLOSED, "mark", "tag", '\n@watermark_key("campaign")')
    first, second = read_rules(degrade + tag, "house", "house.cedar")
    assert first.degradations == ("hide_reasoning", "drop_logprobs")
    assert second.watermark_key == "campaign"


def test_a_tier_says_what_is_done_instead() -> None:
    """The guard knows what it asks for; the policy set does not."""
    text = rule(CLOSED, "cut", "degrade", '\n@defence_tier("likely")')
    (read,) = read_rules(text, "house", "house.cedar")
    assert (read.degradations, read.defence_tier) == ((), "likely")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (rule(CLOSED).replace("forbid", "permit"), "a rule is a forbid"),
        (rule(CLOSED).replace('@text("A rule of the tests.")', ""), "@text"),
        (rule(CLOSED).replace('@basis("the tests")', '@basis(" ")'), "@basis"),
        (rule(CLOSED).replace('@id("house.one")', ""), "@id"),
        (rule(CLOSED).replace("house.one", "other.one"), "house."),
        (rule(CLOSED).replace("house.one", "house.One"), "house."),
        (rule(CLOSED) + rule(CLOSED), "two rules"),
        (rule(CLOSED, action="allow"), "no action 'allow'"),
        (rule(CLOSED, action="throttle"), "retry_after_seconds"),
        (rule(CLOSED, more='\n@retry_after_seconds("5")'), "throttle"),
        (rule(CLOSED, "a", "throttle", '\n@retry_after_seconds("0")'), "1 to"),
        (rule(CLOSED, "a", "throttle", '\n@retry_after_seconds("9999999")'), "1 to"),
        (rule(CLOSED, "a", "throttle", '\n@retry_after_seconds("\u0663")'), "1 to"),
        (rule(CLOSED, "a", "degrade", '\n@degradations("all")'), "no degradation 'all'"),
        (rule(CLOSED, "a", "degrade"), "@degradations belongs to"),
        (rule(CLOSED, "a", "degrade", '\n@defence_tier(" ")'), "no name of a tier"),
        (rule(CLOSED, more='\n@defence_tier("likely")'), "@defence_tier belongs to"),
        (
            rule(CLOSED, "a", "degrade", '\n@defence_tier("a")\n@degradations("answer_only")'),
            "@degradations or a @defence_tier",
        ),
        (
            rule(CLOSED, "a", "degrade", '\n@degradations("summarise_reasoning,answer_only")'),
            "answer_only and summarise_reasoning clash",
        ),
        (rule(CLOSED, "a", "tag", '\n@watermark_key("a b")'), "no identifier"),
        (rule(CLOSED).replace("principal,", "principal == ?principal,"), "slots"),
        (rule(CLOSED).replace("when", "whn"), "not Cedar"),
        ("forbid (", "not Cedar"),
    ],
)
def test_what_is_no_rule_is_refused(text: str, words: str) -> None:
    """Each fault is named in words, with its file."""
    error = refused(text)
    assert words in error.what
    assert error.where.startswith("house.cedar")


def test_misspelt_annotation_is_guessed() -> None:
    """An annotation that nobody reads would be a rule without effect."""
    error = refused(rule(CLOSED).replace("@action", "@acton"))
    assert error.hint == "Did you mean 'action'?"


def test_line_of_what_is_not_cedar() -> None:
    """The line of the word that Cedar stumbled over is found."""
    error = refused("\n\n" + rule(CLOSED).replace("when", "whn"))
    assert error.where == "house.cedar:9"
