"""Pictures for notebooks show themselves safely, and give their numbers as Arrow tables."""

from __future__ import annotations

from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.report.cases import empty_case, example_case
from tests.report.hostile import HOSTILE, case_with_text
from tests.report.page.pages import outline_of, page_case

from cautery.errors import NoInputError, UsageError
from cautery.records.case import AccountSummary, Case
from cautery.report.notebook import CampaignPicture, CasePicture, WaterfallPicture, open_case
from cautery.report.results import write_results
from cautery.report.sanitise import without_surrogates


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def text_of(html: str) -> str:
    """Read the text of a picture."""
    reader = _Text()
    reader.feed(html.partition("</style>")[2])
    return " ".join("".join(reader.texts).split())


def test_case(tmp_path: Path) -> None:
    """A case shows its sentence and its campaigns, and finds them by name."""
    write_results(example_case(), tmp_path)
    case = open_case(tmp_path)
    shown = text_of(case._repr_html_())
    assert "485 accounts made 72,190 exchanges" in shown
    assert "C-2026-0003" in shown
    assert [group.record.campaign_id for group in case][-1] == "C-2026-0009"
    assert repr(case["C-2026-0002"]) == "<C-2026-0002: reasoning, 64 accounts, very likely>"
    assert repr(case).startswith("<case: Between 3 and 20 October")


def test_campaign_and_waterfall() -> None:
    """A campaign shows why and whom; its waterfall and those of its accounts stand alone."""
    campaign = CasePicture(record=page_case())["C-2026-0001"]
    shown = text_of(campaign._repr_html_())
    for words in ("same prompt templates", "+12.8", "23 accounts, a dot each", "To decide:"):
        assert words in shown
    assert repr(campaign.waterfall) == "<waterfall: +12.8 bits, 99.99 %>"
    assert "are a chance of 99.99 %" in text_of(campaign.waterfall._repr_html_())
    assert "shared payment instrument" in text_of(campaign.account("acct_1_00000")._repr_html_())


def test_arrow() -> None:
    """The tables have the accounts, the members and the weights, with their types."""
    case = CasePicture(record=example_case())
    accounts = case.to_arrow()
    assert accounts.column_names == [field.name for field in fields(AccountSummary)]
    assert accounts["exchanges"].to_pylist() == [212, 213, 214, 215, 216]
    campaign = CampaignPicture(record=page_case().campaigns[0])
    members = campaign.to_arrow()
    assert sum(members["output_tokens"].to_pylist()) == campaign.record.output_tokens
    assert str(members.schema.field("stability").type) == "double"
    weights = campaign.waterfall.to_arrow()
    assert round(sum(weights["bits"].to_pylist()), 1) == campaign.record.bits
    assert WaterfallPicture(weights=()).to_arrow().num_rows == 0


@pytest.mark.parametrize("case", [empty_case(), example_case()], ids=["empty", "example"])
def test_every_element_is_closed(case: Case) -> None:
    """A picture leaves the notebook around it as it was, and its style reaches no further."""
    for picture in (CasePicture(record=case), *CasePicture(record=case)):
        html = picture._repr_html_()
        assert outline_of(html).startswith("div class=cautery\n")
        assert "<script" not in html
        style = html.partition("<style>")[2].partition("</style>")[0]
        assert ":root" not in style
        assert style.startswith(".cautery {")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_inert(text: str) -> None:
    """A notebook runs whatever script it is given: nothing of a log becomes one."""
    case = CasePicture(record=case_with_text(text))
    pictures = [case, *case, *(group.waterfall for group in case)]
    for picture in pictures:
        html = picture._repr_html_()
        assert "<script" not in html
        assert all(line.isprintable() for line in html.splitlines())
        assert repr(picture).isprintable()
    assert case.to_arrow()["account_id"].to_pylist() == [without_surrogates(text)]


def test_errors(tmp_path: Path) -> None:
    """What is not there is said, with what is."""
    case = CasePicture(record=page_case())
    with pytest.raises(UsageError, match="It has: C-2026-0001, C-2026-0002, P-2026-0001"):
        case["C-1"]
    with pytest.raises(UsageError, match="no account 'x'"):
        case["C-2026-0001"].account("x")
    with pytest.raises(NoInputError):
        open_case(tmp_path)
