"""Who uses a group's prompts, inside and outside it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import Use, bare_groups, hashes

from cautery.scan.groups import Basis
from cautery.scan.template_users import USUAL_SHARE, TemplateUsers, own_pairs, template_users

COUNT = 60
GROUP = range(10)


def users(
    uses: list[Use],
    members: list[range],
    own: list[list[int]],
    customers: dict[int, int] | None = None,
    basis: Basis = "both",
) -> TemplateUsers:
    """Count the users of templates 100 and so on; everybody is a customer unless said."""
    groups = bare_groups(COUNT, members, {"template": hashes(uses)}, own=own, basis=basis)
    of = np.arange(COUNT)
    for account, customer in (customers or {}).items():
        of[account] = customer
    return template_users(groups, of)


def show(accounts: range, *tokens: int) -> list[Use]:
    """Let accounts show templates."""
    return [(account, token, 3) for account in accounts for token in tokens]


def test_strangers_with_the_same_prompts() -> None:
    """Accounts in no group that show the group's templates are counted, members apart."""
    found = users(show(GROUP, 100) + show(range(20, 45), 100), [GROUP], [[100]])
    assert (found.members.tolist(), found.strangers.tolist()) == ([10], [25])


def test_half_of_the_usual_templates() -> None:
    """Who shows one of three templates of a group uses another program."""
    uses = show(GROUP, 100, 101, 102) + show(range(20, 30), 100) + show(range(30, 34), 100, 102)
    assert users(uses, [GROUP], [[100, 101, 102]]).strangers.tolist() == [4]


def test_what_few_members_show_is_not_usual() -> None:
    """A template of a minority of the group neither asks for strangers nor finds them."""
    uses = show(GROUP, 100) + show(range(4), 101) + show(range(20, 50), 101)
    found = users(uses, [GROUP], [[100, 101]])
    assert (found.members.tolist(), found.strangers.tolist()) == ([10], [0])
    assert users(show(range(4), 101), [GROUP], [[101]]).members.tolist() == [0]


def test_other_groups_are_no_strangers() -> None:
    """A second campaign of one operator with the same templates does not clear the first."""
    uses = show(GROUP, 100) + show(range(20, 40), 100)
    found = users(uses, [GROUP, range(20, 40)], [[100], [100]])
    assert (found.members.tolist(), found.strangers.tolist()) == ([10, 20], [0, 0])


def test_offices_are_strangers() -> None:
    """A group that infrastructure alone joins is an office or a course, and its users count."""
    uses = show(GROUP, 100) + show(range(20, 40), 100)
    found = users(uses, [GROUP, range(20, 40)], [[100], []], basis="infrastructure")
    assert found.strangers.tolist() == [20, 0]


def test_a_declared_organisation_counts_once() -> None:
    """Fifteen accounts of one customer are one stranger."""
    uses = show(GROUP, 100) + show(range(20, 35), 100)
    found = users(uses, [GROUP], [[100]], customers=dict.fromkeys(range(20, 35), 20))
    assert found.strangers.tolist() == [1]


def test_no_groups() -> None:
    """Without groups, or own templates, there is nobody to count."""
    assert users(show(GROUP, 100), [], []).members.size == 0
    assert users(show(GROUP, 100), [GROUP], [[]]).strangers.tolist() == [0]


@given(
    st.lists(
        st.tuples(st.integers(0, 29), st.integers(100, 105)), min_size=1, max_size=80, unique=True
    ),
    st.sets(st.integers(100, 105), min_size=1),
)
def test_as_said_in_words(shown: list[tuple[int, int]], own: set[int]) -> None:
    """Most of the templates that most members show, and nothing else, makes a user."""
    own = own & {token for account, token in shown if account in GROUP}
    found = users([(account, token, 1) for account, token in shown], [GROUP], [sorted(own)])
    usual = {t for t in own if sum((a, t) in shown for a in GROUP) >= USUAL_SHARE * len(GROUP)}
    use = {
        account
        for account in range(COUNT)
        if usual and sum((account, t) in shown for t in usual) >= USUAL_SHARE * len(usual)
    }
    assert found.members.tolist() == [len(use & set(GROUP))]
    assert found.strangers.tolist() == [len(use - set(GROUP))]


def test_pairs_of_own_templates() -> None:
    """Only what is the own group's counts, in whatever order the groups' templates stand."""
    uses = [(0, 7, 3), (0, 9, 2), (1, 9, 4), (2, 7, 5), (2, 8, 1), (3, 7, 6)]
    groups = bare_groups(4, [[0, 1], [2]], {"template": hashes(uses)}, own=[[9, 7], [8]])
    found = own_pairs(groups, groups.incidences["template"])
    token = groups.template_token[found.place].tolist()
    rows = zip(found.account.tolist(), token, found.exchanges.tolist(), strict=True)
    assert sorted(rows) == [(0, 7, 3), (0, 9, 2), (1, 9, 4), (2, 8, 1)]


def test_no_own_templates() -> None:
    """Groups without a template of their own have no pairs."""
    groups = bare_groups(4, [[0, 1]], {"template": hashes([(0, 7, 3)])})
    assert own_pairs(groups, groups.incidences["template"]).account.size == 0
