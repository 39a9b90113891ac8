"""One campaign or permitted group as the page draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cautery.report.page.picture import Picture, picture_of
from cautery.report.page.waterfall_view import WaterfallView, waterfall_view

if TYPE_CHECKING:
    from cautery.records.campaign import Campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """A group with its drawings."""

    group: Campaign
    number: int
    """Its place on the page, from 1: names of elements are made of it, never of a text."""
    fall: WaterfallView
    picture: Picture | None
    tokens: str
    """Its output tokens, in the unit of the whole table."""


def group_view(group: Campaign, *, number: int, tokens: str) -> GroupView:
    """Make the drawings of a group.

    Args:
        group: A listed campaign or a permitted group.
        number: Its place on the page, from 1.
        tokens: Its output tokens as they are written.

    Returns:
        The view.
    """
    return GroupView(
        group=group,
        number=number,
        fall=waterfall_view(group.weights, group.bits),
        picture=picture_of(group),
        tokens=tokens,
    )
