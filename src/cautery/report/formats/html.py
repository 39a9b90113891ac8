"""``report.html``: one self-contained page for people, which opens offline and prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import TextIO

    from cautery.records.case import Case


class HtmlReport:
    """Writes the page of ``report.page``."""

    name = "html"
    file_name = "report.html"

    def write(self, case: Case, stream: TextIO) -> None:
        """Write the page; the same case gives the same characters.

        Args:
            case: The result of a scan; its list of all accounts is not needed.
            stream: Where to, as UTF-8.
        """
        from cautery.report.page.document import render_page

        stream.write(render_page(case))


MEMBER: Final = HtmlReport()
