"""The picture shows every account once, in the frame, and the same way every time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.report.campaigns import campaign
from tests.report.page.pages import linked_campaign

from cautery.report.page.picture import WIDTH, picture_of


@pytest.mark.parametrize("size", [1, 2, 23, 400, 5_000])
def test_every_account_has_its_place(size: int) -> None:
    """All dots are in the frame and drawn, whatever their number."""
    group = linked_campaign(1, size)
    picture = picture_of(group)
    assert picture is not None
    assert len(picture.places) == size
    for x, y in picture.places:
        assert 0 <= x <= WIDTH
        assert 0 <= y <= picture.height
    assert sum(dots.path.count("M") for dots in picture.dots) == size
    assert picture == picture_of(group)


@pytest.mark.parametrize("size", [23, 700])
def test_dots_do_not_cover_each_other(size: int) -> None:
    """No two dots are closer than a dot is wide."""
    picture = picture_of(linked_campaign(1, size))
    assert picture is not None
    for place, (x, y) in enumerate(picture.places):
        for left, top in picture.places[:place]:
            assert (x - left) ** 2 + (y - top) ** 2 >= (1.9 * picture.radius) ** 2


def test_discs_are_those_who_share() -> None:
    """Five on a payment instrument stand in one disc; the last three have their own."""
    picture = picture_of(linked_campaign(1, 23))
    assert picture is not None
    assert (picture.kind, len(picture.discs), picture.tied) == ("payment instrument", 5, 23)
    assert picture.lines.count("M") == 6
    assert picture.others == (("TLS fingerprint", 6),)


def test_accounts_without_links_stand_alone() -> None:
    """Nobody is put into a disc without a link; then nothing is said to tie them."""
    group = linked_campaign(1, 12)
    alone = replace(group, members=tuple(replace(one, links=()) for one in group.members))
    picture = picture_of(alone)
    assert picture is not None
    assert (picture.kind, picture.discs, picture.tied, picture.lines) == ("", (), 0, "")


def test_no_members_no_picture() -> None:
    """A case that names no account of a group has nothing to draw."""
    assert picture_of(campaign(1, members=())) is None


def test_bands_are_told_apart_without_colour() -> None:
    """The surest are full dots, the others rings, those without a band smaller ones."""
    picture = picture_of(linked_campaign(1, 23))
    assert picture is not None
    by_band = {dots.band: dots.path for dots in picture.dots}
    assert "h0" in by_band["very likely"]
    assert "a" not in by_band["very likely"]
    assert "a4.71 " in by_band["watch"]
    assert "a3.16 " in by_band[""]
